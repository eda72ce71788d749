using System.IO.Compression;
using Hesse.Data;
using Hesse.Stores;

namespace Hesse.Tests.Data;

public sealed class DataFileReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Numbers_have_shape_type_and_range()
    {
        string path = _folder.PathOf("x.npy");
        NpyFile.Write<double>(path, NpyType.Float32, [2, 3], [1, -2.5, 3, 4, 5, 6]);
        DataFileReport report = DataFileReport.Of(path);
        (report.Format, report.ElementType, report.Problem, report.Code).ShouldBe(("npy", "<f4", null, ExitCode.Ok));
        report.Shape.ShouldBe([2L, 3]);
        (report.Minimum, report.Maximum).ShouldBe((-2.5, 6.0));
        report.Classes.ShouldBeNull();
    }

    [Fact]
    public void Classes_are_listed_and_the_first_bad_number_is_named()
    {
        string labels = _folder.PathOf("y.npy");
        NpyFile.Write<long>(labels, NpyType.Int64, [5], [2, 0, 2, 7, 0]);
        DataFileReport.Of(labels).Classes.ShouldBe([0L, 2, 7]);
        NpyFile.Write<long>(labels, NpyType.Int32, [3], [2, -1, -2]);
        Bad(labels, "element 1 is -1; classes are 0, 1, ...").Minimum.ShouldBe(-2);
        string inputs = _folder.PathOf("x.npy");
        NpyFile.Write<double>(inputs, NpyType.Float64, [2, 2], [1, 2, double.NaN, double.PositiveInfinity]);
        DataFileReport report = Bad(inputs, "element (1, 0) is NaN, not a finite number");
        (report.Minimum, report.Maximum).ShouldBe((1.0, 2.0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Idx_files_are_told_by_their_content(bool compressed)
    {
        byte[] images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 9, 8, 7, 6, 5, 4];
        byte[] labels = [0, 0, 8, 1, 0, 0, 0, 3, 1, 0, 1];
        DataFileReport report = DataFileReport.Of(_folder.Write("images", Pack(images)));
        (report.Format, report.ElementType, report.Problem).ShouldBe(("idx images", "|u1", null));
        report.Shape.ShouldBe([2L, 1, 3]);
        (report.Minimum, report.Maximum).ShouldBe((4.0, 9.0));
        report = DataFileReport.Of(_folder.Write("labels", Pack(labels)));
        report.Format.ShouldBe("idx labels");
        report.Classes.ShouldBe([0L, 1]);
        Bad(
            _folder.Write("short", Pack(images[..^1])),
            compressed ? "ends too early" : "declares 2 x 1 x 3 bytes, which the file does not hold"
        );

        byte[] Pack(byte[] content)
        {
            if (!compressed)
            {
                return content;
            }

            using MemoryStream packed = new();
            using (GZipStream zip = new(packed, CompressionMode.Compress))
            {
                zip.Write(content);
            }

            return packed.ToArray();
        }
    }

    [Fact]
    public void Cifar_records_are_counted_and_their_labels_checked()
    {
        byte[] records = new byte[2 * 3073];
        records[0] = 3;
        records[3073] = 9;
        records[5000] = 200;
        DataFileReport report = DataFileReport.Of(_folder.Write("data_batch_1.bin", records));
        (report.Format, report.Problem, report.Maximum).ShouldBe(("cifar10", null, 200.0));
        report.Shape.ShouldBe([2L, 3, 32, 32]);
        report.Classes.ShouldBe([3L, 9]);
        records[3073] = 10;
        Bad(_folder.Write("data_batch_2.bin", records), "record 1 has label 10; CIFAR-10 has classes 0 .. 9");
        DataFileReport.FilesOf(_folder.Root).Count.ShouldBe(6);
        DataFileReport.FilesOf(_folder.Root)[5].ShouldBe(_folder.PathOf("test_batch.bin"));
    }

    [Fact]
    public void Other_files_are_refused()
    {
        Bad(_folder.Write("empty", []), "is neither .npy nor idx");
        Bad(_folder.Write("text", "1,2,3"u8), "is neither .npy nor idx");
        Bad(_folder.Write("data_batch_1", [0x80, 2, 0x7d, 0x71]), "looks like a Python pickle");
        Bad(_folder.Write("broken.npy", [0x93, .. "NUMPY"u8, 1, 0]), "shorter than its header");
        Bad(_folder.Write("broken.gz", [0x1f, 0x8b, 1, 2, 3]), "gzip");
        NpyFile.Write<double>(_folder.PathOf("none.npy"), NpyType.Float64, [0, 3], []);
        Bad(_folder.PathOf("none.npy"), "holds no numbers, its shape is (0, 3)");
        DataFileReport missing = DataFileReport.Of(_folder.PathOf("missing"));
        (missing.Problem, missing.Code).ShouldBe(("no such file", ExitCode.InputMissing));
    }

    private static DataFileReport Bad(string path, string problem)
    {
        DataFileReport report = DataFileReport.Of(path);
        report.Code.ShouldBe(ExitCode.BadData, report.Problem);
        report.Problem.ShouldNotBeNull().ShouldContain(problem);
        return report;
    }
}
