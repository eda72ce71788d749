using System.Text;
using System.Text.RegularExpressions;

namespace Hesse.Backends.Cuda;

/// <summary>
/// A program for NVRTC: definitions of a net's shape, and kernel files of native/kernels (embedded in this assembly) with what they
/// include, each once. One text, so that its hash stands for everything that is compiled.
/// </summary>
internal sealed partial class KernelProgram
{
    /// <summary>Puts a program together.</summary>
    /// <param name="definitions">Names and values of macros, in order.</param>
    /// <param name="files">Names of kernel files, such as training.cu.</param>
    public KernelProgram(IEnumerable<(string Name, string Value)> definitions, params string[] files)
    {
        StringBuilder text = new();
        foreach ((string name, string value) in definitions)
        {
            text.Append($"#define {name} {value}\n");
        }

        HashSet<string> included = new(StringComparer.Ordinal);
        foreach (string file in files)
        {
            Append(text, file, included);
        }

        Name = files[0];
        Source = text.ToString();
    }

    /// <summary>The first of its files.</summary>
    public string Name { get; }

    /// <summary>The whole text.</summary>
    public string Source { get; }

    /// <summary>All kernel files.</summary>
    internal static IEnumerable<string> Files =>
        typeof(KernelProgram)
            .Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..]);

    private const string Prefix = "kernels/";

    private static void Append(StringBuilder text, string file, HashSet<string> included)
    {
        if (!included.Add(file))
        {
            return;
        }

        using Stream stream =
            typeof(KernelProgram).Assembly.GetManifestResourceStream(Prefix + file)
            ?? throw new InvalidOperationException($"kernel file {file} is not embedded");
        using StreamReader reader = new(stream);
        text.Append($"#line 1 \"{file}\"\n");
        for (int number = 1; reader.ReadLine() is { } line; number++)
        {
            if (Include().Match(line) is { Success: true } match)
            {
                Append(text, match.Groups["file"].Value, included);
                text.Append($"#line {number + 1} \"{file}\"\n");
            }
            else
            {
                text.Append(line).Append('\n');
            }
        }
    }

    [GeneratedRegex("^#include \"(?<file>[a-z_]+\\.cuh)\"$", RegexOptions.ExplicitCapture)]
    private static partial Regex Include();
}
