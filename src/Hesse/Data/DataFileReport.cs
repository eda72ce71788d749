using System.Buffers.Binary;
using System.IO.Compression;
using Hesse.Stores;

namespace Hesse.Data;

/// <summary>What a file of samples holds, read to its end, and the first thing that is wrong with it.</summary>
internal sealed record DataFileReport
{
    private const int ImageAxes = 3;
    private const int LabelAxes = 1;
    private const int NpyMagic = unchecked((int)0x934E554D);
    private const int PicklePrefix = 0x80;

    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>npy, idx images, idx labels or cifar10; empty where it is none of these.</summary>
    public string Format { get; init; } = "";

    /// <summary>Lengths of the axes, slowest first; images of cifar10 as (N,3,32,32).</summary>
    public IReadOnlyList<long> Shape { get; init; } = [];

    /// <summary>Type of an element as NumPy writes it: &lt;f4, &lt;f8, &lt;i4, &lt;i8 or |u1.</summary>
    public string ElementType { get; init; } = "";

    /// <summary>The distinct labels, ascending, of a file that holds classes; else null.</summary>
    public IReadOnlyList<long>? Classes { get; init; }

    /// <summary>The smallest number, those of cifar10 being the pixels; null where there is none.</summary>
    public double? Minimum { get; init; }

    /// <summary>The largest.</summary>
    public double? Maximum { get; init; }

    /// <summary>What is wrong first, or null.</summary>
    public string? Problem { get; init; }

    /// <summary>The exit code that belongs to the problem: 65 bad, 66 missing, 71 too large, 74 or 77 not readable.</summary>
    public ExitCode Code { get; init; }

    /// <summary>The files behind a word: the six of CIFAR-10 where it is a folder, else itself.</summary>
    public static IReadOnlyList<string> FilesOf(string path) =>
        Directory.Exists(path)
            ?
            [
                .. Cifar10Data
                    .TrainingFiles.Append(Cifar10Data.TestFile)
                    .Select(name => System.IO.Path.Combine(path, name)),
            ]
            : [path];

    /// <summary>Reads one file; a fault of the file is told in the report, not thrown.</summary>
    public static DataFileReport Of(string path)
    {
        DataFileReport report = new() { Path = path };
        try
        {
            return Read(report);
        }
        catch (HesseException failure)
        {
            // The line begins with the path, which the report has already.
            string problem = failure.Message.StartsWith($"{path}: ", StringComparison.Ordinal)
                ? failure.Message[(path.Length + 2)..]
                : failure.Message;
            return report with { Problem = problem, Code = failure.Code };
        }
    }

    private static DataFileReport Read(DataFileReport report)
    {
        int magic = Magic(report.Path, out long length);
        return magic switch
        {
            NpyMagic => OfNpy(report),
            0x00000800 | ImageAxes => OfIdx(report with { Format = "idx images" }, ImageAxes),
            0x00000800 | LabelAxes => OfIdx(report with { Format = "idx labels" }, LabelAxes),
            _ when length > 0 && length % Cifar10Data.RecordLength == 0 => OfCifar10(
                report with
                {
                    Format = "cifar10",
                }
            ),
            _ when magic >>> 24 == PicklePrefix => Bad(
                report,
                "looks like a Python pickle; hesse reads the binary version of CIFAR-10 (cifar-10-binary.tar.gz) and .npy"
            ),
            _ => Bad(report, "is neither .npy nor idx nor whole records of CIFAR-10's binary version"),
        };
    }

    /// <summary>The first four bytes, big-endian, of what is behind gzip if the file is compressed; 0 where there are fewer.</summary>
    private static int Magic(string path, out long length)
    {
        using FileStream file = InputFile.Open(path);
        length = file.Length;
        byte[] first = new byte[4];
        int count = file.ReadAtLeast(first, first.Length, throwOnEndOfStream: false);
        if (count >= 2 && first[0] == 0x1f && first[1] == 0x8b)
        {
            file.Position = 0;
            try
            {
                using GZipStream content = new(file, CompressionMode.Decompress);
                count = content.ReadAtLeast(first, first.Length, throwOnEndOfStream: false);
            }
            catch (InvalidDataException cause)
            {
                throw new HesseException(ExitCode.BadData, $"{path}: is broken gzip data: {cause.Message}", cause);
            }
        }

        return count < first.Length ? 0 : BinaryPrimitives.ReadInt32BigEndian(first);
    }

    private static DataFileReport OfNpy(DataFileReport report)
    {
        NpyArray array = NpyFile.Read(report.Path);
        report = report with { Format = "npy", Shape = array.Shape, ElementType = NpyHeader.Describe(array.Type) };
        if (array.Length == 0)
        {
            return Bad(report, $"holds no numbers, its shape is {NpyHeader.Format(array.Shape)}");
        }

        if (array.IsInteger)
        {
            long[] values = array.ToInt64s();
            report = report with
            {
                Minimum = values.Min(),
                Maximum = values.Max(),
                // Whole numbers along samples or (replicas, samples) are classes.
                Classes = array.Shape.Count <= 2 ? [.. values.Distinct().Order()] : null,
            };
            int negative = Array.FindIndex(values, value => value < 0);
            return negative >= 0 && report.Classes is not null
                ? Bad(report, $"element {negative} is {values[negative]}; classes are 0, 1, ...")
                : report;
        }

        double[] numbers = array.ToDoubles();
        int bad = Array.FindIndex(numbers, number => !double.IsFinite(number));
        double[] finite = bad < 0 ? numbers : [.. numbers.Where(double.IsFinite)];
        report = finite.Length > 0 ? report with { Minimum = finite.Min(), Maximum = finite.Max() } : report;
        return bad < 0
            ? report
            : Bad(report, $"element {Place(bad, array.Shape)} is {numbers[bad]}, not a finite number");
    }

    private static DataFileReport OfIdx(DataFileReport report, int axes)
    {
        (int[] shape, byte[] bytes, _) = IdxData.ReadFile(report.Path, axes);
        return report with
        {
            Shape = [.. shape.Select(length => (long)length)],
            ElementType = NpyHeader.Describe(NpyType.UInt8),
            Minimum = bytes.Min(),
            Maximum = bytes.Max(),
            Classes = axes == LabelAxes ? [.. bytes.Distinct().Order()] : null,
        };
    }

    private static DataFileReport OfCifar10(DataFileReport report)
    {
        using FileStream file = InputFile.Open(report.Path);
        byte[] record = new byte[Cifar10Data.RecordLength];
        long records = file.Length / record.Length;
        SortedSet<long> classes = [];
        int smallest = byte.MaxValue;
        int largest = 0;
        string? problem = null;
        for (long n = 0; n < records; n++)
        {
            InputFile.ReadExactly(file, record, report.Path);
            classes.Add(record[0]);
            if (record[0] > Cifar10Data.LargestLabel)
            {
                problem ??= $"record {n} has label {record[0]}; CIFAR-10 has classes 0 .. {Cifar10Data.LargestLabel}";
            }

            foreach (byte pixel in record.AsSpan(1))
            {
                smallest = Math.Min(smallest, pixel);
                largest = Math.Max(largest, pixel);
            }
        }

        report = report with
        {
            Shape = [records, 3, 32, 32],
            ElementType = NpyHeader.Describe(NpyType.UInt8),
            Minimum = smallest,
            Maximum = largest,
            Classes = [.. classes],
        };
        return problem is null ? report : Bad(report, problem);
    }

    private static string Place(long element, IReadOnlyList<long> shape)
    {
        long[] index = new long[shape.Count];
        for (int axis = shape.Count - 1; axis >= 0; axis--)
        {
            (element, index[axis]) = Math.DivRem(element, shape[axis]);
        }

        return $"({string.Join(", ", index)})";
    }

    private static DataFileReport Bad(DataFileReport report, string problem) =>
        report with
        {
            Problem = problem,
            Code = ExitCode.BadData,
        };
}
