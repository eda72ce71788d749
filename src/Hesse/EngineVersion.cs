using System.Reflection;
using System.Runtime.InteropServices;

namespace Hesse;

/// <summary>Which program, on which machine: what a result says about where it comes from.</summary>
public static class EngineVersion
{
    private static readonly string[] Parts = (
        typeof(EngineVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? "0"
    ).Split('+', 2);

    /// <summary>Version of the engine.</summary>
    public static string Number => Parts[0];

    /// <summary>Commit it was built from, when known.</summary>
    public static string? Commit => Parts.Length > 1 ? Parts[1] : null;

    /// <summary>Operating system, runtime and architecture.</summary>
    public static string Platform { get; } =
        $"{RuntimeInformation.OSDescription}; {RuntimeInformation.FrameworkDescription}; {RuntimeInformation.ProcessArchitecture}";

    /// <summary>Model of the processor.</summary>
    public static string Processor { get; } = FindProcessor();

    private static string FindProcessor()
    {
        const string Table = "/proc/cpuinfo";
        string? line = File.Exists(Table)
            ? File.ReadLines(Table).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
