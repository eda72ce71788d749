using System.Diagnostics;
using System.Globalization;

namespace Hesse.Stores;

/// <summary>Who works in a folder: tells others, and the next process, whether the owner is still there.</summary>
public sealed record OwnerRecord
{
    /// <summary>Name of the machine.</summary>
    public required string Host { get; init; }

    /// <summary>Number of the process.</summary>
    public required int Pid { get; init; }

    /// <summary>The kernel's id of this start of the machine; empty where there is none.</summary>
    public required string Boot { get; init; }

    /// <summary>Start of the process in the kernel's ticks since the machine's start: tells a reused number. 0 where unknown.</summary>
    public required long Started { get; init; }

    /// <summary>Slurm's job number: a requeued job has the same, and Slurm runs it once at a time.</summary>
    public string? Job { get; init; }

    /// <summary>The share of the run, I/N; absent for all of it.</summary>
    public string? Shard { get; init; }

    /// <summary>Last sign of life, UTC.</summary>
    public required DateTimeOffset Beat { get; init; }

    /// <summary>process 12 on node-3 (last sign of life 2026-01-01 12:00:00 UTC)</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"process {Pid} on {Host} (last sign of life {Beat.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC)"
        );

    /// <summary>The record of this process.</summary>
    internal static OwnerRecord OfThisProcess(Planning.Shard shard, DateTimeOffset now) =>
        new()
        {
            Host = Environment.MachineName,
            Pid = Environment.ProcessId,
            Boot = BootId(),
            Started = StartOf(Environment.ProcessId),
            Job = Environment.GetEnvironmentVariable("SLURM_JOB_ID"),
            Shard = shard.Count == 1 ? null : $"{shard.Index}/{shard.Count}",
            Beat = now,
        };

    /// <summary>Whether the process exists on this machine; null when it belongs to another machine.</summary>
    internal bool? Exists() =>
        !string.Equals(Host, Environment.MachineName, StringComparison.Ordinal) ? null
        : !string.Equals(Boot, BootId(), StringComparison.Ordinal) ? false
        : StartOf(Pid) is var started && started >= 0 && started == Started;

    private static string BootId()
    {
        const string File = "/proc/sys/kernel/random/boot_id";
        return System.IO.File.Exists(File) ? System.IO.File.ReadAllText(File).Trim() : string.Empty;
    }

    // -1: there is no such process. Field 22 of stat; the name in field 2 may hold blanks and brackets.
    private static long StartOf(int pid)
    {
        if (!OperatingSystem.IsLinux())
        {
            return Array.Exists(Process.GetProcesses(), process => process.Id == pid) ? 0 : -1;
        }

        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        // The process ended before or while its entry was read.
        catch (IOException)
        {
            return -1;
        }
    }
}
