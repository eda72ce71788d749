using Hesse.Cli.Slurm;

namespace Hesse.Tests.Cli;

public sealed class SubmitVerbTests : IDisposable
{
    // Two settings of 600 replicas: six blocks, block b of setting s is number 3 s + b and belongs to shard (3 s + b) mod N.
    private const string Text = """
        version: 1
        name: small
        replicas: 600
        data: {kind: gauss, classes: 2, dimension: 3, samples: 8}
        network: {hidden: [2]}
        loss: cross-entropy
        training: {optimizer: {kind: sgd, step-size: 0.1}, batch: {size: 4, order: epochs}, steps: 2}
        observe: [{quantity: loss, every: 2}]
        sweep: {training.batch.size: [2, 4]}
        """;

    private readonly TemporaryFolder _folder = new();

    public SubmitVerbTests() => File.WriteAllText(_folder.PathOf("spec.yaml"), Text);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_dry_run_prints_both_scripts_and_writes_nothing()
    {
        (int code, string output, string error) = Submit(
            "--shards",
            "4",
            "--at-once",
            "2",
            "--time",
            "90m",
            "--gpus",
            "1"
        );

        code.ShouldBe(0, error);
        output.ShouldContain("#SBATCH --array=0-3%2\n");
        output.ShouldContain("#SBATCH --time=0-01:30:00\n");
        output.ShouldContain("#SBATCH --gpus-per-task=1 ");
        output.ShouldContain("--shard \"$SLURM_ARRAY_TASK_ID/4\"");
        output.ShouldContain(
            "if [ $code -eq 75 ]; then scontrol requeue \"${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}\"; fi"
        );
        output.ShouldContain($" merge {_folder.PathOf("out")}/small ");
        error.ShouldContain("0/1200 replicas done");
        Directory.Exists(_folder.PathOf("out")).ShouldBeFalse();
    }

    [Fact]
    public void Shards_that_own_nothing_are_not_submitted_and_told()
    {
        (_, string output, string error) = Submit("--shards", "9");
        output.ShouldContain("#SBATCH --array=0-5\n");
        error.ShouldContain("6 of 9 shards have work");
        (_, output, error) = Submit("--shards", "2", "--set", "sweep={training.batch.size: [4]}", "--replicas", "5");
        output.ShouldContain("#SBATCH --array=0\n");
        output.ShouldContain("--shard \"$SLURM_ARRAY_TASK_ID/2\"");
        error.ShouldContain("1 of 2 shards have work");
    }

    [Fact]
    public void A_task_with_several_devices_uses_all_of_them()
    {
        Submit("--shards", "2", "--gpus", "4").Output.ShouldContain(" --devices 0,1,2,3 ");
        Submit("--shards", "2", "--gpus", "1").Output.ShouldNotContain("--devices");
    }

    [Theory]
    [InlineData("4G", "4G", "3072M")]
    [InlineData("1.5g", "1536M", "1152M")]
    [InlineData("2147483648", "2G", "1536M")]
    public void Memory_is_asked_for_in_words_of_slurm_and_waves_take_three_quarters(
        string typed,
        string asked,
        string waves
    )
    {
        string output = Submit("--shards", "2", "--memory", typed).Output;

        output.ShouldContain($"#SBATCH --mem={asked}\n");
        output.ShouldContain($"    --memory {waves} --stop-after ");
    }

    [Fact]
    public void Only_shards_with_work_left_are_submitted_again()
    {
        foreach (string shard in new[] { "1/5", "2/5" })
        {
            Run("--shard", shard).Code.ShouldBe(0);
        }

        (_, string output, string error) = Submit("--shards", "5", "--only-missing");

        error.ShouldContain("344/1200 replicas done");
        output.ShouldContain("#SBATCH --array=0,3-4\n");
        output.ShouldContain(" --break-lock ");
        Run().Code.ShouldBe(0);
        (int code, output, error) = Submit("--shards", "5", "--only-missing");
        code.ShouldBe(0);
        output.ShouldBeEmpty();
        error.ShouldContain("nothing to submit");
    }

    [Theory]
    [InlineData("--scheduler pbs --shards 2", 64, "scheduler")]
    [InlineData("--scheduler slurm --shards 2 --backend cpu --gpus 2", 64, "--gpus")]
    [InlineData("--scheduler slurm --shards 0", 64, "--shards")]
    [InlineData("--scheduler slurm", 64, "--shards is missing")]
    [InlineData("--scheduler slurm --shards 2 --time soon", 64, "--time")]
    [InlineData("--scheduler slurm --shards 2 --memory much", 64, "--memory")]
    [InlineData("--scheduler slurm --shards 2 --memory 4096", 64, "64M at least")]
    public void Mistakes_are_told(string words, int expected, string told)
    {
        (int code, _, string error) = CommandLine.Run([
            "submit",
            _folder.PathOf("spec.yaml"),
            "--dry-run",
            "--out",
            _folder.PathOf("out"),
            .. words.Split(' '),
        ]);
        code.ShouldBe(expected);
        error.ShouldContain(told);
    }

    [Theory]
    [InlineData("plain/path-1.yaml", "plain/path-1.yaml")]
    [InlineData("it's $HOME", "'it'\\''s $HOME'")]
    [InlineData("", "''")]
    [InlineData("[1, 2]", "'[1, 2]'")]
    public void Words_are_quoted_for_the_shell(string word, string quoted) => SlurmScript.Quote(word).ShouldBe(quoted);

    private (int Code, string Output, string Error) Submit(params string[] more) =>
        CommandLine.Run([
            "submit",
            _folder.PathOf("spec.yaml"),
            "--scheduler",
            "slurm",
            "--dry-run",
            "--out",
            _folder.PathOf("out"),
            .. more,
        ]);

    private (int Code, string Output, string Error) Run(params string[] more) =>
        CommandLine.Run(["run", _folder.PathOf("spec.yaml"), "--out", _folder.PathOf("out"), "--quiet", .. more]);
}
