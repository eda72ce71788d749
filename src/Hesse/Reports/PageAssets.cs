using System.Reflection;
using System.Text;

namespace Hesse.Reports;

/// <summary>What the build put into this assembly for the page: its style and scripts, and the chart libraries with their licences.</summary>
internal static class PageAssets
{
    private const string Prefix = "Hesse.Reports.Page.";
    private const string LicencePrefix = Prefix + "Licences.";

    private static readonly Assembly Assembly = typeof(PageAssets).Assembly;

    /// <summary>Style of the page.</summary>
    public static string Style => Read(Prefix + "report.css")!;

    /// <summary>Draws the figures.</summary>
    public static string Script => Read(Prefix + "report.js")!;

    /// <summary>Follows a run.</summary>
    public static string WatchScript => Read(Prefix + "watch.js")!;

    /// <summary>The chart libraries in the order in which they are to run; null when the build had no Node.js.</summary>
    public static IReadOnlyList<string>? Libraries
    {
        get
        {
            string[] libraries =
            [
                .. ((string[])["vega.min.js", "vega-lite.min.js", "vega-embed.min.js"])
                    .Select(name => Read(Prefix + name))
                    .OfType<string>(),
            ];
            return libraries.Length == 3 ? libraries : null;
        }
    }

    /// <summary>What is missing, and how to get it.</summary>
    public const string Missing =
        "this build of hesse has no charts: the libraries vega, vega-lite and vega-embed come from npm when it is built; "
        + "install Node.js with npm and build again (the tables of the figures are written all the same)";

    /// <summary>Licences of everything that the libraries contain: text, and the packages under it.</summary>
    public static IReadOnlyList<(string Packages, string Text)> Licences() =>
        [
            .. Assembly
                .GetManifestResourceNames()
                .Where(name => name.StartsWith(LicencePrefix, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .GroupBy(name => Read(name)!.ReplaceLineEndings("\n").Trim(), StringComparer.Ordinal)
                .Select(group => (string.Join(", ", group.Select(name => name[LicencePrefix.Length..])), group.Key)),
        ];

    private static string? Read(string name)
    {
        using Stream? stream = Assembly.GetManifestResourceStream(name);
        if (stream is null)
        {
            return null;
        }

        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
