using System.Globalization;

namespace Hesse.Tests.Faults;

/// <summary>
/// How often faults are injected: all times when HESSE_FAULTS=all (`dotnet cake --target=Faults`), else a tenth. What was survived
/// goes to the table that HESSE_FAULT_TABLE names.
/// </summary>
internal static class Repetitions
{
    private static readonly Lock Writing = new();

    private static bool Night => Environment.GetEnvironmentVariable("HESSE_FAULTS") == "night";

    private static bool All => Environment.GetEnvironmentVariable("HESSE_FAULTS") == "all";

    /// <summary>All of them, or a tenth.</summary>
    public static int Of(int all) => All ? all : Math.Max(1, all / 10);

    /// <summary>Of generated texts: ten times all of them when HESSE_FAULTS=night (`dotnet cake --target=Fuzz`).</summary>
    public static int OfTexts(int all) => Night ? 10 * all : Of(all);

    /// <summary>1 when every place is tried, else 10.</summary>
    public static int Stride => All ? 1 : 10;

    /// <summary>Adds a line to the table of the long run.</summary>
    /// <param name="number">F01, ...</param>
    /// <param name="what">What was injected and survived.</param>
    /// <param name="count">How often.</param>
    public static void Report(string number, string what, long count)
    {
        if (Environment.GetEnvironmentVariable("HESSE_FAULT_TABLE") is { Length: > 0 } table)
        {
            lock (Writing)
            {
                File.AppendAllText(table, string.Create(CultureInfo.InvariantCulture, $"{number}\t{what}\t{count}\n"));
            }
        }
    }
}
