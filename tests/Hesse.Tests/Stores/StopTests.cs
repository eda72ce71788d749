using System.Text;
using Hesse.Planning;
using Hesse.Reports;
using Hesse.Specs;
using Hesse.Statistics;
using Hesse.Stores;

namespace Hesse.Tests.Stores;

/// <summary>What reads and writes stored results gives up when it is asked to, and leaves nothing half-written.</summary>
public sealed class StopTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _stopped = new();

    public StopTests() => _stopped.Cancel();

    public void Dispose()
    {
        _folder.Dispose();
        _stopped.Dispose();
    }

    [Fact]
    public void A_merge_that_is_stopped_at_any_file_is_done_again_with_the_same_bytes()
    {
        ManifestRecord wanted = SmallResult.Wanted(300, SmallResult.Loss, SmallResult.Spectrum);
        ResultPaths whole = SmallResult.Paths(_folder.PathOf("whole"));
        SmallResult.Run(DiskFiles.Instance, whole, wanted);

        int stops = 0;
        for (bool stopped = true; stopped; stops++)
        {
            ResultPaths paths = SmallResult.Paths(_folder.PathOf($"run-{stops}"));
            SmallResult.Run(DiskFiles.Instance, paths, wanted);
            File.Delete(paths.Summary);
            using StopAtOpening files = new(stops + 1);
            stopped = Merge(files, paths, files.Token);

            Directory.GetFileSystemEntries(paths.AllTemporary).ShouldBeEmpty();
            // Stopped behind its last file, nothing is left to do.
            bool again = Results.Merge(paths.Root, threads: 1);
            (again && !stopped).ShouldBeFalse();
            foreach ((string name, byte[] bytes) in SmallResult.Snapshot(whole.Arrays))
            {
                File.ReadAllBytes(Path.Combine(paths.Arrays, name)).ShouldBe(bytes, name);
            }

            File.ReadAllBytes(paths.Summary).ShouldBe(File.ReadAllBytes(whole.Summary));
            Results.Verify(paths.Root).Findings.ShouldBeEmpty();
        }

        // Two chunks of two arrays and of the marks of divergence, and the arrays for the tables.
        stops.ShouldBeGreaterThan(6);
    }

    [Fact]
    public void A_run_that_is_stopped_while_it_merges_has_its_chunks_and_merges_the_next_time()
    {
        const string text = """
            version: 1
            name: small
            replicas: 3
            data: {kind: gauss, classes: 2, dimension: 3, samples: 8}
            network: {hidden: [2]}
            loss: mse
            training: {optimizer: {kind: sgd, step-size: 0.1}, batch: {size: 4, order: epochs}, steps: 2}
            observe: [{quantity: loss, at: [2]}]
            """;
        Spec spec = SpecReader.Parse(Encoding.UTF8.GetBytes(text), SpecFormat.Yaml, "small.yaml", ".");
        RunOptions options = new() { Output = _folder.PathOf("out"), Threads = 1 };
        using StopAtArrays files = new();

        RunReport report = Experiment.Run(spec, options with { Files = files }, stop: files.Token);

        (report.Stopped, report.Done).ShouldBe((true, 3));
        Results.Status(report.Folders[0]).Complete.ShouldBeFalse();
        Experiment.Run(spec, options).Stopped.ShouldBeFalse();
        Results.Status(report.Folders[0]).Complete.ShouldBeTrue();
        Should.Throw<OperationCanceledException>(() => Report.Write(report.Folders[0], _stopped.Token));
    }

    [Fact]
    public void An_export_that_is_stopped_leaves_the_one_before_it()
    {
        ResultPaths paths = SmallResult.Paths(_folder.PathOf("run"));
        SmallResult.Run(DiskFiles.Instance, paths, SmallResult.Wanted(3, SmallResult.Loss));
        Export.ToNpz(paths.Root);
        SortedDictionary<string, byte[]> before = SmallResult.Snapshot(paths.Root);

        Should.Throw<OperationCanceledException>(() => Export.ToNpz(paths.Root, _stopped.Token));
        Should.Throw<OperationCanceledException>(() => Export.ToCsv(paths.Root, _stopped.Token));

        SortedDictionary<string, byte[]> after = SmallResult.Snapshot(paths.Root);
        after.Keys.ShouldBe(before.Keys);
        after["export.npz"].ShouldBe(before["export.npz"]);
    }

    [Fact]
    public void Reading_is_given_up_too()
    {
        ResultPaths paths = SmallResult.Paths(_folder.PathOf("run"));
        SmallResult.Run(DiskFiles.Instance, paths, SmallResult.Wanted(3, SmallResult.Loss));

        Should.Throw<OperationCanceledException>(() => Results.Verify(paths.Root, _stopped.Token));
        Should.Throw<OperationCanceledException>(() => Results.Merge(paths.Root, threads: 1, stop: _stopped.Token));
        Should.Throw<OperationCanceledException>(() =>
            SettingComparison.Compare(paths.Root, paths.Root, stop: _stopped.Token)
        );
    }

    private static bool Merge(StopAtOpening files, ResultPaths paths, CancellationToken stop)
    {
        ManifestRecord manifest = ManifestFile.Read(DiskFiles.Instance, paths);
        using ResultFolder folder = ResultFolder.Open(DiskFiles.Instance, paths, manifest, "{}\n", new FolderOptions());
        try
        {
            _ = Completion.Run(files, paths, folder.Chunks, manifest, threads: 1, stop);
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    /// <summary>A disk that asks for a stop when so many files have been opened.</summary>
    private sealed class StopAtOpening(int openings) : DelegatingFiles(DiskFiles.Instance), IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private int _opened;

        public CancellationToken Token => _stop.Token;

        public void Dispose() => _stop.Dispose();

        public override Stream Open(string path)
        {
            if (++_opened == openings)
            {
                _stop.Cancel();
            }

            return base.Open(path);
        }
    }

    /// <summary>A disk that asks for a stop when the first merged array is begun.</summary>
    private sealed class StopAtArrays() : DelegatingFiles(DiskFiles.Instance), IDisposable
    {
        private readonly CancellationTokenSource _stop = new();

        public CancellationToken Token => _stop.Token;

        public void Dispose() => _stop.Dispose();

        public override Stream Create(string path)
        {
            if (Path.GetFileName(Path.GetDirectoryName(path)) == "arrays")
            {
                _stop.Cancel();
            }

            return base.Create(path);
        }
    }
}
