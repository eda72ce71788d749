using System.Globalization;
using CommandLine;
using Hesse.Cli.Slurm;
using Hesse.Planning;
using Hesse.Specs;

namespace Hesse.Cli.Verbs;

/// <summary>hesse submit: an experiment as a job array of a cluster.</summary>
[Verb("submit", HelpText = "Submit an experiment to a cluster: an array of shards, and their merge when all are done.")]
[Examples(
    "hesse submit my.yaml --scheduler slurm --shards 32 --dry-run",
    "shows the batch script",
    "hesse submit my.yaml --scheduler slurm --shards 32 --only-missing",
    "submits what is not done"
)]
internal sealed class SubmitVerb : IVerb
{
    private const int MostShards = 100_000;

    [Value(0, MetaName = "SPEC", Required = true, HelpText = "The experiment: a .yaml, .yml or .json file.")]
    public string Spec { get; set; } = string.Empty;

    [Option("scheduler", Required = true, MetaValue = "NAME", HelpText = "slurm.")]
    public string Scheduler { get; set; } = string.Empty;

    [Option("shards", Required = true, MetaValue = "N", HelpText = "Tasks that share the work; minutes to hours each.")]
    public int Shards { get; set; }

    [Option("dry-run", HelpText = "Print the scripts; write and submit nothing.")]
    public bool DryRun { get; set; }

    [Option("only-missing", HelpText = "Submit only shards with work left that nobody works on.")]
    public bool OnlyMissing { get; set; }

    [Option("out", Default = "results", MetaValue = "DIR", HelpText = "Results go to DIR/<name>/, on a shared disk.")]
    public string Output { get; set; } = string.Empty;

    [Option("replicas", MetaValue = "N", HelpText = "Instead of the spec's replicas.")]
    public string? Replicas { get; set; }

    [Option("seed", MetaValue = "S", HelpText = "Instead of the spec's seed.")]
    public string? Seed { get; set; }

    [Option("set", MetaValue = "KEY=VALUE", HelpText = "Any key of the spec, dotted. May be repeated.")]
    public string? Set { get; set; }

    [Option("backend", Default = "auto", MetaValue = "NAME", HelpText = "auto, reference, cpu or cuda.")]
    public string Backend { get; set; } = string.Empty;

    [Option(
        "time",
        Default = "4h",
        MetaValue = "DURATION",
        HelpText = "Time limit of a task; a task that needs more is requeued."
    )]
    public string Time { get; set; } = string.Empty;

    [Option("cpus", Default = 8, MetaValue = "N", HelpText = "Processors of a task.")]
    public int Cpus { get; set; }

    [Option(
        "memory",
        Default = "4G",
        MetaValue = "LIMIT",
        HelpText = "Memory of a task; waves take three quarters of it."
    )]
    public string Memory { get; set; } = string.Empty;

    [Option("gpus", MetaValue = "N", HelpText = "GPUs of a task; default: one with --backend cuda, else none.")]
    public int? Gpus { get; set; }

    [Option("at-once", MetaValue = "N", HelpText = "At most so many tasks at once.")]
    public int? AtOnce { get; set; }

    [Option("partition", MetaValue = "NAME", HelpText = "Slurm's partition; default: the cluster's.")]
    public string? Partition { get; set; }

    [Option("debug", HelpText = "Show stack traces.")]
    public bool Debug { get; set; }

    public ExitCode Execute(IReadOnlyList<string> args, Messages messages)
    {
        if (Scheduler != "slurm")
        {
            throw new HesseException(ExitCode.Usage, NearestName.Unknown("scheduler", Scheduler, ["slurm"]));
        }

        Require("--shards", Shards, MostShards);
        Require("--cpus", Cpus, 4096);
        Require("--gpus", Gpus ?? 1, 64);
        Require("--at-once", AtOnce ?? 1, MostShards);
        if (Gpus is not null && Backend is "cpu" or "reference")
        {
            throw new HesseException(ExitCode.Usage, $"--gpus {Gpus}: --backend {Backend} uses none");
        }

        Spec spec = SpecReader.Read(Spec, SpecOverrides.Of(Replicas, Seed, Set));
        RunOptions options = new() { Output = Output, Backend = Backend };
        ShardWork work = ShardWork.Of(spec, options, Shards);
        int[] tasks = OnlyMissing
            ? [.. work.Unfinished.Except(work.AtWork.Select(owner => owner.Key))]
            : [.. work.Unfinished];
        Tell(messages, work);
        if (work.Sharing < Shards)
        {
            messages.Error.WriteLine(
                $"hesse: {work.Sharing} of {Shards} shards have work; a shard computes whole blocks of 256 replicas of one setting"
            );
        }

        if (work.Complete || (tasks.Length == 0 && work.AtWork.Count > 0))
        {
            return ExitCode.Ok;
        }

        SlurmJob job = Job(spec, tasks);
        if (DryRun)
        {
            messages.Output.Write(tasks.Length > 0 ? SlurmScript.Shards(job) : string.Empty);
            messages.Output.Write(SlurmScript.Merge(job));
        }
        else
        {
            Submit(messages, job);
        }

        return ExitCode.Ok;
    }

    private static void Submit(Messages messages, SlurmJob job)
    {
        Directory.CreateDirectory(Path.Combine(job.Folder, "logs"));
        string merge = Path.Combine(job.Folder, "merge.sbatch");
        File.WriteAllText(merge, SlurmScript.Merge(job));
        List<string> after = [];
        if (job.Tasks.Count > 0)
        {
            string shards = Path.Combine(job.Folder, "shards.sbatch");
            File.WriteAllText(shards, SlurmScript.Shards(job));
            long array = Sbatch.Submit(shards);
            messages.Output.WriteLine($"{array}: {job.Tasks.Count} of {job.Shards} shards");
            // A merge that can never begin is taken off the queue.
            after = [$"--dependency=afterok:{array}", "--kill-on-invalid-dep=yes"];
        }

        messages.Output.WriteLine($"{Sbatch.Submit(merge, [.. after])}: merge");
        messages.Output.WriteLine(Messages.Printable(job.Folder));
    }

    private static void Tell(Messages messages, ShardWork work)
    {
        foreach ((int shard, Stores.OwnerRecord owner) in work.AtWork)
        {
            messages.Failure($"shard {shard} is at work: {owner}");
        }

        messages.Error.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"hesse: {work.Done}/{work.Total} replicas done{(work.Complete ? ", nothing to submit" : string.Empty)}"
            )
        );
    }

    private SlurmJob Job(Spec spec, int[] tasks)
    {
        long memory = OptionValue.Bytes("--memory", Memory);
        if (memory < SlurmJob.LeastMemory)
        {
            throw new HesseException(
                ExitCode.Usage,
                $"--memory {Memory}: a task needs 64M at least; write a size such as 4G"
            );
        }

        string results = Path.GetFullPath(Path.Combine(Output, spec.Name));
        string[] program = Path.GetFileNameWithoutExtension(Environment.ProcessPath) is null or "dotnet" or "testhost"
            ? ["dotnet", Path.Combine(AppContext.BaseDirectory, "hesse.dll")]
            : [Environment.ProcessPath!];
        List<string> run = [Path.GetFullPath(Spec), "--out", Path.GetFullPath(Output), "--backend", Backend];
        Add("--replicas", Replicas);
        Add("--seed", Seed);
        if (Gpus > 1)
        {
            // One worker a device; by itself a run takes the first.
            Add("--devices", string.Join(',', Enumerable.Range(0, Gpus.Value)));
        }

        foreach (string assignment in SpecOverrides.Assignments(Set))
        {
            Add("--set", assignment);
        }

        if (run.Concat(program).Append(Partition ?? string.Empty).Any(word => word.Any(char.IsControl)))
        {
            throw new HesseException(ExitCode.Usage, "a script cannot name paths or values with control characters");
        }

        return new SlurmJob
        {
            Name = spec.Name,
            Folder = Path.Combine(results, "slurm"),
            Program = program,
            Run = run,
            Results = results,
            Shards = Shards,
            Tasks = tasks,
            Again = OnlyMissing,
            Time = OptionValue.Duration("--time", Time),
            Cpus = Cpus,
            Memory = memory,
            Gpus = Gpus ?? (Backend == "cuda" ? 1 : 0),
            AtOnce = AtOnce ?? 0,
            Partition = Partition,
        };

        void Add(string option, string? value)
        {
            if (value is not null)
            {
                run.AddRange([option, value]);
            }
        }
    }

    private static void Require(string option, int value, int most)
    {
        if (value < 1 || value > most)
        {
            throw new HesseException(ExitCode.Usage, $"{option} {value}: write a number from 1 to {most}");
        }
    }
}
