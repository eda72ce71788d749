using System.Security.Cryptography;
using Hesse.Networks;
using Hesse.Specs;
using Hesse.Stores;

namespace Hesse.Data;

/// <summary>
/// CIFAR-10's binary version: data_batch_1.bin .. data_batch_5.bin and test_batch.bin, records of 3073 bytes (label 0 .. 9, then
/// 1024 red, 1024 green, 1024 blue bytes).
/// </summary>
internal static class Cifar10Data
{
    private const int Channels = 3;
    private const int Dimension = Channels * 32 * 32;
    internal const int RecordLength = 1 + Dimension;
    internal const int LargestLabel = 9;
    internal static readonly string[] TrainingFiles =
    [
        .. Enumerable.Range(1, 5).Select(batch => $"data_batch_{batch}.bin"),
    ];

    internal const string TestFile = "test_batch.bin";

    /// <summary>Reads the files of the folder, chooses classes and samples, and scales the pixels.</summary>
    /// <exception cref="HesseException">A file is missing (66), broken (65) or does not fit in memory (71).</exception>
    public static IDataSource Open(Cifar10DataSpec spec, Precision precision)
    {
        (LabelledImages training, byte[][] hashes) = Read(spec.Folder, TrainingFiles);
        (LabelledImages test, byte[][] testHashes) = Read(spec.Folder, [TestFile]);
        return LabelledImages.ToData(
            training,
            test,
            spec.Classes,
            spec.Count,
            spec.Standardize,
            precision,
            FileData.HashOf([.. hashes, .. testHashes])
        );
    }

    private static (LabelledImages Images, byte[][] Hashes) Read(string folder, string[] names)
    {
        FileStream[] files = new FileStream[names.Length];
        try
        {
            long records = 0;
            for (int i = 0; i < names.Length; i++)
            {
                string path = Path.Combine(folder, names[i]);
                files[i] = InputFile.Open(path);
                if (files[i].Length == 0 || files[i].Length % RecordLength != 0)
                {
                    throw new HesseException(
                        ExitCode.BadData,
                        $"{path}: its {files[i].Length} bytes are not whole records of {RecordLength}"
                    );
                }

                records += files[i].Length / RecordLength;
            }

            if (records * Dimension > Array.MaxLength)
            {
                throw new HesseException(ExitCode.DoesNotFit, $"{folder}: {records} images are too many for one array");
            }

            byte[] pixels = new byte[records * Dimension];
            byte[] labels = new byte[records];
            byte[][] hashes = new byte[names.Length][];
            int at = 0;
            for (int i = 0; i < names.Length; i++)
            {
                at = ReadRecords(files[i], pixels, labels, at, out hashes[i]);
            }

            return (new LabelledImages(pixels, labels, Dimension, Channels, folder), hashes);
        }
        finally
        {
            foreach (FileStream? file in files)
            {
                file?.Dispose();
            }
        }
    }

    private static int ReadRecords(FileStream file, byte[] pixels, byte[] labels, int at, out byte[] fileHash)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] record = new byte[RecordLength];
        long records = file.Length / RecordLength;
        for (long i = 0; i < records; i++, at++)
        {
            InputFile.ReadExactly(file, record, file.Name);
            if (record[0] > LargestLabel)
            {
                throw new HesseException(
                    ExitCode.BadData,
                    $"{file.Name}: record {i} has label {record[0]}; CIFAR-10 has classes 0 .. {LargestLabel}"
                );
            }

            labels[at] = record[0];
            record.AsSpan(1).CopyTo(pixels.AsSpan(at * Dimension));
            hash.AppendData(record);
        }

        fileHash = hash.GetHashAndReset();
        return at;
    }
}
