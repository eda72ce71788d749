using System.Globalization;
using System.Text;
using Hesse.Planning;
using Hesse.Reports;
using Hesse.Specs;
using Hesse.Stores;

namespace Hesse.Tests.Reports;

/// <summary>A small experiment that was really run, its report, and its tables as they lie on the disk.</summary>
internal sealed class SmallReport : IDisposable
{
    public const int Replicas = 21;

    private const string Spec = """
        version: 1
        name: small
        seed: 3
        replicas: 21
        data: {kind: gauss, classes: 3, dimension: 4, samples: 12, mean-scale: 1.0, noise-scale: 1.0}
        network: {hidden: [4], activation: tanh}
        loss: mse
        training: {optimizer: {kind: momentum, step-size: 0.05, momentum: 0.5}, batch: {size: 4, order: epochs}, steps: 12}
        observe:
          - {quantity: loss, every: 1}
          - {quantity: trace, at: [12]}
          - {quantity: sharpness, every: 4}
          - {quantity: top-eigenvalues, k: 2, smallest: 1, every: 6}
          - {quantity: hessian-spectrum, at: [0, 12]}
          - {quantity: second-moment-spectrum, at: [12]}
          - {quantity: principal-angles, k: 3, at: [12]}
          - {quantity: spectral-density, probes: 2, iterations: 8, at: [12]}
        statistics: {quantiles: [0.1, 0.5, 0.9]}
        """;

    /// <summary>A spec for pretended results.</summary>
    public const string MinimalSpec = """
        {"version":1,"name":"small","data":{"kind":"gauss"},"network":{"hidden":[]},"loss":"mse",
        "training":{"optimizer":{"kind":"sgd","step-size":0.1},"batch":{"order":"full"},"steps":2}}
        """;

    private readonly TemporaryFolder _folder = new();

    /// <summary>Runs it.</summary>
    /// <param name="sweep">Lines that are added to the spec.</param>
    public SmallReport(string sweep = "")
    {
        Spec spec = SpecReader.Parse(Encoding.UTF8.GetBytes($"{Spec}\n{sweep}\n"), SpecFormat.Yaml, "small.yaml", "/");
        Experiment.Run(
            spec,
            new RunOptions
            {
                Output = Folder,
                Threads = 2,
                CommandLine = ["hesse", "run", "</script><img src=x onerror=alert(1)>"],
            }
        );
        Files = Report.Write(Folder)[0];
    }

    public string Folder => _folder.PathOf("out");

    public ReportFiles Files { get; }

    public string Page => File.ReadAllText(Files.Page);

    public void Dispose() => _folder.Dispose();

    /// <summary>An array of the setting, flat.</summary>
    public double[] Array(string name, string slug = "") =>
        NpyFile.Read(Path.Combine(Folder, "small", slug, "arrays", name + ".npy")).ToDoubles();

    /// <summary>A table: one dictionary a row.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Table(string name, string slug = "") =>
        Rows(Path.Combine(Folder, "small", slug, "figures", name + ".csv"));

    /// <summary>A .csv file: one dictionary a row; a quoted cell may hold commas.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, string>> Rows(string file)
    {
        string[] lines = File.ReadAllLines(file);
        string[] columns = lines[0].Split(',');
        return
        [
            .. lines
                .Skip(1)
                .Select(line =>
                    line.Split('"')
                        .SelectMany((piece, i) => i % 2 == 1 ? [piece] : piece.Trim(',').Split(','))
                        .Where((cell, i) => i > 0 || cell.Length > 0)
                        .Select((cell, i) => (cell, i))
                        .ToDictionary(pair => columns[pair.i], pair => pair.cell)
                ),
        ];
    }

    public static double Number(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);

    /// <summary>NumPy's default quantile of values in any order, written a second time.</summary>
    public static double Quantile(IEnumerable<double> values, double level)
    {
        double[] sorted = [.. values.Order()];
        double position = level * (sorted.Length - 1);
        int low = (int)position;
        return low + 1 < sorted.Length
            ? sorted[low] + ((position - low) * (sorted[low + 1] - sorted[low]))
            : sorted[low];
    }
}
