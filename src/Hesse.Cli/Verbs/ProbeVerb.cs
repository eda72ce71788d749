using CommandLine;
using Hesse.Backends;
using Hesse.Networks;
using Hesse.Observables;
using Hesse.Stores;

namespace Hesse.Cli.Verbs;

/// <summary>hesse probe: curvature and noise of the user's own weights.</summary>
[Verb("probe", HelpText = "Measure curvature and gradient noise of your own weights on your own data.")]
internal sealed class ProbeVerb : IVerb
{
    [Option(
        "params",
        Required = true,
        MetaValue = "P.npy",
        HelpText = "Weights, (P) or (R,P), in PyTorch's order: W1 (out x in, row-major), b1, W2, b2, ..."
    )]
    public string Parameters { get; set; } = string.Empty;

    [Option("inputs", Required = true, MetaValue = "X.npy", HelpText = "Inputs, (N,d) or (R,N,d).")]
    public string Inputs { get; set; } = string.Empty;

    [Option(
        "targets",
        Required = true,
        MetaValue = "Y.npy",
        HelpText = "Targets, (N,C) or (R,N,C) floating, or integer classes (N) or (R,N)."
    )]
    public string Targets { get; set; } = string.Empty;

    [Option(
        "widths",
        Required = true,
        MetaValue = "d0,...,dL",
        HelpText = "Widths of the layers: inputs, hidden layers, outputs."
    )]
    public string Widths { get; set; } = string.Empty;

    [Option("activation", Default = "relu", MetaValue = "NAME", HelpText = "Activation of the hidden layers.")]
    public string Activation { get; set; } = string.Empty;

    [Option(
        "loss",
        Required = true,
        MetaValue = "NAME",
        HelpText = "cross-entropy, mse, half-squared-error or logistic."
    )]
    public string Loss { get; set; } = string.Empty;

    [Option(
        "what",
        Required = true,
        MetaValue = "NAMES",
        HelpText = "Quantities, with commas: loss,gradient,hessian-spectrum."
    )]
    public string What { get; set; } = string.Empty;

    [Option("out", Required = true, MetaValue = "DIR", HelpText = "Arrays go to DIR/<quantity>.npy; DIR may exist.")]
    public string Output { get; set; } = string.Empty;

    [Option("vectors", MetaValue = "V.npy", HelpText = "Vectors of the products, (V,P) or (R,V,P).")]
    public string? Vectors { get; set; }

    [Option("precision", Default = "float64", MetaValue = "NAME", HelpText = "float32 or float64.")]
    public string Precision { get; set; } = string.Empty;

    [Option("no-bias", HelpText = "The layers have no biases.")]
    public bool NoBias { get; set; }

    [Option(
        "bias",
        MetaValue = "LIST",
        HelpText = "Whether each layer has a bias: true,false. One value holds for all."
    )]
    public string? Bias { get; set; }

    [Option("backend", Default = "auto", MetaValue = "NAME", HelpText = "auto, reference, cpu or cuda.")]
    public string Backend { get; set; } = string.Empty;

    [Option("threads", MetaValue = "N", HelpText = "Worker threads; default: one a processor.")]
    public int? Threads { get; set; }

    [Option("initial-params", MetaValue = "P0.npy", HelpText = "Initial weights, for distance-from-initialization.")]
    public string? InitialParameters { get; set; }

    [Option("test-inputs", MetaValue = "X.npy", HelpText = "Test inputs, for test-loss and test-accuracy.")]
    public string? TestInputs { get; set; }

    [Option("test-targets", MetaValue = "Y.npy", HelpText = "Test targets.")]
    public string? TestTargets { get; set; }

    [Option("batch", MetaValue = "B", HelpText = "Rows of a mini-batch, for the quantities of mini-batches.")]
    public int? Batch { get; set; }

    [Option(
        "set",
        MetaValue = "KEY=VALUE",
        HelpText = "An option of a quantity: --set top-eigenvalues.k=3. May be repeated."
    )]
    public string? Set { get; set; }

    [Option("quiet", HelpText = "No list of the files written.")]
    public bool Quiet { get; set; }

    [Option("debug", HelpText = "Show stack traces.")]
    public bool Debug { get; set; }

    public ExitCode Execute(IReadOnlyList<string> args, Messages messages)
    {
        string[] what = What.Split(',', StringSplitOptions.TrimEntries);
        ProbeFiles files = new()
        {
            Parameters = Parameters,
            Inputs = Inputs,
            Targets = Targets,
            TestInputs = TestInputs,
            TestTargets = TestTargets,
            Vectors = Vectors,
            InitialParameters = InitialParameters,
        };
        if (TestInputs is null != TestTargets is null)
        {
            throw new HesseException(ExitCode.Usage, "--test-inputs and --test-targets belong together");
        }

        Probe.Check(what, files);
        IReadOnlyDictionary<string, Dictionary<string, string>> options = ProbeOptions.Read(
            SpecOverrides.Assignments(Set),
            what
        );
        Precision precision = OptionValue.Choice<Precision>("precision", Precision);
        Network network = CreateNetwork();
        ProbeInputs inputs = ProbeInputs.Load(network, files);
        int threads = SpecOverrides.ThreadCount(Threads);
        using StopSignals signals = new(stopAfter: null);
        using IBackend backend = BackendSelector.Open(Backend, threads > 0 ? threads : Environment.ProcessorCount);
        try
        {
            foreach (
                (string path, IReadOnlyList<long> shape) in Probe.Run(
                    backend,
                    inputs,
                    what,
                    precision,
                    options,
                    Batch,
                    Output,
                    signals.Token
                )
            )
            {
                if (!Quiet)
                {
                    messages.Output.WriteLine(Messages.Printable($"{path} {NpyHeader.Format(shape)}"));
                }
            }
        }
        catch (OperationCanceledException cause)
        {
            throw new HesseException(ExitCode.Stopped, "stopped early; the same command starts again", cause);
        }

        return ExitCode.Ok;
    }

    // What makes no net here was written on the command line.
    private Network CreateNetwork()
    {
        int[] widths = OptionValue.Integers("--widths", Widths);
        Activation activation = OptionValue.Choice<Activation>("activation", Activation);
        Loss loss = OptionValue.Choice<Loss>("loss", Loss);
        try
        {
            return new Network(widths, Biases(), activation, loss);
        }
        catch (HesseException fault) when (fault.Code == ExitCode.BadData)
        {
            throw new HesseException(ExitCode.Usage, $"--widths {Widths}: {fault.Message}", fault);
        }
    }

    private bool[] Biases() =>
        (NoBias, Bias) switch
        {
            (true, not null) => throw new HesseException(ExitCode.Usage, "--no-bias and --bias exclude each other"),
            (true, null) => [false],
            (false, null) => [true],
            (false, { } list) => OptionValue.Booleans("--bias", list),
        };
}
