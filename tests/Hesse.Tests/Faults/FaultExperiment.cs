using System.Diagnostics;
using System.Text;
using Hesse.Planning;
using Hesse.Specs;
using Hesse.Stores;
using Hesse.Tests.Stores;

namespace Hesse.Tests.Faults;

/// <summary>A small experiment with its undisturbed result, run in this process or in one of its own.</summary>
internal sealed class FaultExperiment : IDisposable
{
    /// <summary>Some milliseconds of work; a few checkpoints when one is due at every pause.</summary>
    public const string Quick = """
        version: 1
        name: small
        seed: 3
        replicas: 20
        data: {kind: gauss, classes: 2, dimension: 3, samples: 8}
        network: {hidden: [2]}
        loss: cross-entropy
        training: {optimizer: {kind: momentum, step-size: 0.1, momentum: 0.9}, batch: {size: 4, order: epochs}, steps: 6}
        observe: [{quantity: loss, every: 2}, {quantity: hessian-spectrum, at: [1, 6]}]
        """;

    /// <summary>Four chunks, about a second of work.</summary>
    public const string Long = """
        version: 1
        name: small
        seed: 3
        replicas: 800
        data: {kind: gauss, classes: 2, dimension: 3, samples: 8}
        network: {hidden: [4]}
        loss: cross-entropy
        training: {optimizer: {kind: adam, step-size: 0.01}, batch: {size: 4, order: epochs}, steps: 3000}
        observe: [{quantity: loss, every: 500}, {quantity: hessian-spectrum, at: [10, 3000]}]
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly string _spec;

    public FaultExperiment(string text)
    {
        Text = text;
        _spec = _folder.Write("spec.yaml", Encoding.UTF8.GetBytes(text));
        Run("sound");
    }

    public string Text { get; }

    public string SpecPath => _spec;

    public string PathOf(string name) => _folder.PathOf(name);

    public string Root(string output) => Path.Combine(_folder.PathOf(output), "small");

    public ResultPaths Paths(string output) => new(Root(output), Shard.Whole);

    public void Dispose() => _folder.Dispose();

    /// <summary>Runs here; a checkpoint is due at every pause.</summary>
    public RunReport Run(
        string output,
        IFiles? files = null,
        TimeProvider? clock = null,
        CancellationToken stop = default
    ) =>
        Experiment.Run(
            SpecReader.Read(_spec, []),
            new RunOptions
            {
                Output = _folder.PathOf(output),
                Threads = 1,
                Files = files ?? DiskFiles.Instance,
                CheckpointEvery = files is null ? RunOptions.DefaultCheckpointEvery : TimeSpan.Zero,
                Clock = clock ?? TimeProvider.System,
            },
            stop: stop
        );

    /// <summary>Whether the result is sound, byte for byte that of the undisturbed run, and nothing temporary is left.</summary>
    public void ShouldBeIdentical(string output, string because = "")
    {
        Verification.Run(DiskFiles.Instance, Paths(output)).Findings.ShouldBeEmpty(because);
        Directory.GetFileSystemEntries(Path.Combine(Root(output), "tmp")).ShouldBeEmpty(because);
        foreach (string folder in new[] { "arrays", "chunks" })
        {
            SortedDictionary<string, byte[]> sound = SmallResult.Snapshot(Path.Combine(Root("sound"), folder));
            SortedDictionary<string, byte[]> other = SmallResult.Snapshot(Path.Combine(Root(output), folder));
            other.Keys.ShouldBe(sound.Keys, because);
            foreach (string name in sound.Keys)
            {
                other[name].AsSpan().SequenceEqual(sound[name]).ShouldBeTrue($"{because} {name}");
            }
        }
    }

    /// <summary>Starts `hesse run` of this experiment as a process of its own.</summary>
    public Process Start(string output, params string[] more) =>
        HesseProcess.Start(["run", _spec, "--out", _folder.PathOf(output), "--threads", "1", .. more]);
}
