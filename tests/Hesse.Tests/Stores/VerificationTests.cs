using Hesse.Stores;
using Shouldly;
using Xunit;

namespace Hesse.Tests.Stores;

public sealed class VerificationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DiskFiles _disk = new();

    public VerificationTests() =>
        SmallResult.Run(_disk, Paths, SmallResult.Wanted(20, SmallResult.Loss, SmallResult.Spectrum));

    private ResultPaths Paths => SmallResult.Paths(_folder.PathOf("run"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_sound_result_has_no_findings()
    {
        VerificationReport report = Verification.Run(_disk, Paths);
        report.Findings.ShouldBeEmpty();
        report.Files.ShouldBeGreaterThan(8);
    }

    [Fact]
    public void A_flipped_bit_anywhere_is_found()
    {
        Random random = new(1);
        foreach (string file in Stored())
        {
            byte[] sound = File.ReadAllBytes(file);
            for (int trial = 0; trial < 8; trial++)
            {
                byte[] damaged = (byte[])sound.Clone();
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
                File.WriteAllBytes(file, damaged);
                Verification.Run(_disk, Paths).Findings.ShouldNotBeEmpty(file);
            }

            File.WriteAllBytes(file, sound);
        }
    }

    [Fact]
    public void A_truncated_lengthened_or_missing_file_is_found()
    {
        foreach (string file in Stored())
        {
            byte[] sound = File.ReadAllBytes(file);
            foreach (int length in new[] { 0, 1, 10, 64, 127, sound.Length - 1, sound.Length + 1 })
            {
                byte[] damaged = sound;
                Array.Resize(ref damaged, length);
                File.WriteAllBytes(file, damaged);
                Verification.Run(_disk, Paths).Findings.ShouldNotBeEmpty($"{file} of {length} bytes");
            }

            File.Delete(file);
            Verification.Run(_disk, Paths).Findings.ShouldNotBeEmpty(file);
            File.WriteAllBytes(file, sound);
        }
    }

    [Fact]
    public void A_missing_chunk_is_found_and_not_filled_in()
    {
        Directory.Delete(Path.Combine(Paths.Chunks, "seeds-00000000-00000019"), recursive: true);
        Verification.Run(_disk, Paths).Findings.ShouldHaveSingleItem().Problem.ShouldContain("0 of 20");
        Should
            .Throw<HesseException>(() => Completion.Run(_disk, Paths, [], ManifestFile.Read(_disk, Paths), threads: 1))
            .Code.ShouldBe(ExitCode.BadData);
    }

    [Fact]
    public void A_damaged_chunk_is_not_merged()
    {
        string path = Path.Combine(Paths.Chunks, "seeds-00000000-00000019");
        string file = Path.Combine(path, "loss.npy");
        byte[] bytes = File.ReadAllBytes(file);
        bytes[^3] ^= 4;
        File.WriteAllBytes(file, bytes);

        HesseException failure = Should.Throw<HesseException>(() =>
            Completion.Run(_disk, Paths, [ChunkFolder.Read(_disk, path)], ManifestFile.Read(_disk, Paths), threads: 1)
        );
        failure.Code.ShouldBe(ExitCode.BadData);
        failure.Message.ShouldContain("loss.npy");
    }

    private string[] Stored() =>
        [
            .. Directory
                .GetFiles(Paths.Root, "*", SearchOption.AllDirectories)
                .Where(file => Path.GetFileName(file) is not ("log.jsonl" or "owner.lock" or "owner.json")),
        ];
}
