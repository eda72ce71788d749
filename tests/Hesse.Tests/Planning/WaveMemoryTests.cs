using System.Text;
using Hesse.Backends.Cpu;
using Hesse.Planning;
using Hesse.Specs;

namespace Hesse.Tests.Planning;

/// <summary>No test beside these: what they look at is the process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class WholeProcess
{
    /// <summary>Its name.</summary>
    public const string Name = "whole process";
}

/// <summary>The memory that a wave is planned to take against the arrays that its run holds at most.</summary>
[Collection(WholeProcess.Name)]
public sealed class WaveMemoryTests
{
    // What hesse plan promises. The plan counts arrays and leaves out objects of some hundred bytes; code that is not optimised yet keeps
    // an array until its method returns.
    private const double Tolerance = 0.10;

    private const string Sgd = "optimizer: {kind: sgd, step-size: 0.05}, batch: {size: 50, order: epochs}, steps: 2";

    private const string Gauss = "classes: 10, dimension: 50, samples: 100";

    // An operation of the backend, after which the test looks; it takes next to nothing itself.
    private const string Norms = "{quantity: per-sample-gradient-norms, at: [2]}";

    [Theory]
    [InlineData("in lanes", 1024, Gauss, "hidden: [30, 30]", Sgd, Norms)]
    [InlineData("in lanes, double", 256, Gauss, "hidden: [30, 30], precision: float64", Sgd, Norms)]
    [InlineData(
        "one at a time",
        32,
        "classes: 10, dimension: 784, samples: 100",
        "hidden: [128]",
        "optimizer: {kind: adam, step-size: 0.001}, batch: {size: 50, order: epochs}, steps: 2",
        Norms
    )]
    [InlineData(
        "samples of their own",
        128,
        "classes: 2, dimension: 50, samples: 500, per-replica: true",
        "hidden: [10]",
        Sgd,
        Norms
    )]
    [InlineData("matrices", 8, Gauss, "hidden: [10, 10]", Sgd, "{quantity: hessian, at: [2]}")]
    [InlineData("spectra", 4, Gauss, "hidden: [20, 20]", Sgd, "{quantity: hessian-spectrum, at: [2]}")]
    [InlineData(
        "spectra and moments",
        16,
        Gauss,
        "hidden: [10, 10]",
        Sgd,
        "{quantity: hessian-spectrum, at: [1]}, {quantity: second-moment-spectrum, at: [2]}"
    )]
    [InlineData("residual spectra", 4, Gauss, "hidden: [10, 10]", Sgd, "{quantity: residual-spectrum, at: [2]}")]
    [InlineData("spectra of layers", 4, Gauss, "hidden: [10, 10]", Sgd, "{quantity: layer-spectra, at: [2]}")]
    [InlineData("sharpness", 8, Gauss, "hidden: [8]", Sgd, "{quantity: sharpness, at: [2]}")]
    [InlineData(
        "Lanczos",
        8,
        "classes: 10, dimension: 100, samples: 100",
        "hidden: [100]",
        Sgd,
        "{quantity: top-eigenvalues, k: 8, method: lanczos, tolerance: 1e-12, at: [2]}"
    )]
    [InlineData("spectral densities", 8, Gauss, "hidden: [100, 100]", Sgd, "{quantity: spectral-density, at: [2]}")]
    [InlineData("loss increments", 32, Gauss, "hidden: [10, 10]", Sgd, "{quantity: loss-increment, at: [0, 1]}")]
    [InlineData("traces", 32, Gauss, "hidden: [30, 30]", Sgd, "{quantity: trace, method: hutch++, at: [2]}")]
    public void A_wave_takes_what_is_planned(
        string name,
        int replicas,
        string data,
        string network,
        string training,
        string observe
    )
    {
        string precision = network.Contains("float64", StringComparison.Ordinal) ? "precision: float64" : "";
        string text = $$"""
            version: 1
            name: memory
            replicas: {{replicas}}
            {{precision}}
            data: {kind: gauss, {{data}}}
            network: { {{network.Split(", precision")[0]}} }
            loss: cross-entropy
            training: { {{training}} }
            observe: [{{observe}}]
            """;
        Spec spec = SpecReader.Parse(Encoding.UTF8.GetBytes(text), SpecFormat.Yaml, "memory.yaml", ".");
        using TemporaryFolder folder = new();
        // What a device would have the processor keep for it is planned too, where there is one.
        RunOptions options = new()
        {
            Output = folder.Root,
            Threads = 1,
            Backend = "cpu",
        };
        Plan plan = Plan.Of(spec, options);
        using CpuBackend cpu = new(1);
        int wave = plan.WaveOf(plan.Settings[0], cpu);
        wave.ShouldBe(replicas, name);
        long planned = plan.Settings[0].Memory.BytesFor(wave);

        // Of three runs the middle one: what other tests left behind may go at any moment, and looks like less or more held.
        long[] held = new long[3];
        for (int run = 0; run < held.Length; run++)
        {
            using WatchedBackend watched = new();
            Experiment.Run(spec, options with { Output = folder.PathOf($"{run}"), OwnBackend = watched });
            held[run] = watched.Most();
        }

        Array.Sort(held);
        (planned / (double)held[1]).ShouldBe(
            1,
            Tolerance,
            $"{name}: {planned} planned, {string.Join(", ", held)} held"
        );
    }
}
