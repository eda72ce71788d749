using System.Buffers.Binary;
using System.Text;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Planning;
using Hesse.Specs;
using Hesse.Stores;
using Command = Hesse.Tests.Cli.CommandLine;

namespace Hesse.Tests.Faults;

/// <summary>Inputs that are wrong, extreme, or written to do harm.</summary>
[Trait("Category", "Fault")]
public sealed class InputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("replicas: 5", "replicas: 0", "replicas")]
    [InlineData("replicas: 5", "replicas: -1", "replicas")]
    [InlineData("replicas: 5", "replicas: 2147483648", "replicas")]
    [InlineData("seed: 1", "seed: -1", "seed")]
    [InlineData("seed: 1", "seed: 18446744073709551616", "seed")]
    [InlineData("hidden: [2]", "hidden: [0]", "hidden")]
    [InlineData("step-size: 0.1", "step-size: .nan", "step-size")]
    [InlineData("size: 4", "size: 9", "size")]
    [InlineData("steps: 6", "steps: -1", "steps")]
    [InlineData("steps: 6", "stepz: 6", "did you mean 'steps'?")]
    [InlineData("name: small", "name: ../../etc", "name")]
    [InlineData("name: small", "name: '..\\..'", "name")]
    [InlineData("name: small", "name: a/b", "name")]
    [InlineData("name: small", "name: '<script>'", "name")]
    [InlineData("name: small", "name: '=cmd()'", "name")]
    public void F33_F37_F39_values_and_names_that_cannot_be_are_refused_before_anything_is_written(
        string sound,
        string changed,
        string told
    )
    {
        Write("spec.yaml", Text().Replace(sound, changed, StringComparison.Ordinal));
        (int code, _, string error) = Run();
        code.ShouldBe(65, error);
        error.ShouldContain(told);
        Directory.GetFileSystemEntries(_folder.Root).Length.ShouldBe(1);
    }

    [Fact]
    public void F33_the_largest_seed_is_a_seed()
    {
        Write("spec.yaml", Text().Replace("seed: 1", "seed: 18446744073709551615", StringComparison.Ordinal));
        Run().Code.ShouldBe(0);
    }

    [Fact]
    public void F37_a_linked_output_folder_is_followed_and_nothing_else_is_written()
    {
        Write("spec.yaml", Text());
        Directory.CreateDirectory(_folder.PathOf("real"));
        Directory.CreateSymbolicLink(_folder.PathOf("out"), _folder.PathOf("real"));
        Run().Code.ShouldBe(0);
        Directory.GetDirectories(_folder.PathOf("real")).Select(path => Path.GetFileName(path)).ShouldBe(["small"]);
        Directory.GetFileSystemEntries(_folder.Root).Length.ShouldBe(3);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void F24_an_input_that_is_no_number_is_told_or_marks_every_replica(double value)
    {
        WriteData(inputs => inputs[7] = value);
        (int code, _, string error) = Run();
        // Every replica reads every sample.
        (code == 65 || (code == 0 && error.Contains("every replica diverged", StringComparison.Ordinal))).ShouldBeTrue(
            error
        );
        (code == 65 || Run("--strict").Code == 3).ShouldBeTrue();
    }

    [Theory]
    [InlineData(5e-324, 0.0)]
    [InlineData(-0.0, 1e-310)]
    [InlineData(1.0, 1e150)]
    public void F25_denormal_negative_zero_and_huge_numbers_are_the_same_on_both_backends(double input, double target)
    {
        // The backends order their sums differently: rounding of some ten additions.
        const double Tolerance = 1e-13;
        WriteData(inputs => inputs[7] = input, targets => targets[0] = target, "precision: float64");
        Run("--backend", "cpu").Code.ShouldBe(0);
        double[] cpu = Loss();
        Directory.Delete(_folder.PathOf("out"), recursive: true);
        Run("--backend", "reference").Code.ShouldBe(0);
        double[] reference = Loss();
        for (int i = 0; i < cpu.Length; i++)
        {
            (double.IsNaN(cpu[i]) == double.IsNaN(reference[i])).ShouldBeTrue();
            (
                double.IsNaN(cpu[i]) || Math.Abs(cpu[i] - reference[i]) <= Tolerance * Math.Abs(reference[i])
            ).ShouldBeTrue($"{cpu[i]} and {reference[i]}");
        }
    }

    [Fact]
    public void F36_other_data_of_the_same_shape_is_another_experiment()
    {
        WriteData();
        Run().Code.ShouldBe(0);
        WriteData(inputs => inputs[3] += 1e-9);
        (int code, _, string error) = Run();
        code.ShouldBe(73);
        error.ShouldContain("another experiment");
    }

    [Fact]
    public void F40_names_with_markup_are_printed_as_they_are()
    {
        string folder = _folder.PathOf("[red]x[/]");
        Write("spec.yaml", Text());
        (int code, string output, string error) = Command.Run(
            "run",
            _folder.PathOf("spec.yaml"),
            "--out",
            folder,
            "--color",
            "always"
        );
        code.ShouldBe(0, error);
        output.ShouldContain("[red]x[/]");
    }

    [Fact]
    public void F34_F35_F38_mutated_data_files_are_read_or_refused_and_take_no_more_memory_than_they_have_bytes()
    {
        (string Name, byte[] Bytes, Action<string> Read)[] kinds =
        [
            ("x.npy", Npy(), path => NpyFile.Read(path)),
            ("x.idx", Idx(), path => IdxData.ReadFile(path, 3)),
            ("x.bin", Cifar(), path => ReadCifar(path)),
        ];
        int rounds = Repetitions.Of(30_000) / kinds.Length;
        Random random = new(34);
        int refused = 0;
        foreach ((string name, byte[] sound, Action<string> read) in kinds)
        {
            for (int round = 0; round < rounds; round++)
            {
                byte[] damaged = Mutate(sound, random);
                string path = _folder.Write(name, damaged);
                long before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    read(path);
                }
                catch (HesseException failure)
                {
                    failure.Code.ShouldBe(ExitCode.BadData, failure.Message);
                    failure.Message.ShouldNotContain("\n");
                    refused++;
                }

                // Numbers are widened to eight bytes; a reader's own buffers are below a megabyte.
                (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(
                    (1 << 20) + (64L * damaged.Length),
                    name
                );
            }
        }

        refused.ShouldBeGreaterThan(rounds / 2);
        Repetitions.Report("F34 F35 F38", "mutated data files read or refused", rounds * kinds.Length);
    }

    [Fact]
    public void F38_a_stored_result_that_lies_about_its_files_is_refused()
    {
        Write("spec.yaml", Text());
        Run().Code.ShouldBe(0);
        string chunk = Path.Combine(_folder.PathOf("out"), "small", "chunks", "seeds-00000000-00000004");
        string file = Path.Combine(chunk, "chunk.json");
        ChunkRecord record = SealedJson.Read(DiskFiles.Instance, file, StoreFormat.Records.ChunkRecord);
        foreach (
            ArrayRecord lie in new[]
            {
                record.Files[0] with
                {
                    File = "../../../../etc/passwd",
                },
                record.Files[0] with
                {
                    DType = "|O",
                },
                record.Files[0] with
                {
                    Shape = [1L << 40],
                },
                record.Files[0] with
                {
                    Bytes = long.MaxValue,
                },
            }
        )
        {
            ChunkRecord told = record with { Files = [lie, .. record.Files.Skip(1)] };
            SealedJson.Write(DiskFiles.Instance, file, told, StoreFormat.Records.ChunkRecord);
            (int code, _, string error) = Command.Run("verify", _folder.PathOf("out"));
            code.ShouldBe(65, error);
            error.ShouldNotContain("internal error");
        }
    }

    [Fact]
    public void F47_a_newer_format_is_refused_with_both_numbers()
    {
        Write("spec.yaml", Text());
        Run().Code.ShouldBe(0);
        ResultPaths paths = new(Path.Combine(_folder.PathOf("out"), "small"), Shard.Whole);
        ManifestRecord manifest = ManifestFile.Read(DiskFiles.Instance, paths);
        ManifestFile.Write(DiskFiles.Instance, paths, manifest with { Format = 2 });
        foreach (string verb in new[] { "status", "verify", "merge", "stats" })
        {
            (int code, _, string error) = Command.Run(verb, _folder.PathOf("out"));
            code.ShouldBe(65, verb);
            error.ShouldContain("has format 2; this program reads format 1");
        }
    }

    private static string Text(string data = "{kind: gauss, classes: 2, dimension: 3, samples: 8}", string more = "") =>
        $$"""
            version: 1
            name: small
            seed: 1
            replicas: 5
            {{more}}
            data: {{data}}
            network: {hidden: [2]}
            loss: {{(data.Contains("npy", StringComparison.Ordinal) ? "mse" : "cross-entropy")}}
            training: {optimizer: {kind: sgd, step-size: 0.1}, batch: {size: 4, order: epochs}, steps: 6}
            observe: [{quantity: loss, every: 2}]

            """;

    private (int Code, string Output, string Error) Run(params string[] more) =>
        Command.Run(["run", _folder.PathOf("spec.yaml"), "--out", _folder.PathOf("out"), .. more]);

    private double[] Loss() =>
        NpyFile.Read(Path.Combine(_folder.PathOf("out"), "small", "arrays", "loss.npy")).ToDoubles();

    private void Write(string name, string text) => _folder.Write(name, Encoding.UTF8.GetBytes(text));

    private void WriteData(Action<double[]>? inputs = null, Action<double[]>? targets = null, string more = "")
    {
        double[] x = [.. Enumerable.Range(0, 24).Select(i => Math.Sin(i))];
        double[] y = [.. Enumerable.Range(0, 16).Select(i => Math.Cos(i))];
        inputs?.Invoke(x);
        targets?.Invoke(y);
        NpyFile.Write<double>(_folder.PathOf("x.npy"), NpyType.Float64, [8, 3], x);
        NpyFile.Write<double>(_folder.PathOf("y.npy"), NpyType.Float64, [8, 2], y);
        Write("spec.yaml", Text("{kind: npy, inputs: x.npy, targets: y.npy}", more));
    }

    private static byte[] Mutate(byte[] sound, Random random)
    {
        List<byte> bytes = [.. sound];
        for (int blow = random.Next(1, 4); blow > 0 && bytes.Count > 0; blow--)
        {
            // Headers are where files lie.
            int place = random.Next(random.Next(2) == 0 ? Math.Min(128, bytes.Count) : bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes[place] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(place, Math.Min(random.Next(1, 60), bytes.Count - place));
                    break;
                case 2:
                    bytes.InsertRange(place, Enumerable.Repeat((byte)random.Next(256), random.Next(1, 60)));
                    break;
                default:
                    bytes[place] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }

        return [.. bytes];
    }

    private byte[] Npy()
    {
        NpyFile.Write<float>(_folder.PathOf("sound.npy"), NpyType.Float32, [4, 5], new float[20]);
        return File.ReadAllBytes(_folder.PathOf("sound.npy"));
    }

    private static byte[] Idx()
    {
        byte[] bytes = new byte[16 + (6 * 2 * 3)];
        uint[] words = [0x803, 6, 2, 3];
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4 * i), words[i]);
        }

        return bytes;
    }

    private static byte[] Cifar() => new byte[3073];

    private void ReadCifar(string path)
    {
        string folder = _folder.PathOf("cifar");
        Directory.CreateDirectory(folder);
        for (int batch = 1; batch <= 5; batch++)
        {
            File.WriteAllBytes(
                Path.Combine(folder, $"data_batch_{batch}.bin"),
                batch == 1 ? File.ReadAllBytes(path) : Cifar()
            );
        }

        File.WriteAllBytes(Path.Combine(folder, "test_batch.bin"), Cifar());
        Cifar10Data.Open(new Cifar10DataSpec { Folder = folder }, Precision.Float32).Samples.ShouldBe(5);
    }
}
