using CommandLine;
using Hesse.Backends;
using Hesse.Networks;
using Hesse.Observables;
using Hesse.Stores;

namespace Hesse.Cli.Verbs;

/// <summary>hesse probe: curvature and noise of the user's own weights.</summary>
[Verb("probe", HelpText = "Measure curvature and gradient noise of your own weights on your own data.")]
[Examples(
    "hesse probe --params net.safetensors --inputs X.npy --targets Y.npy --widths 50,10,10 --activation relu --loss cross-entropy --what hessian-spectrum --out curvature",
    "the spectrum of a net of your own",
    "hesse probe --run results/gauss-10 --replicas 0-99 --step 60 --what sharpness,noise-scale",
    "what a stored run did not observe"
)]
internal sealed class ProbeVerb : IVerb
{
    [Option(
        "params",
        MetaValue = "P.npy",
        HelpText = "Weights, (P) or (R,P), in PyTorch's order: W1 (out x in, row-major), b1, W2, b2, ...; or .safetensors with the layers' weight and bias by name."
    )]
    public string? Parameters { get; set; }

    [Option("inputs", MetaValue = "X.npy", HelpText = "Inputs, (N,d) or (R,N,d).")]
    public string? Inputs { get; set; }

    [Option(
        "targets",
        MetaValue = "Y.npy",
        HelpText = "Targets, (N,C) or (R,N,C) floating, or integer classes (N) or (R,N)."
    )]
    public string? Targets { get; set; }

    [Option("widths", MetaValue = "d0,...,dL", HelpText = "Widths of the layers: inputs, hidden layers, outputs.")]
    public string? Widths { get; set; }

    [Option("activation", Default = "relu", MetaValue = "NAME", HelpText = "Activation of the hidden layers.")]
    public string Activation { get; set; } = string.Empty;

    [Option("loss", MetaValue = "NAME", HelpText = "cross-entropy, mse, half-squared-error or logistic.")]
    public string? Loss { get; set; }

    [Option(
        "what",
        Required = true,
        MetaValue = "NAMES",
        HelpText = "Quantities, with commas: loss,gradient,hessian-spectrum."
    )]
    public string What { get; set; } = string.Empty;

    [Option("out", MetaValue = "DIR", HelpText = "Arrays go to DIR/<quantity>.npy; DIR may exist.")]
    public string? Output { get; set; }

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

    [Option(
        "initial-params",
        MetaValue = "P0.npy",
        HelpText = "Initial weights, for distance-from-initialization and pac-bayes-bound."
    )]
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

    [Option("run", MetaValue = "DIR", HelpText = "Measure replicas of a stored run instead of weights of your own.")]
    public string? Run { get; set; }

    [Option("replicas", MetaValue = "A-B", HelpText = "With --run: these replicas; default: all.")]
    public string? Replicas { get; set; }

    [Option("step", MetaValue = "T", HelpText = "With --run: at this step; default: the last.")]
    public int? Step { get; set; }

    public ExitCode Execute(IReadOnlyList<string> args, Messages messages)
    {
        if (Run is not null)
        {
            return ExecuteRun(args, messages);
        }

        RequireOwn();
        string[] what = What.Split(',', StringSplitOptions.TrimEntries);
        ProbeFiles files = new()
        {
            Parameters = Parameters!,
            Inputs = Inputs!,
            Targets = Targets!,
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
        using IBackend backend = BackendSelector.Open(Backend, threads > 0 ? threads : Environment.ProcessorCount);
        return List(messages, stop => Probe.Run(backend, inputs, what, precision, options, Batch, Output!, stop));
    }

    private ExitCode ExecuteRun(IReadOnlyList<string> args, Messages messages)
    {
        (string Name, object? Value)[] own =
        [
            ("params", Parameters),
            ("inputs", Inputs),
            ("targets", Targets),
            ("widths", Widths),
            ("loss", Loss),
            ("vectors", Vectors),
            ("initial-params", InitialParameters),
            ("test-inputs", TestInputs),
            ("test-targets", TestTargets),
            ("bias", Bias),
        ];
        if (own.FirstOrDefault(option => option.Value is not null) is { Name: { } name })
        {
            throw new HesseException(ExitCode.Usage, $"--run and --{name} exclude each other");
        }

        string[] what = What.Split(',', StringSplitOptions.TrimEntries);
        string[] names = [.. QuantityCatalogue.All.Select(quantity => quantity.Name)];
        if (what.FirstOrDefault(one => !names.Contains(one, StringComparer.Ordinal)) is { } unknown)
        {
            throw new HesseException(ExitCode.Usage, Specs.NearestName.Unknown("quantity", unknown, names));
        }

        (int First, int Last)? range = Replicas is null ? null : OptionValue.Range("--replicas", Replicas);
        RunProbeRequest request = new()
        {
            Run = Run!,
            First = range?.First,
            Last = range?.Last,
            Step = Step,
            What = [.. what.Distinct(StringComparer.Ordinal)],
            Options = ProbeOptions.Read(SpecOverrides.Assignments(Set), what),
        };
        Planning.RunOptions options = new()
        {
            Backend = Backend,
            Threads = SpecOverrides.ThreadCount(Threads),
            CommandLine = ["hesse", .. args],
        };
        return List(messages, stop => RunProbe.Run(request, Output ?? "probe", options, stop));
    }

    /// <summary>Does it until a signal, and lists the files.</summary>
    private ExitCode List(
        Messages messages,
        Func<CancellationToken, IReadOnlyList<KeyValuePair<string, IReadOnlyList<long>>>> measure
    )
    {
        using StopSignals signals = new(stopAfter: null);
        foreach ((string path, IReadOnlyList<long> shape) in signals.Run(() => measure(signals.Token)))
        {
            if (!Quiet)
            {
                messages.Output.WriteLine(Messages.Printable($"{path} {NpyHeader.Format(shape)}"));
            }
        }

        return ExitCode.Ok;
    }

    /// <summary>What own weights need; --run needs none of it.</summary>
    private void RequireOwn()
    {
        (string Name, object? Value)[] needed =
        [
            ("params", Parameters),
            ("inputs", Inputs),
            ("targets", Targets),
            ("widths", Widths),
            ("loss", Loss),
            ("out", Output),
        ];
        if (needed.FirstOrDefault(option => option.Value is null) is { Name: { } missing })
        {
            throw new HesseException(ExitCode.Usage, $"--{missing} is missing; see hesse probe --help");
        }

        if (Replicas is not null || Step is not null)
        {
            throw new HesseException(ExitCode.Usage, "--replicas and --step belong to --run");
        }
    }

    // What makes no net here was written on the command line.
    private Network CreateNetwork()
    {
        int[] widths = OptionValue.Integers("--widths", Widths!);
        Activation activation = OptionValue.Choice<Activation>("activation", Activation);
        Loss loss = OptionValue.Choice<Loss>("loss", Loss!);
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
