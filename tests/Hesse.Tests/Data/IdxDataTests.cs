using System.Buffers.Binary;
using System.IO.Compression;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;
using Shouldly;
using Xunit;

namespace Hesse.Tests.Data;

public sealed class IdxDataTests : IDisposable
{
    // Six images of 1 x 3 pixels with labels 0 1 2 0 1 2; the last pixel is always 7.
    private static readonly byte[] Pixels = [0, 10, 7, 20, 30, 7, 40, 50, 7, 60, 70, 7, 80, 90, 7, 255, 110, 7];
    private static readonly byte[] Labels = [0, 1, 2, 0, 1, 2];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static byte[] Idx(uint magic, uint[] shape, ReadOnlySpan<byte> bytes)
    {
        byte[] file = new byte[4 * (1 + shape.Length)];
        BinaryPrimitives.WriteUInt32BigEndian(file, magic);
        for (int i = 0; i < shape.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(4 * (1 + i)), shape[i]);
        }

        return [.. file, .. bytes];
    }

    private static byte[] GoodImages => Idx(0x803, [6, 1, 3], Pixels);

    private static byte[] GoodLabels => Idx(0x801, [6], Labels);

    private static byte[] Compressed(byte[] bytes)
    {
        MemoryStream result = new();
        using (GZipStream gzip = new(result, CompressionLevel.Optimal))
        {
            gzip.Write(bytes);
        }

        return result.ToArray();
    }

    private IdxDataSpec Files(byte[]? images = null, byte[]? labels = null) =>
        new()
        {
            Images = _folder.Write("images", images ?? GoodImages),
            Labels = _folder.Write("labels", labels ?? GoodLabels),
        };

    private static IDataSource Open(IdxDataSpec spec) => IdxData.Open(spec, Precision.Float64);

    private static string Refusal(IdxDataSpec spec)
    {
        HesseException failure = Should.Throw<HesseException>(() => Open(spec));
        failure.Code.ShouldBe(ExitCode.BadData);
        failure.Message.ShouldNotContain("\n");
        return failure.Message;
    }

    [Fact]
    public void Bytes_become_numbers_between_0_and_1()
    {
        IDataSource source = Open(Files());
        (source.Dimension, source.Outputs, source.Samples, source.TestSamples, source.PerReplica).ShouldBe(
            (3, 3, 6, 0, false)
        );
        DataSet data = source.Training(5, 2);
        data.Sets.ShouldBe(1);
        data.Inputs.ShouldBe(Pixels.Select(b => b / 255.0));
        data.Labels.ShouldBe([0, 1, 2, 0, 1, 2]);
        source.Test(0, 1).ShouldBeNull();
        IdxData
            .Open(Files(), Precision.Float32)
            .Training(0, 1)
            .Inputs.ShouldBe(Pixels.Select(b => (double)(float)(b / 255.0)));
    }

    [Fact]
    public void Compressed_files_are_the_same_data()
    {
        IDataSource plain = Open(Files());
        IDataSource compressed = Open(Files(Compressed(GoodImages), Compressed(GoodLabels)));
        compressed.Training(0, 1).Inputs.ShouldBe(plain.Training(0, 1).Inputs);
        compressed.ContentHash.ShouldBe(plain.ContentHash);
        plain.ContentHash.Length.ShouldBe(64);
    }

    [Fact]
    public void Every_file_enters_the_hash_in_its_place()
    {
        byte[] changed = [.. GoodImages];
        changed[^1]++;
        IdxDataSpec good = Files();
        string[] hashes =
        [
            Open(good).ContentHash,
            Open(good with { TestImages = good.Images, TestLabels = good.Labels }).ContentHash,
            Open(good with { Images = _folder.Write("changed", changed) }).ContentHash,
            Open(good with { Labels = _folder.Write("relabelled", Idx(0x801, [6], [0, 1, 2, 0, 1, 1])) }).ContentHash,
        ];
        hashes.Distinct().Count().ShouldBe(4);
    }

    [Fact]
    public void Classes_are_kept_and_renumbered_in_their_order_before_count()
    {
        IDataSource source = Open(Files() with { Classes = [2, 0], Count = 3 });
        source.Outputs.ShouldBe(2);
        DataSet data = source.Training(0, 1);
        data.Labels.ShouldBe([1, 0, 1]);
        data.Inputs.ShouldBe(Pixels.Where((_, i) => i / 3 is 0 or 2 or 3).Select(b => b / 255.0));
    }

    [Fact]
    public void Count_cuts_the_training_set_only()
    {
        IdxDataSpec files = Files();
        IDataSource source = Open(files with { TestImages = files.Images, TestLabels = files.Labels, Count = 2 });
        (source.Samples, source.TestSamples, source.Outputs).ShouldBe((2, 6, 3));
        Refusal(files with { Count = 7 }).ShouldContain("data.count is 7");
        Refusal(files with { Count = 0 }).ShouldContain("data.count is 0");
        Refusal(files with { Classes = [1], Count = 3 }).ShouldContain("has 2 samples of the chosen classes");
    }

    [Fact]
    public void Wrong_classes_are_refused()
    {
        Refusal(Files() with { Classes = [0, 3] }).ShouldContain("class 3 does not occur");
        Refusal(Files() with { Classes = [0, 256] }).ShouldContain("class 256 does not occur");
        Refusal(Files() with { Classes = [0, -1] }).ShouldContain("class -1 does not occur");
        Refusal(Files() with { Classes = [1, 1] }).ShouldContain("class 1 stands there twice");
    }

    [Theory]
    [InlineData(Standardize.Channel)]
    [InlineData(Standardize.Pixel)]
    public void Standardized_pixels_have_mean_0_and_variance_1_over_the_training_set(Standardize standardize)
    {
        // Rounding of sums of 18 numbers of order 1.
        const double Rounding = 1e-14;
        IdxDataSpec files = Files();
        IDataSource source = Open(
            files with
            {
                Standardize = standardize,
                TestImages = _folder.Write("test-images", Idx(0x803, [1, 1, 3], [1, 2, 3])),
                TestLabels = _folder.Write("test-labels", Idx(0x801, [1], [0])),
            }
        );
        double[] inputs = source.Training(0, 1).Inputs;
        double[] test = source.Test(0, 1)!.Inputs;
        int columns = standardize == Standardize.Pixel ? 3 : 1;
        for (int column = 0; column < columns; column++)
        {
            double[] values = [.. inputs.Where((_, i) => i % columns == column)];
            double[] bytes = [.. Pixels.Where((_, i) => i % columns == column).Select(b => (double)b)];
            double mean = bytes.Average();
            double deviation = Math.Sqrt(bytes.Average(b => (b - mean) * (b - mean)));
            if (deviation == 0)
            {
                values.ShouldAllBe(v => v == 0);
                test[column].ShouldBe(0);
                continue;
            }

            values.Average().ShouldBe(0, Rounding);
            values.Average(v => v * v).ShouldBe(1, Rounding);
            test[column].ShouldBe((column + 1 - mean) / deviation, Rounding);
        }
    }

    [Fact]
    public void Statistics_are_those_of_the_chosen_classes()
    {
        double[] inputs = Open(Files() with { Classes = [0], Standardize = Standardize.Pixel }).Training(0, 1).Inputs;
        inputs.ShouldBe([-1.0, -1, 0, 1, 1, 0]);
    }

    [Fact]
    public void F34_broken_files_are_refused()
    {
        Refusal(Files(images: Idx(0x801, [6, 1, 3], Pixels)))
            .ShouldContain("begins with 0x00000801, not with 0x00000803");
        Refusal(Files(labels: Idx(0x803, [6], Labels))).ShouldContain("begins with 0x00000803, not with 0x00000801");
        Refusal(Files(images: Idx(0xd03, [6, 1, 3], Pixels))).ShouldContain("not with 0x00000803");
        Refusal(Files(images: Idx(0x803, [6, 1, 3], Pixels.AsSpan(0, 17))))
            .ShouldContain("declares 6 x 1 x 3 bytes, which the file does not hold");
        Refusal(Files(images: [.. GoodImages, 0])).ShouldContain("goes on after the 18 bytes");
        Refusal(Files(images: Idx(0x803, [0, 1, 3], []))).ShouldContain("declares 0 x 1 x 3");
        Refusal(Files(labels: Idx(0x801, [5], Labels.AsSpan(0, 5)))).ShouldContain("5 labels for the 6 images");
        Refusal(Files(images: [])).ShouldContain("ends too early");
        Refusal(Files(images: [1])).ShouldContain("ends too early");
        Refusal(Files(images: GoodImages[..9])).ShouldContain("ends too early");
        IdxDataSpec files = Files();
        Refusal(files with { TestImages = files.Images }).ShouldContain("go together");
        IdxDataSpec wide = files with
        {
            TestImages = _folder.Write("wide", Idx(0x803, [6, 1, 1], Labels)),
            TestLabels = files.Labels,
        };
        Refusal(wide).ShouldContain("images of 1 pixels; the training images have 3");
    }

    [Theory]
    [InlineData(uint.MaxValue, 28u, 28u)]
    [InlineData(uint.MaxValue, uint.MaxValue, uint.MaxValue)]
    [InlineData(1u << 16, 1u << 16, 1u << 16)]
    [InlineData(1u << 31, 1u, 1u)]
    [InlineData(1_000_000u, 28u, 28u)]
    public void F34_impossible_shapes_are_refused_before_memory_is_taken(uint n, uint rows, uint columns)
    {
        byte[] images = Idx(0x803, [n, rows, columns], Pixels);
        IdxDataSpec plain = Files(images);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refusal(plain).ShouldContain($"declares {n} x {rows} x {columns} bytes, which the file does not hold");
        Refusal(plain with { Images = _folder.Write("gz", Compressed(images)) })
            .ShouldContain("which the file does not hold");
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(2_000_000);
    }

    [Fact]
    public void F34_gzip_bombs_stop_after_the_declared_size()
    {
        byte[] bomb = Compressed([.. GoodImages, .. new byte[50_000_000]]);
        bomb.Length.ShouldBeLessThan(100_000);
        IdxDataSpec files = Files(bomb);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refusal(files).ShouldContain("goes on after the 18 bytes");
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(2_000_000);
    }

    [Fact]
    public void F34_broken_gzip_data_is_refused()
    {
        byte[] good = Compressed(GoodImages);
        byte[] wrongSum = [.. good];
        wrongSum[^5] ^= 1;
        Refusal(Files(wrongSum)).ShouldContain("broken gzip data");
        byte[] wrongBody = [.. good];
        wrongBody[10] = 0xff;
        Refusal(Files(wrongBody)).ShouldContain("broken gzip data");
        for (int length = 0; length < good.Length; length++)
        {
            Refusal(Files(good[..length]));
        }

        Refusal(Files([.. good, 0, 0])).ShouldContain("broken gzip data");
    }

    [Fact]
    public void Missing_files_are_named()
    {
        HesseException failure = Should.Throw<HesseException>(() =>
            Open(Files() with { Labels = _folder.PathOf("none") })
        );
        failure.Code.ShouldBe(ExitCode.InputMissing);
        failure.Message.ShouldBe(_folder.PathOf("none") + ": no such file");
    }
}
