using System.Globalization;

namespace Hesse.Cli.Slurm;

/// <summary>The sbatch scripts of a sweep: text that a reader can follow, change and submit.</summary>
internal static class SlurmScript
{
    /// <summary>One array task for each shard.</summary>
    public static string Shards(SlurmJob job)
    {
        string seconds = ((int)job.Notice.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        string stop = ((int)Math.Max(1, job.StopAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        string gpus =
            job.Gpus > 0
                ? $"""
                    #SBATCH --gpus-per-task={job.Gpus}          # Slurm sets CUDA_VISIBLE_DEVICES; the run counts the devices in it from 0

                    """
                : string.Empty;
        string again = job.Again ? " --break-lock" : string.Empty;
        string whyAgain = job.Again
            ? """
                # --break-lock: earlier tasks of these shards have ended, whatever record they left on another machine.

                """
            : string.Empty;
        return $"""
            #!/bin/bash
            # Shards of {job.Name}: task i computes its share of the chunks (256 replicas of one setting each) and commits every
            # chunk by one rename, so that a task may be stopped, killed, requeued or submitted again at any time.
            # Written by hesse submit. To submit it by hand: sbatch {Quote(Path.Combine(job.Folder, "shards.sbatch"))}
            #SBATCH --job-name={job.Name}
            #SBATCH --array={job.Array}
            {Partition(job)}#SBATCH --ntasks=1
            #SBATCH --cpus-per-task={job.Cpus}
            {gpus}#SBATCH --mem={job.MemoryText}
            #SBATCH --time={job.TimeText}
            #SBATCH --signal=B:USR1@{seconds}        # to this script, so many seconds before the time limit
            #SBATCH --requeue                  # start again after a preemption or the failure of a node
            #SBATCH --open-mode=append         # a requeued task goes on in the same log
            #SBATCH --output={OutputPattern(job, "shard-%A_%a.out")}
            set -u

            # In the background, because bash hears signals only while it waits. The run stops by itself in time, too.
            {whyAgain}{Words([.. job.Program, "run", .. job.Run])}{again} \
                --shard "$SLURM_ARRAY_TASK_ID/{job.Shards}" --threads "$SLURM_CPUS_PER_TASK" \
                --memory {job.WaveMemoryText} --stop-after {stop}s --quiet &
            pid=$!
            trap 'kill -USR1 $pid 2>/dev/null' USR1
            trap 'kill -TERM $pid 2>/dev/null' TERM
            wait $pid; code=$?
            # A trapped signal ends the wait, not the run.
            while kill -0 $pid 2>/dev/null; do wait $pid; code=$?; done

            # 75: stopped early with everything saved. Slurm starts the task again, and it goes on where it was.
            if [ $code -eq 75 ]; then scontrol requeue "${"{"}SLURM_ARRAY_JOB_ID{"}"}_${"{"}SLURM_ARRAY_TASK_ID{"}"}"; fi
            exit $code

            """.ReplaceLineEndings("\n");
    }

    /// <summary>Joins the chunks when every shard is done.</summary>
    public static string Merge(SlurmJob job) =>
        $"""
            #!/bin/bash
            # Joins the chunks of {job.Name} into arrays and tables when every shard has ended well.
            #SBATCH --job-name={job.Name}-merge
            {Partition(job)}#SBATCH --ntasks=1
            #SBATCH --cpus-per-task={job.Cpus}
            #SBATCH --mem={job.MemoryText}
            #SBATCH --time={job.TimeText}
            #SBATCH --output={OutputPattern(job, "merge-%j.out")}
            {Words([.. job.Program, "merge", job.Results])} --threads "$SLURM_CPUS_PER_TASK"

            """.ReplaceLineEndings("\n");

    /// <summary>A word for bash.</summary>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(letter => char.IsAsciiLetterOrDigit(letter) || "/._-=,:+@%".Contains(letter))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Words(IEnumerable<string> words) => string.Join(' ', words.Select(Quote));

    private static string Partition(SlurmJob job) =>
        job.Partition is null ? string.Empty : $"#SBATCH --partition={job.Partition}\n";

    // Slurm reads % in file names.
    private static string OutputPattern(SlurmJob job, string file) =>
        $"\"{Path.Combine(job.Folder, "logs").Replace("%", "%%", StringComparison.Ordinal)}/{file}\"";
}
