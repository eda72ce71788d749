using Hesse.Stores;
using Hesse.Tests.Stores;

namespace Hesse.Tests.Faults;

/// <summary>Deaths of the process and of the machine, placed at every call that changes the disk.</summary>
[Trait("Category", "Fault")]
public sealed class CrashTests : IDisposable
{
    private const int AnyError = 5;
    private readonly FaultExperiment _experiment = new(FaultExperiment.Quick);

    public void Dispose() => _experiment.Dispose();

    [Fact]
    public void F02_a_process_that_dies_at_any_call_leaves_the_old_or_the_new_state()
    {
        int deaths = 0;
        bool died = true;
        for (int at = 1; died; at += Repetitions.Stride)
        {
            died = Dies("dead", new FaultyFiles(at, persistent: true, AnyError));
            _experiment.Run("dead");
            _experiment.ShouldBeIdentical("dead", $"death at call {at}");
            Directory.Delete(_experiment.PathOf("dead"), recursive: true);
            deaths += died ? 1 : 0;
        }

        // Chunk, checkpoints, arrays, tables and manifest all pass through the seam.
        deaths.ShouldBeGreaterThan(100 / Repetitions.Stride);
        Repetitions.Report("F02", "deaths at a labelled call", deaths);
    }

    [Fact]
    public void F03_deaths_during_recovery_from_deaths_converge()
    {
        Random random = new(3);
        for (int round = 0; round < Repetitions.Of(20); round++)
        {
            for (int death = 0; death < 3; death++)
            {
                _ = Dies($"dead-{round}", new FaultyFiles(random.Next(1, 120), persistent: true, AnyError));
            }

            _experiment.Run($"dead-{round}");
            _experiment.ShouldBeIdentical($"dead-{round}");
        }

        Repetitions.Report("F03", "rounds of three deaths", Repetitions.Of(20));
    }

    [Fact]
    public void F04_a_power_loss_that_drops_what_was_not_synced_leaves_the_old_or_the_new_state()
    {
        int losses = 0;
        bool lost = true;
        for (int at = 1; lost; at += Repetitions.Stride)
        {
            for (int seed = 0; seed < 2; seed++)
            {
                using PowerLossFiles files = new(at, seed);
                lost = Dies("dark", files);
                files.LosePower();
                _experiment.Run("dark");
                _experiment.ShouldBeIdentical("dark", $"power lost at call {at}, seed {seed}");
                Directory.Delete(_experiment.PathOf("dark"), recursive: true);
                losses += lost ? 1 : 0;
            }
        }

        losses.ShouldBeGreaterThan(100 / Repetitions.Stride);
        Repetitions.Report("F04", "power losses", losses);
    }

    [Theory]
    [InlineData("F05", 28, false, 74, "the disk is full")]
    [InlineData("F05", 28, true, 74, "the disk is full")]
    [InlineData("F07", 5, false, 74, "failing")]
    [InlineData("F07", 5, true, 74, "failing")]
    [InlineData("F07", 30, true, 74, "failing")]
    [InlineData("F07", 13, true, 77, "no permission")]
    public void F05_F07_a_full_or_failing_disk_ends_with_its_exit_code_and_damages_nothing(
        string number,
        int error,
        bool persistent,
        int code,
        string told
    )
    {
        int faults = 0;
        bool failed = true;
        for (int at = 1; failed; at += Repetitions.Stride)
        {
            FaultyFiles files = new(at, persistent, error);
            try
            {
                _experiment.Run("failing", files);
            }
            catch (HesseException failure)
            {
                ((int)failure.Code).ShouldBe(code, failure.Message);
                failure.Message.ShouldContain(told);
                failure.Message.ShouldContain(_experiment.PathOf("failing"));
            }

            failed = files.Failed;
            _experiment.Run("failing");
            _experiment.ShouldBeIdentical("failing", $"error {error} at call {at}");
            Directory.Delete(_experiment.PathOf("failing"), recursive: true);
            faults += failed ? 1 : 0;
        }

        faults.ShouldBeGreaterThan(100 / Repetitions.Stride);
        Repetitions.Report(number, $"faults of the disk, error {error}{(persistent ? ", lasting" : ", once")}", faults);
    }

    [Fact]
    public void F05_a_full_disk_tells_how_many_bytes_a_file_needs()
    {
        HesseException failure = Should.Throw<HesseException>(() =>
            _experiment.Run("full", new FullAt("loss.npy", write: 2))
        );
        failure.Code.ShouldBe(ExitCode.InputOutput);
        // 20 replicas, 4 times, 8 bytes, and the header.
        failure.Message.ShouldContain($"loss.npy: the disk is full, {128 + (20 * 4 * 8)} bytes are needed");
    }

    [Fact]
    public void F08_a_failed_sync_is_a_lost_file_and_never_tried_again()
    {
        int syncs = 0;
        bool failed = true;
        for (int at = 1; failed; at++)
        {
            FailingSync files = new(at);
            try
            {
                _experiment.Run("sync", files);
            }
            catch (HesseException failure)
            {
                failure.Code.ShouldBe(ExitCode.InputOutput);
            }

            failed = files.Failed;
            files.Again.ShouldBeFalse("the same file was synced again");
            _experiment.Run("sync");
            _experiment.ShouldBeIdentical("sync", $"sync {at}");
            Directory.Delete(_experiment.PathOf("sync"), recursive: true);
            syncs += failed ? 1 : 0;
        }

        syncs.ShouldBeGreaterThan(10);
        Repetitions.Report("F08", "failed syncs", syncs);
    }

    private bool Dies(string output, IFiles files)
    {
        try
        {
            _experiment.Run(output, files);
            return false;
        }
        catch (HesseException)
        {
            return true;
        }
    }

    private sealed class FailingSync(int at) : DelegatingFiles(FaultyFiles.Sound)
    {
        private int _calls;
        private Stream? _failed;

        public bool Failed => _failed is not null;

        public bool Again { get; private set; }

        public override void Sync(Stream file)
        {
            Again |= ReferenceEquals(file, _failed);
            if (++_calls == at)
            {
                _failed = file;
                throw new IOException("Input/output error", AnyError);
            }
        }
    }

    private sealed class FullAt(string name, int write) : DelegatingFiles(FaultyFiles.Sound)
    {
        public override Stream Create(string path) =>
            Path.GetFileName(path) == name
                ? new FaultyFiles(write, persistent: true, error: 28).Create(path)
                : base.Create(path);
    }
}
