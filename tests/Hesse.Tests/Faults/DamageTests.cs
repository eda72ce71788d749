using Hesse.Planning;
using Hesse.Stores;
using Hesse.Tests.Stores;

namespace Hesse.Tests.Faults;

/// <summary>Stored results that were changed behind the program's back.</summary>
[Trait("Category", "Fault")]
public sealed class DamageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DiskFiles _disk = new();

    public DamageTests() =>
        SmallResult.Run(_disk, Paths, SmallResult.Wanted(300, SmallResult.Loss, SmallResult.Spectrum));

    private ResultPaths Paths => SmallResult.Paths(_folder.PathOf("run"));

    private string First => Path.Combine(Paths.Chunks, "seeds-00000000-00000255");

    private string Second => Path.Combine(Paths.Chunks, "seeds-00000256-00000299");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void F09_every_flipped_bit_is_found_and_its_file_named()
    {
        Random random = new(9);
        string[] files = Stored();
        int flips = Repetitions.Of(10_000);
        for (int flip = 0; flip < flips; flip++)
        {
            string file = files[flip % files.Length];
            byte[] bytes = File.ReadAllBytes(file);
            int place = random.Next(bytes.Length);
            byte mask = (byte)(1 << random.Next(8));
            bytes[place] ^= mask;
            File.WriteAllBytes(file, bytes);
            Verification
                .Run(_disk, Paths)
                .Findings.ShouldContain(
                    finding =>
                        finding.File.StartsWith(Path.GetDirectoryName(file)!, StringComparison.Ordinal)
                        && $"{finding.File} {finding.Problem}".Contains(
                            Path.GetFileName(file),
                            StringComparison.Ordinal
                        ),
                    $"{file}, byte {place}"
                );
            bytes[place] ^= mask;
            File.WriteAllBytes(file, bytes);
        }

        Verification.Run(_disk, Paths).Findings.ShouldBeEmpty();
        Repetitions.Report("F09", "flipped bits found", flips);
    }

    [Fact]
    public void F09_repair_computes_only_what_was_damaged_and_restores_every_byte()
    {
        Random random = new(10);
        SortedDictionary<string, byte[]> sound = Numbers();
        foreach (string file in Stored())
        {
            byte[] bytes = File.ReadAllBytes(file);
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(file, bytes);

            List<ReplicaRange> computed = Repair();

            string chunk = Path.GetFileName(Path.GetDirectoryName(file)!);
            computed
                .Select(range => range.FolderName)
                .ShouldBe(ReplicaRange.TryParse(chunk, out _) ? [chunk] : [], file);
            SortedDictionary<string, byte[]> repaired = Numbers();
            repaired.Keys.ShouldBe(sound.Keys);
            repaired.ShouldAllBe(pair => pair.Value.SequenceEqual(sound[pair.Key]), file);
            Verification.Run(_disk, Paths).Findings.ShouldBeEmpty(file);
        }

        Repetitions.Report("F09", "damaged files repaired", Stored().Length);
    }

    [Fact]
    public void F10_a_file_of_any_other_length_is_found()
    {
        Random random = new(10);
        int cuts = 0;
        foreach (string file in Stored())
        {
            byte[] sound = File.ReadAllBytes(file);
            int[] lengths =
            [
                .. Enumerable.Range(0, 129).Where(length => length % Repetitions.Stride == 0),
                random.Next(sound.Length),
                sound.Length - 1,
                sound.Length + 1,
            ];
            foreach (int length in lengths.Where(length => length != sound.Length))
            {
                byte[] damaged = sound;
                Array.Resize(ref damaged, length);
                File.WriteAllBytes(file, damaged);
                Verification.Run(_disk, Paths).Findings.ShouldNotBeEmpty($"{file} of {length} bytes");
                cuts++;
            }

            File.WriteAllBytes(file, sound);
        }

        Repetitions.Report("F10", "files of another length found", cuts);
    }

    [Fact]
    public void F11_deleted_duplicated_swapped_and_overlapping_chunks_are_found_and_not_merged()
    {
        string aside = _folder.PathOf("aside");

        Directory.Move(Second, aside);
        Refused("256 of 300");
        Directory.Move(aside, Second);

        Copy(First, Path.Combine(Paths.Chunks, "seeds-00000000-00000255-copy"));
        Refused("is not the name of a chunk");
        Directory.Delete(Path.Combine(Paths.Chunks, "seeds-00000000-00000255-copy"), recursive: true);

        Copy(First, Path.Combine(Paths.Chunks, "seeds-00000100-00000355"));
        Refused("not those of its name");
        Directory.Delete(Path.Combine(Paths.Chunks, "seeds-00000100-00000355"), recursive: true);

        Directory.Move(First, aside);
        Directory.Move(Second, First);
        Directory.Move(aside, Second);
        Refused("not those of its name");
        Directory.Move(Second, aside);
        Directory.Move(First, Second);
        Directory.Move(aside, First);

        ResultPaths other = SmallResult.Paths(_folder.PathOf("other"));
        SmallResult.Run(_disk, other, SmallResult.Wanted(30, SmallResult.Loss, SmallResult.Spectrum));
        Copy(
            Path.Combine(other.Chunks, "seeds-00000000-00000029"),
            Path.Combine(Paths.Chunks, "seeds-00000000-00000029")
        );
        Refused("hold the same replicas");
        Directory.Delete(Path.Combine(Paths.Chunks, "seeds-00000000-00000029"), recursive: true);

        Verification.Run(_disk, Paths).Findings.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("identity")]
    [InlineData("version")]
    public void F12_a_chunk_of_another_experiment_or_version_is_refused_with_both_sides(string what)
    {
        ResultPaths other = SmallResult.Paths(_folder.PathOf("other"));
        ManifestRecord wanted = SmallResult.Wanted(300, SmallResult.Loss, SmallResult.Spectrum);
        ManifestRecord foreign = what == "identity" ? wanted with { Identity = "bb22" } : wanted;
        SmallResult.Run(_disk, other, foreign, engine: what == "version" ? "7.0.0" : "test");
        Directory.Delete(Second, recursive: true);
        Copy(Path.Combine(other.Chunks, Path.GetFileName(Second)), Second);

        HesseException failure = Should.Throw<HesseException>(() => SmallResult.Run(_disk, Paths, wanted));

        failure.Code.ShouldBe(ExitCode.OutputBusy);
        failure.Message.ShouldContain(Second);
        failure.Message.ShouldContain(what == "identity" ? "bb22" : "7.0.0");
        failure.Message.ShouldContain(what == "identity" ? SmallResult.Identity : "test");
    }

    private List<ReplicaRange> Repair() =>
        SmallResult.Run(
            _disk,
            Paths,
            SmallResult.Wanted(300, SmallResult.Loss, SmallResult.Spectrum),
            options: new FolderOptions { Repair = true }
        );

    private void Refused(string told)
    {
        Verification
            .Run(_disk, Paths)
            .Findings.ShouldContain(finding => finding.Problem.Contains(told, StringComparison.Ordinal), told);

        // The arrays are not made again, or they are made from what is right.
        string copy = _folder.PathOf("copy");
        foreach (string file in Directory.GetFiles(Paths.Root, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(copy, Path.GetRelativePath(Paths.Root, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        File.Delete(Path.Combine(copy, "summary.csv"));
        try
        {
            Results.Merge(copy, threads: 1);
            foreach (string array in Directory.GetFiles(Paths.Arrays))
            {
                File.ReadAllBytes(Path.Combine(copy, "arrays", Path.GetFileName(array)))
                    .ShouldBe(File.ReadAllBytes(array));
            }
        }
        catch (HesseException failure)
        {
            failure.Code.ShouldBe(ExitCode.BadData);
        }

        Directory.Delete(copy, recursive: true);
    }

    private SortedDictionary<string, byte[]> Numbers() =>
        new(
            SmallResult
                .Snapshot(Paths.Root)
                .Where(pair =>
                    pair.Key.EndsWith(".npy", StringComparison.Ordinal)
                    || pair.Key.EndsWith(".csv", StringComparison.Ordinal)
                    || pair.Key.EndsWith("chunk.json", StringComparison.Ordinal)
                )
                .ToDictionary(),
            StringComparer.Ordinal
        );

    private string[] Stored() =>
        [
            .. Directory
                .GetFiles(Paths.Root, "*", SearchOption.AllDirectories)
                .Where(file => Path.GetFileName(file) is not ("log.jsonl" or "owner.lock"))
                .Order(StringComparer.Ordinal),
        ];

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }
}
