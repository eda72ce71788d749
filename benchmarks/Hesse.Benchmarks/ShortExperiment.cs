using System.Text;
using Hesse.Specs;

namespace Hesse.Benchmarks;

/// <summary>An experiment that a measurement plans and runs.</summary>
/// <param name="Name">What the tables call it.</param>
/// <param name="Replicas">R</param>
/// <param name="Data">Section data, without braces.</param>
/// <param name="Network">Section network.</param>
/// <param name="Training">Section training.</param>
/// <param name="Observe">Section observe.</param>
internal sealed record ShortExperiment(
    string Name,
    int Replicas,
    string Data,
    string Network,
    string Training,
    string Observe
)
{
    /// <summary>Key loss.</summary>
    public string Loss { get; init; } = "cross-entropy";

    /// <summary>As a user would write it.</summary>
    public string Text =>
        $$"""
            version: 1
            name: short
            replicas: {{Replicas}}
            data: {kind: gauss, {{Data}}}
            network: { {{Network}} }
            loss: {{Loss}}
            training: { {{Training}} }
            observe: [{{Observe}}]
            """;

    /// <summary>The same, read.</summary>
    public Spec Spec => SpecReader.Parse(Encoding.UTF8.GetBytes(Text), SpecFormat.Yaml, "short.yaml", ".");

    /// <summary>All of them, or those that are named.</summary>
    /// <exception cref="UnknownWordException">None is called like that.</exception>
    public static IEnumerable<ShortExperiment> Chosen(ShortExperiment[] all, IReadOnlyList<string> names)
    {
        ShortWords.Require(names, all.Select(one => one.Name));
        return all.Where(one => names.Count == 0 || names.Contains(one.Name, StringComparer.Ordinal));
    }

    /// <summary>Gives a new folder to something and takes it away afterwards.</summary>
    public static T InFolder<T>(Func<string, T> work)
    {
        string folder = Directory.CreateTempSubdirectory("hesse-short-").FullName;
        try
        {
            return work(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
