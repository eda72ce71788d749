using System.Globalization;

namespace Hesse.Cli.Slurm;

/// <summary>What a sweep asks of Slurm.</summary>
internal sealed record SlurmJob
{
    /// <summary>Name of the experiment.</summary>
    public required string Name { get; init; }

    /// <summary>Folder of scripts and logs.</summary>
    public required string Folder { get; init; }

    /// <summary>The program: one word, or `dotnet` and the assembly.</summary>
    public required IReadOnlyList<string> Program { get; init; }

    /// <summary>Words of `hesse run` without shard, threads and time.</summary>
    public required IReadOnlyList<string> Run { get; init; }

    /// <summary>The experiment's folder, for merge.</summary>
    public required string Results { get; init; }

    /// <summary>Number of shards, whether all of them are submitted or not.</summary>
    public required int Shards { get; init; }

    /// <summary>Shards to submit, ascending.</summary>
    public required IReadOnlyList<int> Tasks { get; init; }

    /// <summary>Whether earlier tasks of these shards are known to have ended.</summary>
    public required bool Again { get; init; }

    /// <summary>Time limit of a task.</summary>
    public required TimeSpan Time { get; init; }

    /// <summary>Threads of a task.</summary>
    public required int Cpus { get; init; }

    /// <summary>Bytes of memory of a task, at least <see cref="LeastMemory"/>.</summary>
    public required long Memory { get; init; }

    /// <summary>GPUs of a task.</summary>
    public required int Gpus { get; init; }

    /// <summary>Tasks at once, 0 for as many as the cluster gives.</summary>
    public required int AtOnce { get; init; }

    /// <summary>Partition, or null for the cluster's default.</summary>
    public required string? Partition { get; init; }

    /// <summary>Before the limit comes a signal: five minutes, a quarter of short limits. Slurm looks every half minute.</summary>
    public TimeSpan Notice => TimeSpan.FromSeconds(Math.Clamp(Math.Floor(Time.TotalSeconds / 4), 10, 300));

    /// <summary>The run stops by itself before the signal.</summary>
    public TimeSpan StopAfter => Time - (2 * Notice);

    /// <summary>Bytes below which the program does not start.</summary>
    public const long LeastMemory = 64L << 20;

    /// <summary>4G, or 1536M: Slurm reads no fractions, and a number without a unit as megabytes.</summary>
    public string MemoryText =>
        Memory % (1L << 30) == 0 ? $"{Memory >> 30}G" : string.Create(CultureInfo.InvariantCulture, $"{Memory >> 20}M");

    /// <summary>The part of it that waves may take; the program itself needs the rest.</summary>
    public string WaveMemoryText => string.Create(CultureInfo.InvariantCulture, $"{Memory / 4 * 3 >> 20}M");

    /// <summary>0-3,7,12-14%8</summary>
    public string Array
    {
        get
        {
            List<string> parts = [];
            for (int i = 0; i < Tasks.Count; )
            {
                int end = i;
                while (end + 1 < Tasks.Count && Tasks[end + 1] == Tasks[end] + 1)
                {
                    end++;
                }

                parts.Add(end == i ? $"{Tasks[i]}" : $"{Tasks[i]}-{Tasks[end]}");
                i = end + 1;
            }

            return string.Join(',', parts) + (AtOnce > 0 ? $"%{AtOnce}" : string.Empty);
        }
    }

    /// <summary>D-HH:MM:SS</summary>
    public string TimeText =>
        string.Create(CultureInfo.InvariantCulture, $"{Time.Days}-{Time.Hours:D2}:{Time.Minutes:D2}:{Time.Seconds:D2}");
}
