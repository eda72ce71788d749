using System.Text;
using Hesse.Planning;
using Hesse.Stores;
using Hesse.Tests.Stores;

namespace Hesse.Tests.Faults;

/// <summary>Full disks, closed streams, foreign locales, clocks that jump, odd permissions and names.</summary>
[Trait("Category", "Fault")]
public sealed class EnvironmentTests : IDisposable
{
    private readonly FaultExperiment _experiment = new(FaultExperiment.Quick);

    public void Dispose() => _experiment.Dispose();

    [RootFact]
    public void F06_a_disk_that_is_full_ends_with_74_and_the_run_resumes_when_there_is_room()
    {
        string disk = _experiment.PathOf("disk");
        Directory.CreateDirectory(disk);
        HesseProcess.Shell($"mount -t tmpfs -o size=8m tmpfs '{disk}'").Code.ShouldBe(0);
        try
        {
            string filler = Path.Combine(disk, "filler");
            HesseProcess.Shell($"head -c 8372224 /dev/zero > '{filler}'");
            HesseException failure = Should.Throw<HesseException>(() => _experiment.Run("disk"));
            failure.Code.ShouldBe(ExitCode.InputOutput);
            failure.Message.ShouldContain("the disk is full");
            File.Delete(filler);

            _experiment.Run("disk");

            _experiment.ShouldBeIdentical("disk");
        }
        finally
        {
            HesseProcess.Shell($"umount '{disk}'");
        }
    }

    [RootFact]
    public void F43_a_disk_that_takes_no_more_files_ends_with_74_and_the_run_resumes_when_it_does()
    {
        string disk = _experiment.PathOf("inodes");
        Directory.CreateDirectory(disk);
        HesseProcess.Shell($"mount -t tmpfs -o nr_inodes=14 tmpfs '{disk}'").Code.ShouldBe(0);
        try
        {
            HesseException failure = Should.Throw<HesseException>(() => _experiment.Run("inodes"));
            failure.Code.ShouldBe(ExitCode.InputOutput);
            failure.Message.ShouldContain("the disk is full");
            HesseProcess.Shell($"mount -o remount,nr_inodes=1000 '{disk}'").Code.ShouldBe(0);

            _experiment.Run("inodes");

            _experiment.ShouldBeIdentical("inodes");
        }
        finally
        {
            HesseProcess.Shell($"umount '{disk}'");
        }
    }

    [Fact]
    public void F06_a_log_that_cannot_be_written_ends_with_74()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        Directory.CreateDirectory(_experiment.Root("run"));
        string log = _experiment.Paths("run").Log;
        File.CreateSymbolicLink(log, "/dev/full");
        HesseException failure = Should.Throw<HesseException>(() => _experiment.Run("run"));
        failure.Code.ShouldBe(ExitCode.InputOutput);
        failure.Message.ShouldContain("the disk is full");
        File.Delete(log);
        _experiment.Run("run");
        _experiment.ShouldBeIdentical("run");
    }

    [Fact]
    public void F41_a_clock_that_jumps_changes_nothing()
    {
        ManualClock clock = new();
        Jumping files = new(clock);
        _experiment.Run("run", files, clock: clock);
        files.Jumps.ShouldBeGreaterThan(5);
        _experiment.ShouldBeIdentical("run");
        foreach (string file in Directory.GetFiles(_experiment.Root("run"), "*", SearchOption.AllDirectories))
        {
            File.SetLastWriteTimeUtc(file, new DateTime(2038, 1, 20, 0, 0, 0, DateTimeKind.Utc));
        }

        _experiment.Run("run").Computed.ShouldBe(0);
        _experiment.ShouldBeIdentical("run");
    }

    [Theory]
    [InlineData("tr_TR.UTF-8", "Europe/Istanbul")]
    [InlineData("de_DE.UTF-8", "Asia/Kathmandu")]
    [InlineData("ar_SA.UTF-8", "UTC")]
    public void F42_locale_and_time_zone_change_no_byte(string locale, string zone)
    {
        (int code, _, string error) = HesseProcess.Run(
            ["run", _experiment.SpecPath, "--out", _experiment.PathOf("run"), "--threads", "1"],
            ("LANG", locale),
            ("LC_ALL", locale),
            ("TZ", zone),
            ("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")
        );
        code.ShouldBe(0, error);
        _experiment.ShouldBeIdentical("run");
        File.ReadAllText(_experiment.Paths("run").Summary)
            .ShouldBe(File.ReadAllText(_experiment.Paths("sound").Summary));
    }

    [Theory]
    [InlineData("umask 077; $HESSE run SPEC --out OUT/a --quiet", 0)]
    [InlineData("umask 000; $HESSE run SPEC --out OUT/b --quiet", 0)]
    [InlineData("chmod 444 SPEC; $HESSE run SPEC --out OUT/c --quiet", 0)]
    [InlineData("$HESSE run SPEC --out \"$(printf 'OUT/new\\nline')\" --quiet", 0)]
    [InlineData("$HESSE run SPEC --out OUT/$(head -c 4000 /dev/zero | tr '\\0' x)", 74)]
    [InlineData("$HESSE run $(printf 'no\\xff\\xfename.yaml')", 66)]
    public void F43_permissions_and_names_end_as_documented(string line, int expected)
    {
        (int code, _, string error) = Shell(line);
        code.ShouldBe(expected, error);
        error.ShouldNotContain("   at ");
    }

    [Theory]
    [InlineData("$HESSE status OUT/sound >&-", 74)]
    [InlineData("$HESSE run SPEC --out OUT/sound >&-", 74)]
    [InlineData("$HESSE status nowhere 2>&-", 66)]
    [InlineData("$HESSE status nowhere >&- 2>&-", 66)]
    [InlineData("$HESSE schema > /dev/full", 74)]
    [InlineData("$HESSE schema | head -1 > /dev/null; exit ${PIPESTATUS[0]}", 0)]
    [InlineData("TERM=dumb $HESSE run SPEC --out OUT/dumb", 0)]
    [InlineData("NO_COLOR=1 $HESSE run SPEC --out OUT/plain", 0)]
    [InlineData("CI=1 $HESSE run SPEC --out OUT/ci", 0)]
    public void F46_closed_and_full_streams_give_an_exit_code_and_no_stack_trace(string line, int expected)
    {
        (int code, string output, string error) = Shell(line);
        code.ShouldBe(expected, error);
        error.ShouldNotContain("   at ");
        (output + error).ShouldNotContain("\u001b");
    }

    private (int Code, string Output, string Error) Shell(string line) =>
        HesseProcess.Shell(
            line.Replace("SPEC", _experiment.SpecPath, StringComparison.Ordinal)
                .Replace("OUT", _experiment.PathOf("."), StringComparison.Ordinal)
        );

    /// <summary>Moves the clock to and fro at every rename.</summary>
    private sealed class Jumping(ManualClock clock) : DelegatingFiles(DiskFiles.Instance)
    {
        private static readonly TimeSpan[] Jump =
        [
            TimeSpan.FromHours(-1),
            TimeSpan.FromDays(1),
            TimeSpan.FromDays(4500),
        ];

        public int Jumps { get; private set; }

        public override void MoveFolder(string from, string to)
        {
            base.MoveFolder(from, to);
            clock.Jump(Jump[Jumps++ % Jump.Length]);
        }
    }
}

/// <summary>A test that mounts a file system of its own.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
        {
            Skip = "a file system can be mounted by root only";
        }
    }
}
