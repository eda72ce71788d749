using Hesse.Planning;
using Hesse.Specs;
using Hesse.Stores;
using Command = Hesse.Tests.Cli.CommandLine;

namespace Hesse.Tests.Faults;

/// <summary>Numbers that are wrong although every checksum is right, as a failing device leaves them.</summary>
[Trait("Category", "Fault")]
public sealed class AuditTests : IDisposable
{
    private readonly FaultExperiment _experiment = new(FaultExperiment.Quick);

    private string Chunk => Path.Combine(_experiment.Root("sound"), "chunks", "seeds-00000000-00000019");

    public void Dispose() => _experiment.Dispose();

    [Theory]
    [InlineData("loss", 5)]
    [InlineData("hessian-spectrum", 19)]
    public void F28_a_wrong_number_with_right_checksums_is_found_by_an_audit(string quantity, int replica)
    {
        Falsify(quantity, replica);
        Command.Run("verify", _experiment.PathOf("sound")).Code.ShouldBe(0);

        (int code, _, string error) = Audit("100");

        code.ShouldBe(3);
        error.ShouldContain($"{quantity}.npy: replica {replica}, ");
        Directory.Delete(Chunk, recursive: true);
        Audit("100").Code.ShouldBe(0);
    }

    [Fact]
    public void F28_sound_results_pass_an_audit_of_any_share()
    {
        (int code, _, string error) = Audit("100");
        code.ShouldBe(0, error);
        error.ShouldContain("20 replicas computed again, the same bits");
        Audit("1").Code.ShouldBe(0);
        Audit("0").Code.ShouldBe(64);
        Audit("101").Code.ShouldBe(64);
    }

    [Fact]
    public void F28_shards_audit_their_own_chunks()
    {
        RunOptions options = new()
        {
            Output = _experiment.PathOf("shards"),
            Threads = 1,
            Shard = new Shard(1, 2),
            AuditPercent = 100,
        };
        Spec spec = SpecReader.Read(_experiment.SpecPath, [SpecOverride.Replicas("300")]);
        RunReport report = Experiment.Run(spec, options);
        report.Audited.ShouldBe(44);
        report.AuditFindings.ShouldBeEmpty();
    }

    private (int Code, string Output, string Error) Audit(string percent) =>
        Command.Run("run", _experiment.SpecPath, "--out", _experiment.PathOf("sound"), "--audit", percent);

    /// <summary>Changes the last bit of a replica's last number, and every checksum with it.</summary>
    private void Falsify(string quantity, int replica)
    {
        string path = Path.Combine(Chunk, quantity + ".npy");
        byte[] bytes = File.ReadAllBytes(path);
        NpyHeader header = NpyFile.ReadHeader(path);
        long row = header.Elements / header.Shape[0] * header.ElementSize;
        bytes[header.DataOffset + ((replica + 1) * row) - header.ElementSize] ^= 1;
        File.WriteAllBytes(path, bytes);
        (_, string crc32C, string sha256) = ChecksumStream.OfFile(DiskFiles.Instance, path);
        string description = Path.Combine(Chunk, ChunkFolder.RecordFile);
        ChunkRecord record = SealedJson.Read(DiskFiles.Instance, description, StoreFormat.Records.ChunkRecord);
        ArrayRecord[] files =
        [
            .. record.Files.Select(file =>
                file.Quantity == quantity ? file with { Crc32C = crc32C, Sha256 = sha256 } : file
            ),
        ];
        SealedJson.Write(
            DiskFiles.Instance,
            description,
            record with
            {
                Files = files,
            },
            StoreFormat.Records.ChunkRecord
        );
    }
}
