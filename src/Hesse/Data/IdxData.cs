using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using Hesse.Networks;
using Hesse.Specs;
using Hesse.Stores;

namespace Hesse.Data;

/// <summary>
/// MNIST's files, plain or compressed by gzip (told by their first bytes): big-endian magic 0x00000803 and (N, rows, columns)
/// for images, 0x00000801 and (N) for labels, then bytes.
/// </summary>
internal static class IdxData
{
    private const int ImageAxes = 3;
    private const int LabelAxes = 1;

    // Deflate makes at most 1032 bytes of one: a declared size beyond that is a lie that needs no memory to find.
    private const long LargestRatio = 1032;

    /// <summary>Reads the files, chooses classes and samples, and scales the pixels.</summary>
    /// <exception cref="HesseException">A file is missing (66), broken (65) or does not fit in memory (71).</exception>
    public static IDataSource Open(IdxDataSpec spec, Precision precision)
    {
        if (spec.TestImages is null != spec.TestLabels is null)
        {
            throw new HesseException(ExitCode.BadData, "data: test-images and test-labels go together");
        }

        LabelledImages training = Read(spec.Images, spec.Labels, out byte[] images, out byte[] labels);
        byte[]? testImages = null;
        byte[]? testLabels = null;
        LabelledImages? test = spec.TestImages is null
            ? null
            : Read(spec.TestImages, spec.TestLabels!, out testImages, out testLabels);
        string hash = FileData.HashOf(images, labels, testImages, testLabels);
        return LabelledImages.ToData(training, test, spec.Classes, spec.Count, spec.Standardize, precision, hash);
    }

    private static LabelledImages Read(string imagePath, string labelPath, out byte[] imageHash, out byte[] labelHash)
    {
        (int[] imageShape, byte[] pixels, imageHash) = ReadFile(imagePath, ImageAxes);
        (int[] labelShape, byte[] labels, labelHash) = ReadFile(labelPath, LabelAxes);
        if (imageShape[0] != labelShape[0])
        {
            throw new HesseException(
                ExitCode.BadData,
                $"{labelPath}: {labelShape[0]} labels for the {imageShape[0]} images of {imagePath}"
            );
        }

        return new LabelledImages(pixels, labels, imageShape[1] * imageShape[2], 1, imagePath);
    }

    /// <summary>Shape, bytes and SHA-256 of the file as it is without compression.</summary>
    internal static (int[] Shape, byte[] Bytes, byte[] Hash) ReadFile(string path, int axes)
    {
        using FileStream file = InputFile.Open(path);
        Span<byte> magic = stackalloc byte[2];
        InputFile.ReadExactly(file, magic, path);
        file.Position = 0;
        bool compressed = magic[0] == 0x1f && magic[1] == 0x8b;
        if (!compressed)
        {
            return ReadContent(file, path, axes, file.Length);
        }

        try
        {
            using GZipStream content = new(file, CompressionMode.Decompress, leaveOpen: true);
            var result = ReadContent(content, path, axes, checked(file.Length * LargestRatio));
            // The stream takes a file that was cut in its last bytes for a whole one; gzip's last word, the length, tells.
            byte[] length = new byte[4];
            file.Seek(-length.Length, SeekOrigin.End);
            InputFile.ReadExactly(file, length, path);
            if (BinaryPrimitives.ReadUInt32LittleEndian(length) != (4L * (1 + axes)) + result.Bytes.Length)
            {
                throw new InvalidDataException("the length at the end of the file is not that of its content");
            }

            return result;
        }
        catch (InvalidDataException cause)
        {
            throw new HesseException(ExitCode.BadData, $"{path}: is broken gzip data: {cause.Message}", cause);
        }
    }

    private static (int[] Shape, byte[] Bytes, byte[] Hash) ReadContent(
        Stream content,
        string path,
        int axes,
        long largestLength
    )
    {
        byte[] header = new byte[4 * (1 + axes)];
        InputFile.ReadExactly(content, header, path);
        uint magic = BinaryPrimitives.ReadUInt32BigEndian(header);
        uint expectedMagic = 0x00000800 | (uint)axes;
        if (magic != expectedMagic)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"{path}: begins with 0x{magic:x8}, not with 0x{expectedMagic:x8} of idx {(axes == ImageAxes ? "images" : "labels")}"
            );
        }

        int[] shape = new int[axes];
        Int128 length = 1;
        for (int axis = 0; axis < axes; axis++)
        {
            uint declared = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4 * (1 + axis)));
            length *= declared;
            shape[axis] = declared is 0 or > int.MaxValue ? throw BadShape(header, path) : (int)declared;
        }

        if (length > Array.MaxLength || length + header.Length > largestLength)
        {
            throw BadShape(header, path);
        }

        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)length);
        InputFile.ReadExactly(content, bytes, path);
        if (content.ReadByte() >= 0)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"{path}: goes on after the {length} bytes that its header declares"
            );
        }

        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(header);
        hash.AppendData(bytes);
        return (shape, bytes, hash.GetHashAndReset());
    }

    private static HesseException BadShape(byte[] header, string path)
    {
        string[] lengths =
        [
            .. Enumerable
                .Range(1, (header.Length / 4) - 1)
                .Select(i => BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4 * i)).ToString()),
        ];
        return new HesseException(
            ExitCode.BadData,
            $"{path}: declares {string.Join(" x ", lengths)} bytes, which the file does not hold"
        );
    }
}
