using CommandLine;
using Hesse.Planning;
using Hesse.Reports;
using Hesse.Specs;
using Hesse.Stores;

namespace Hesse.Cli.Verbs;

/// <summary>hesse run: computes what is missing of an experiment.</summary>
[Verb("run", HelpText = "Train and observe an experiment; the same command again resumes it.")]
[Examples(
    "hesse run experiments/gauss-10.yaml --replicas 64",
    "64 replicas into results/gauss-10; the same command again resumes",
    "hesse run my.yaml --set training.batch.size=50 --out trials",
    "a key of the spec changed, results elsewhere",
    "hesse run my.yaml --backend cuda --devices 0,1 --stop-after 3h50m",
    "two cards, stopped before the scheduler does it"
)]
internal sealed class RunVerb : IVerb
{
    [Value(0, MetaName = "SPEC", Required = true, HelpText = "The experiment: a .yaml, .yml or .json file.")]
    public string Spec { get; set; } = string.Empty;

    [Option("out", Default = "results", MetaValue = "DIR", HelpText = "Results go to DIR/<name>/.")]
    public string Output { get; set; } = string.Empty;

    [Option("replicas", MetaValue = "N", HelpText = "Instead of the spec's replicas.")]
    public string? Replicas { get; set; }

    [Option("seed", MetaValue = "S", HelpText = "Instead of the spec's seed.")]
    public string? Seed { get; set; }

    [Option(
        "set",
        MetaValue = "KEY=VALUE",
        HelpText = "Any key of the spec, dotted: --set training.batch.size=50. May be repeated."
    )]
    public string? Set { get; set; }

    [Option("backend", Default = "auto", MetaValue = "NAME", HelpText = "auto, reference, cpu or cuda.")]
    public string Backend { get; set; } = string.Empty;

    [Option("devices", MetaValue = "LIST", HelpText = "Numbers of the CUDA devices to use, such as 0,1; default: 0.")]
    public string? Devices { get; set; }

    [Option("threads", MetaValue = "N", HelpText = "Worker threads; default: one a processor.")]
    public int? Threads { get; set; }

    [Option(
        "memory",
        MetaValue = "LIMIT",
        HelpText = "Memory for waves, such as 4G; default: three quarters of what there is, at most 3G."
    )]
    public string? Memory { get; set; }

    [Option(
        "shard",
        MetaValue = "I/N",
        HelpText = "Compute every N-th block of 256 replicas, from block I on; join with hesse merge."
    )]
    public string? Shard { get; set; }

    [Option("stop-after", MetaValue = "DURATION", HelpText = "Stop after this time, such as 3h50m, with exit code 75.")]
    public string? StopAfter { get; set; }

    [Option(
        "requeue-exit-code",
        Default = (int)ExitCode.Stopped,
        MetaValue = "N",
        HelpText = "Exit code of a run that stopped early, for schedulers that requeue on another one."
    )]
    public int RequeueExitCode { get; set; }

    [Option("repair", HelpText = "Read every stored byte and compute again what is damaged.")]
    public bool Repair { get; set; }

    [Option("retry-failed", HelpText = "Try chunks again that were left out because the device kept failing.")]
    public bool RetryFailed { get; set; }

    [Option("break-lock", HelpText = "A process on another machine that left the folder locked has ended.")]
    public bool BreakLock { get; set; }

    [Option(
        "checkpoint-every",
        MetaValue = "DURATION",
        HelpText = "Save a chunk in work this often, default 10m: what a killed run loses at most."
    )]
    public string? CheckpointEvery { get; set; }

    [Option("force", HelpText = "Compute everything again.")]
    public bool Force { get; set; }

    [Option("strict", HelpText = "Exit code 3 when every replica of a setting diverged.")]
    public bool Strict { get; set; }

    [Option("live", HelpText = "Serve the report of finished chunks on this machine while the run goes on.")]
    public bool Live { get; set; }

    [Option(
        "audit",
        MetaValue = "PERCENT",
        HelpText = "Compute this share of the replicas again and compare every bit; exit code 3 when one differs."
    )]
    public double? Audit { get; set; }

    [Option("quiet", HelpText = "No progress and no summary.")]
    public bool Quiet { get; set; }

    [Option("color", Default = "auto", MetaValue = "WHEN", HelpText = "auto, always or never.")]
    public string Color { get; set; } = string.Empty;

    [Option("debug", HelpText = "Show stack traces.")]
    public bool Debug { get; set; }

    public ExitCode Execute(IReadOnlyList<string> args, Messages messages)
    {
        Words.RequireColor(Color);
        if (Audit is <= 0 or > 100 or double.NaN)
        {
            throw new HesseException(ExitCode.Usage, $"--audit {Audit}: write a number above 0, at most 100");
        }

        if (RequeueExitCode is < 1 or > 255)
        {
            throw new HesseException(
                ExitCode.Usage,
                $"--requeue-exit-code {RequeueExitCode}: write a number from 1 to 255"
            );
        }

        if (Environment.ProcessorCount > 1)
        {
            // A run writes records soon: types that this takes are loaded while this thread reads and plans.
            new Thread(StoreFormat.Prepare) { IsBackground = true }.Start();
        }

        Spec spec = SpecReader.Read(Spec, SpecOverrides.Of(Replicas, Seed, Set));
        List<string> notices = [];
        RunOptions options = new()
        {
            Output = Output,
            Backend = Backend,
            Devices = Devices is null ? null : OptionValue.Devices(Devices),
            Notice = Quiet ? null : notices.Add,
            Threads = SpecOverrides.ThreadCount(Threads),
            Memory = Memory is null ? 0 : OptionValue.Bytes("--memory", Memory),
            Shard = Shard is null ? Planning.Shard.Whole : OptionValue.Shard(Shard),
            Force = Force,
            Repair = Repair,
            AuditPercent = Audit ?? 0,
            CheckpointEvery = CheckpointEvery is null
                ? RunOptions.DefaultCheckpointEvery
                : OptionValue.Duration("--checkpoint-every", CheckpointEvery),
            RetryFailed = RetryFailed,
            BreakLock = BreakLock,
            CommandLine = ["hesse", .. args],
        };
        using StopSignals signals = new(StopAfter is null ? null : OptionValue.Duration("--stop-after", StopAfter));
        using LiveReport? live = Live ? new LiveReport(Path.Combine(Output, spec.Name)) : null;
        if (live is not null)
        {
            messages.Error.WriteLine($"hesse: {live.Address} shows finished chunks while the run goes on");
        }

        RunReport report;
        try
        {
            report = new ProgressDisplay(messages, spec.Name, Color, Quiet).Run(progress =>
                signals.Run(() => Experiment.Run(spec, options, observers: null, progress, signals.Token))
            );
        }
        catch (HesseException stopped) when (stopped.Code == ExitCode.Stopped)
        {
            throw new HesseException((ExitCode)RequeueExitCode, stopped.Message, stopped);
        }

        messages.Notices(notices);
        RunSummary.Write(messages, spec, options, report, Quiet);
        if (report.Stopped)
        {
            return (ExitCode)RequeueExitCode;
        }

        if (report.GivenUp.Count > 0)
        {
            return ExitCode.DeviceFailed;
        }

        if (report.AuditFindings.Count > 0)
        {
            return ExitCode.GateFailed;
        }

        return Strict && report.AllDiverged.Count > 0 ? ExitCode.GateFailed : ExitCode.Ok;
    }
}
