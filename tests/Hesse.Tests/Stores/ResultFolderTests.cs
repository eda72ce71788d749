using Hesse.Planning;
using Hesse.Stores;
using Shouldly;
using Xunit;

namespace Hesse.Tests.Stores;

public sealed class ResultFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DiskFiles _disk = new();

    private ResultPaths Paths => SmallResult.Paths(_folder.PathOf("run"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Merged_arrays_hold_every_replica_in_order()
    {
        SmallResult.Run(_disk, Paths, SmallResult.Wanted(300, SmallResult.Loss, SmallResult.Spectrum));

        double[] spectrum = Read("hessian-spectrum.npy", out NpyHeader header);
        header.Shape.ShouldBe([300, 2, 4]);
        for (int replica = 0; replica < 300; replica++)
        {
            spectrum[(replica * 8) + 5].ShouldBe(SmallResult.EigenvalueOf(replica, 2, 1));
        }

        Read("hessian-spectrum.steps.npy", out header).ShouldBe([1, 2]);
        header.Type.ShouldBe(NpyType.Int64);
        Directory.GetFileSystemEntries(Paths.AllTemporary).ShouldBeEmpty();
        Directory
            .GetDirectories(Paths.Chunks)
            .Select(path => Path.GetFileName(path)!)
            .Order()
            .ShouldBe(["seeds-00000000-00000255", "seeds-00000256-00000299"]);
        string[] replicas = File.ReadAllLines(Paths.Replicas);
        replicas[0].ShouldBe("replica,diverged,first-bad-step,loss");
        replicas[8].ShouldBe("7,1,2,nan");
        replicas[9].ShouldBe("8,0,,8.25");
        ManifestFile.Read(_disk, Paths).Diverged.ShouldBe(6);
    }

    [Fact]
    public void A_stopped_run_continues_and_ends_with_the_same_bytes()
    {
        ManifestRecord wanted = SmallResult.Wanted(700, SmallResult.Loss);
        ResultPaths undisturbed = SmallResult.Paths(_folder.PathOf("undisturbed"));
        SmallResult.Run(_disk, undisturbed, wanted);

        SmallResult.Run(_disk, Paths, wanted, chunks: 1).Count.ShouldBe(1);
        Directory.Exists(Paths.Arrays).ShouldBeFalse();
        SmallResult.Run(_disk, Paths, wanted).ShouldBe([new ReplicaRange(256, 256), new ReplicaRange(512, 188)]);

        SameResults(Paths, undisturbed);
        SmallResult.Run(_disk, Paths, wanted).ShouldBeEmpty();
    }

    [Fact]
    public void More_replicas_keep_the_chunks_that_are_there()
    {
        SmallResult.Run(_disk, Paths, SmallResult.Wanted(20, SmallResult.Loss));
        byte[] before = File.ReadAllBytes(Path.Combine(Paths.Chunks, "seeds-00000000-00000019", "loss.npy"));

        SmallResult
            .Run(_disk, Paths, SmallResult.Wanted(300, SmallResult.Loss))
            .ShouldBe([new ReplicaRange(20, 236), new ReplicaRange(256, 44)]);

        File.ReadAllBytes(Path.Combine(Paths.Chunks, "seeds-00000000-00000019", "loss.npy")).ShouldBe(before);
        double[] loss = Read("loss.npy", out NpyHeader header);
        header.Shape.ShouldBe([300, 3]);
        loss[(299 * 3) + 1].ShouldBe(SmallResult.LossOf(299, 1));
    }

    [Fact]
    public void One_more_observation_keeps_the_other_files()
    {
        SmallResult.Run(_disk, Paths, SmallResult.Wanted(300, SmallResult.Loss));
        byte[] before = File.ReadAllBytes(Path.Combine(Paths.Chunks, "seeds-00000256-00000299", "loss.npy"));

        SmallResult
            .Run(_disk, Paths, SmallResult.Wanted(300, SmallResult.Loss, SmallResult.Spectrum))
            .Count.ShouldBe(2);

        File.ReadAllBytes(Path.Combine(Paths.Chunks, "seeds-00000256-00000299", "loss.npy")).ShouldBe(before);
        ResultPaths atOnce = SmallResult.Paths(_folder.PathOf("at-once"));
        SmallResult.Run(_disk, atOnce, SmallResult.Wanted(300, SmallResult.Loss, SmallResult.Spectrum));
        SameResults(Paths, atOnce);
    }

    [Fact]
    public void A_crash_between_the_two_renames_of_a_replacement_loses_nothing()
    {
        SmallResult.Run(_disk, Paths, SmallResult.Wanted(20, SmallResult.Loss));
        string chunk = Path.Combine(Paths.Chunks, "seeds-00000000-00000019");
        Directory.Move(chunk, Path.Combine(Paths.Temporary, "replaced-seeds-00000000-00000019"));

        SmallResult.Run(_disk, Paths, SmallResult.Wanted(20, SmallResult.Loss)).ShouldBeEmpty();

        Directory.Exists(chunk).ShouldBeTrue();
        Directory.GetFileSystemEntries(Paths.AllTemporary).ShouldBeEmpty();
    }

    [Fact]
    public void Another_experiment_is_refused_with_both_identities_and_left_untouched()
    {
        SmallResult.Run(_disk, Paths, SmallResult.Wanted(20, SmallResult.Loss));
        SortedDictionary<string, byte[]> before = SmallResult.Snapshot(Paths.Root);

        HesseException failure = Should.Throw<HesseException>(() =>
            SmallResult.Run(_disk, Paths, SmallResult.Wanted(20, SmallResult.Loss) with { Identity = "bb22" })
        );

        failure.Code.ShouldBe(ExitCode.OutputBusy);
        failure.Message.ShouldContain("aa11");
        failure.Message.ShouldContain("bb22");
        SortedDictionary<string, byte[]> after = SmallResult.Snapshot(Paths.Root);
        after.Keys.ShouldBe(before.Keys);
        after.Values.Zip(before.Values).ShouldAllBe(pair => pair.First.SequenceEqual(pair.Second));
    }

    [Fact]
    public void Another_backend_is_refused_unless_everything_is_computed_again()
    {
        SmallResult.Run(_disk, Paths, SmallResult.Wanted(20, SmallResult.Loss));
        ManifestRecord other = SmallResult.Wanted(30, SmallResult.Loss) with { Backend = "cpu" };

        Should.Throw<HesseException>(() => SmallResult.Run(_disk, Paths, other)).Code.ShouldBe(ExitCode.OutputBusy);

        SmallResult.Run(_disk, Paths, other, force: true).Count.ShouldBe(2);
        ManifestFile.Read(_disk, Paths).Backend.ShouldBe("cpu");
    }

    [Fact]
    public void A_folder_has_one_owner_at_a_time()
    {
        ManifestRecord wanted = SmallResult.Wanted(20, SmallResult.Loss);
        using (ResultFolder first = ResultFolder.Open(_disk, Paths, wanted, "{}\n", new FolderOptions()))
        {
            HesseException failure = Should.Throw<HesseException>(() => SmallResult.Run(_disk, Paths, wanted));
            failure.Code.ShouldBe(ExitCode.OutputBusy);
            failure.Message.ShouldContain(Environment.MachineName);
            failure.Message.ShouldContain(Environment.ProcessId.ToString());
        }

        SmallResult.Run(_disk, Paths, wanted).Count.ShouldBe(1);
    }

    [Fact]
    public void Shards_share_a_folder_but_exclude_a_whole_run()
    {
        ManifestRecord wanted = SmallResult.Wanted(20, SmallResult.Loss);
        using ResultFolder first = ResultFolder.Open(
            _disk,
            SmallResult.Paths(Paths.Root, new Shard(0, 2)),
            wanted,
            "{}\n",
            new FolderOptions()
        );
        using ResultFolder second = ResultFolder.Open(
            _disk,
            SmallResult.Paths(Paths.Root, new Shard(1, 2)),
            wanted,
            "{}\n",
            new FolderOptions()
        );

        Should.Throw<HesseException>(() => SmallResult.Run(_disk, Paths, wanted)).Code.ShouldBe(ExitCode.OutputBusy);
        second.Missing().Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("chunk.json")]
    [InlineData("loss.npy")]
    public void A_broken_chunk_is_computed_again(string file)
    {
        ManifestRecord wanted = SmallResult.Wanted(20, SmallResult.Loss);
        SmallResult.Run(_disk, Paths, wanted);
        string chunk = Path.Combine(Paths.Chunks, "seeds-00000000-00000019");
        byte[] before = File.ReadAllBytes(Path.Combine(chunk, "loss.npy"));
        using (FileStream broken = new(Path.Combine(chunk, file), FileMode.Open))
        {
            broken.SetLength(broken.Length - 1);
        }

        SmallResult.Run(_disk, Paths, wanted).Count.ShouldBe(1);
        File.ReadAllBytes(Path.Combine(chunk, "loss.npy")).ShouldBe(before);
    }

    [Fact]
    public void Overlapping_chunks_are_refused()
    {
        ManifestRecord wanted = SmallResult.Wanted(20, SmallResult.Loss);
        SmallResult.Run(_disk, Paths, wanted);
        ResultPaths other = SmallResult.Paths(_folder.PathOf("other"));
        SmallResult.Run(_disk, other, SmallResult.Wanted(30, SmallResult.Loss));
        Directory.Move(
            Path.Combine(other.Chunks, "seeds-00000000-00000029"),
            Path.Combine(Paths.Chunks, "seeds-00000000-00000029")
        );

        Should.Throw<HesseException>(() => SmallResult.Run(_disk, Paths, wanted)).Code.ShouldBe(ExitCode.BadData);
    }

    [Theory]
    [InlineData(28, false, 1, ExitCode.InputOutput)]
    [InlineData(28, true, 4, ExitCode.InputOutput)]
    [InlineData(13, false, 5, ExitCode.NoPermission)]
    public void A_fault_at_any_call_leaves_the_old_or_the_new_state(
        int error,
        bool persistent,
        int stride,
        ExitCode expected
    )
    {
        ManifestRecord first = SmallResult.Wanted(20, SmallResult.Loss);
        ManifestRecord wanted = SmallResult.Wanted(30, SmallResult.Loss, SmallResult.Spectrum);
        ResultPaths undisturbed = SmallResult.Paths(_folder.PathOf("undisturbed"));
        SmallResult.Run(FaultyFiles.Sound, undisturbed, first);
        SmallResult.Run(FaultyFiles.Sound, undisturbed, wanted);
        int faults = 0;
        for (bool failed = true; failed; )
        {
            faults += stride;
            ResultPaths paths = SmallResult.Paths(_folder.PathOf($"fault-{faults}"));
            SmallResult.Run(FaultyFiles.Sound, paths, first);
            FaultyFiles faulty = new(faults, persistent, error);
            try
            {
                SmallResult.Run(faulty, paths, wanted);
            }
            catch (Exception failure) when (failure is HesseException || StoreFailure.Is(failure))
            {
                HesseException told = failure as HesseException ?? StoreFailure.Translate(failure, paths.Root);
                told.Code.ShouldBe(expected, $"fault {faults}: {told.Message}");
            }

            failed = faulty.Failed;
            SmallResult.Run(FaultyFiles.Sound, paths, wanted);
            SameResults(paths, undisturbed);
            Verification.Run(_disk, paths).Findings.ShouldBeEmpty();
            Directory.Delete(paths.Root, recursive: true);
        }

        // Fewer would mean that the disk was not asked: chunks, arrays, tables and manifest all pass through it.
        faults.ShouldBeGreaterThan(40);
    }

    [Fact]
    public void A_chunk_that_is_computed_again_is_merged_again()
    {
        ManifestRecord wanted = SmallResult.Wanted(300, SmallResult.Loss);
        SmallResult.Run(_disk, Paths, wanted);
        Flip(Path.Combine(Paths.Arrays, "loss.npy"));
        Directory.Delete(Path.Combine(Paths.Chunks, "seeds-00000256-00000299"), recursive: true);
        Results.Status(Paths.Root).Complete.ShouldBeFalse();
        Results.Status(Paths.Root).Done.ShouldBe(256);

        SmallResult.Run(_disk, Paths, wanted).ShouldBe([new ReplicaRange(256, 44)]);

        Verification.Run(_disk, Paths).Findings.ShouldBeEmpty();
        Results.Status(Paths.Root).Complete.ShouldBeTrue();
    }

    [Fact]
    public void A_damaged_array_is_not_exported_and_merged_again()
    {
        SmallResult.Run(_disk, Paths, SmallResult.Wanted(20, SmallResult.Loss));
        Flip(Path.Combine(Paths.Arrays, "loss.npy"));

        Should.Throw<HesseException>(() => Export.ToNpz(Paths.Root)).Code.ShouldBe(ExitCode.BadData);
        Should.Throw<HesseException>(() => Export.ToCsv(Paths.Root)).Message.ShouldContain("hesse merge");
        Results.Merge(Paths.Root, threads: 1).ShouldBeTrue();

        Verification.Run(_disk, Paths).Findings.ShouldBeEmpty();
        Results.Merge(Paths.Root, threads: 1).ShouldBeFalse();
        File.Exists(Export.ToNpz(Paths.Root)).ShouldBeTrue();
    }

    [Fact]
    public void Lost_specification_and_tables_are_written_again()
    {
        ManifestRecord wanted = SmallResult.Wanted(20, SmallResult.Loss);
        SmallResult.Run(_disk, Paths, wanted);
        File.Delete(Paths.Spec);
        File.Delete(Paths.Summary);
        HesseException failure = Should.Throw<HesseException>(() => Results.Merge(Paths.Root, threads: 1));
        failure.Code.ShouldBe(ExitCode.BadData);
        failure.Message.ShouldContain("run the experiment again");

        SmallResult.Run(_disk, Paths, wanted).ShouldBeEmpty();

        Verification.Run(_disk, Paths).Findings.ShouldBeEmpty();
    }

    [Fact]
    public void A_damaged_chunk_that_stops_a_merge_can_be_deleted_as_the_message_says()
    {
        SmallResult.Run(_disk, Paths, SmallResult.Wanted(20, SmallResult.Loss));
        string chunk = Path.Combine(Paths.Chunks, "seeds-00000000-00000019");
        Flip(Path.Combine(chunk, "loss.npy"));
        ManifestRecord more = SmallResult.Wanted(30, SmallResult.Loss);

        HesseException failure = Should.Throw<HesseException>(() => SmallResult.Run(_disk, Paths, more));

        failure.Code.ShouldBe(ExitCode.BadData);
        failure.Message.ShouldContain($"delete {chunk} and run");
        Directory.GetFileSystemEntries(Paths.AllTemporary).ShouldBeEmpty();
        Directory.Delete(chunk, recursive: true);
        SmallResult.Run(_disk, Paths, more).ShouldBe([new ReplicaRange(0, 20)]);
        Verification.Run(_disk, Paths).Findings.ShouldBeEmpty();
    }

    [Fact]
    public void A_damaged_manifest_can_be_deleted_as_the_message_says()
    {
        ManifestRecord wanted = SmallResult.Wanted(20, SmallResult.Loss);
        SmallResult.Run(_disk, Paths, wanted);
        Flip(Paths.Manifest);

        HesseException failure = Should.Throw<HesseException>(() => SmallResult.Run(_disk, Paths, wanted, force: true));

        failure.Code.ShouldBe(ExitCode.BadData);
        failure.Message.ShouldContain("delete it and run the experiment again");
        File.Delete(Paths.Manifest);
        SmallResult.Run(_disk, Paths, wanted).ShouldBeEmpty();
        Verification.Run(_disk, Paths).Findings.ShouldBeEmpty();
    }

    [Fact]
    public void Asking_for_less_than_there_is_gives_a_warning()
    {
        SmallResult.Run(_disk, Paths, SmallResult.Wanted(300, SmallResult.Loss, SmallResult.Spectrum));
        using ResultFolder folder = ResultFolder.Open(
            _disk,
            Paths,
            SmallResult.Wanted(50, SmallResult.Loss),
            "{}\n",
            new FolderOptions()
        );

        folder.Warnings.Count.ShouldBe(2);
        folder.Warnings[0].ShouldContain("50 of 300 replicas; the chunks stay");
        folder.Warnings[1].ShouldContain("no hessian-spectrum; the chunks stay");
    }

    private static void Flip(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private static void SameResults(ResultPaths actual, ResultPaths expected)
    {
        foreach (string folder in new[] { "chunks", "arrays" })
        {
            SortedDictionary<string, byte[]> there = SmallResult.Snapshot(Path.Combine(expected.Root, folder));
            SortedDictionary<string, byte[]> here = SmallResult.Snapshot(Path.Combine(actual.Root, folder));
            here.Keys.ShouldBe(there.Keys);
            foreach (string name in here.Keys)
            {
                here[name].AsSpan().SequenceEqual(there[name]).ShouldBeTrue(name);
            }
        }

        File.ReadAllText(actual.Summary).ShouldBe(File.ReadAllText(expected.Summary));
        File.ReadAllText(actual.Replicas).ShouldBe(File.ReadAllText(expected.Replicas));
    }

    private double[] Read(string file, out NpyHeader header)
    {
        using ArrayReader reader = new(_disk, Path.Combine(Paths.Arrays, file));
        header = reader.Header;
        double[] values = new double[header.Elements];
        reader.ReadColumns(0, (int)reader.Columns, values);
        return values;
    }
}
