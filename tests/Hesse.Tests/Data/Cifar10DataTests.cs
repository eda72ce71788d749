using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;
using Shouldly;
using Xunit;

namespace Hesse.Tests.Data;

public sealed class Cifar10DataTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Record n of a file: its label, then red, green and blue planes of one value each.
    private static byte[] Record(byte label, byte red, byte green, byte blue)
    {
        byte[] record = new byte[3073];
        record[0] = label;
        record.AsSpan(1, 1024).Fill(red);
        record.AsSpan(1025, 1024).Fill(green);
        record.AsSpan(2049, 1024).Fill(blue);
        return record;
    }

    private Cifar10DataSpec WriteAll()
    {
        for (byte batch = 1; batch <= 5; batch++)
        {
            _folder.Write(
                $"data_batch_{batch}.bin",
                [.. Record((byte)(batch - 1), batch, 0, 50), .. Record((byte)(batch + 4), (byte)(batch + 5), 255, 50)]
            );
        }

        _folder.Write("test_batch.bin", Record(9, 1, 2, 3));
        return new Cifar10DataSpec { Folder = _folder.Root };
    }

    private static IDataSource Open(Cifar10DataSpec spec) => Cifar10Data.Open(spec, Precision.Float64);

    [Fact]
    public void Batches_are_read_in_their_order()
    {
        IDataSource source = Open(WriteAll());
        (source.Dimension, source.Outputs, source.Samples, source.TestSamples).ShouldBe((3072, 10, 10, 1));
        DataSet data = source.Training(0, 1);
        data.Labels.ShouldBe([0, 5, 1, 6, 2, 7, 3, 8, 4, 9]);
        data.InputsOf(0)[3072].ShouldBe(6 / 255.0);
        data.InputsOf(0)[3072 + 1024].ShouldBe(1);
        data.InputsOf(0)[(2 * 3072) + 1023].ShouldBe(2 / 255.0);
        DataSet test = source.Test(0, 1)!;
        test.Labels.ShouldBe([9]);
        test.Inputs[3071].ShouldBe(3 / 255.0);
    }

    [Fact]
    public void Channels_are_standardized_one_by_one()
    {
        DataSet data = Open(WriteAll() with { Standardize = Standardize.Channel }).Training(0, 1);
        // Red is 1 .. 10 with mean 5.5 and variance 8.25, green 0 and 255 in equal shares, blue constant.
        data.Inputs[0].ShouldBe((1 - 5.5) / Math.Sqrt(8.25), 1e-15);
        data.Inputs[1024].ShouldBe(-1);
        data.Inputs[3072 + 1024].ShouldBe(1);
        data.Inputs[2048].ShouldBe(0);
    }

    [Fact]
    public void Pixels_are_standardized_over_the_whole_training_set_before_count()
    {
        // Edge-of-stability's form: mean and deviation (1/N) of each pixel over all training images, then the first N of them.
        Cifar10DataSpec spec = WriteAll() with
        {
            Standardize = Standardize.Pixel,
        };
        IDataSource whole = Open(spec);
        IDataSource part = Open(spec with { Count = 3 });
        part.Training(0, 1).Inputs.ShouldBe(whole.Training(0, 1).Inputs[..(3 * 3072)]);
        part.Test(0, 1)!.Inputs.ShouldBe(whole.Test(0, 1)!.Inputs);
        // Red of the first image is 1; over all ten 1 .. 10 has mean 5.5 and variance 8.25.
        part.Training(0, 1).Inputs[0].ShouldBe((1 - 5.5) / Math.Sqrt(8.25), 1e-15);
    }

    [Fact]
    public void Classes_and_count_choose_samples()
    {
        IDataSource source = Open(WriteAll() with { Classes = [9, 5], Count = 1 });
        source.Training(0, 1).Labels.ShouldBe([1]);
        source.Test(0, 1)!.Labels.ShouldBe([0]);
        source.Outputs.ShouldBe(2);
    }

    [Fact]
    public void Missing_files_are_named()
    {
        Cifar10DataSpec spec = WriteAll();
        foreach (string name in new[] { "test_batch.bin", "data_batch_3.bin" })
        {
            File.Delete(_folder.PathOf(name));
            HesseException failure = Should.Throw<HesseException>(() => Open(spec));
            failure.Code.ShouldBe(ExitCode.InputMissing);
            failure.Message.ShouldBe(_folder.PathOf(name) + ": no such file");
        }

        Should
            .Throw<HesseException>(() => Open(spec with { Folder = _folder.PathOf("none") }))
            .Code.ShouldBe(ExitCode.InputMissing);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3072)]
    [InlineData(3074)]
    public void F35_files_are_whole_records(int length)
    {
        Cifar10DataSpec spec = WriteAll();
        _folder.Write("data_batch_2.bin", new byte[length]);
        HesseException failure = Should.Throw<HesseException>(() => Open(spec));
        failure.Code.ShouldBe(ExitCode.BadData);
        failure.Message.ShouldEndWith($"data_batch_2.bin: its {length} bytes are not whole records of 3073");
    }

    [Fact]
    public void F35_labels_above_9_are_refused()
    {
        Cifar10DataSpec spec = WriteAll();
        _folder.Write("data_batch_2.bin", [.. Record(9, 0, 0, 0), .. Record(10, 0, 0, 0)]);
        HesseException failure = Should.Throw<HesseException>(() => Open(spec));
        failure.Code.ShouldBe(ExitCode.BadData);
        failure.Message.ShouldEndWith("data_batch_2.bin: record 1 has label 10; CIFAR-10 has classes 0 .. 9");
    }

    [Fact]
    public void F36_every_file_enters_the_hash()
    {
        Cifar10DataSpec spec = WriteAll();
        string before = Open(spec).ContentHash;
        Open(spec).ContentHash.ShouldBe(before);
        _folder.Write("test_batch.bin", Record(9, 1, 2, 4));
        Open(spec).ContentHash.ShouldNotBe(before);
    }
}
