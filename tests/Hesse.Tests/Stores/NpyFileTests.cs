using System.Text;
using Hesse.Stores;
using Shouldly;
using Xunit;

namespace Hesse.Tests.Stores;

public sealed class NpyFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static byte[] File(string dictionary, int dataBytes, byte major = 1, byte minor = 0)
    {
        byte[] text = Encoding.Latin1.GetBytes(dictionary);
        byte[] length = major == 1 ? BitConverter.GetBytes((ushort)text.Length) : BitConverter.GetBytes(text.Length);
        return [0x93, .. "NUMPY"u8, major, minor, .. length, .. text, .. new byte[dataBytes]];
    }

    private static NpyArray Read(byte[] bytes) => NpyFile.Read(new MemoryStream(bytes), "x.npy");

    private static string Refusal(byte[] bytes)
    {
        HesseException failure = Should.Throw<HesseException>(() => Read(bytes));
        failure.Code.ShouldBe(ExitCode.BadData);
        failure.Message.ShouldStartWith("x.npy: ");
        failure.Message.ShouldNotContain("\n");
        return failure.Message;
    }

    [Fact]
    public void The_header_is_numpys_byte_for_byte()
    {
        byte[] header = NpyHeader.ToBytes(NpyType.Float32, [3, 4]);
        header.Length.ShouldBe(128);
        header[..10].ShouldBe([0x93, .. "NUMPY"u8, 1, 0, 118, 0]);
        Encoding
            .ASCII.GetString(header[10..])
            .ShouldBe("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }".PadRight(117) + "\n");
    }

    [Theory]
    [InlineData(NpyType.Float32)]
    [InlineData(NpyType.Float64)]
    public void Floating_numbers_come_back(NpyType type)
    {
        double[] values = [0, -0.0, 1.5, double.NaN, double.PositiveInfinity, Math.PI, double.Epsilon, 1e300];
        string path = _folder.PathOf("a.npy");
        NpyFile.Write<double>(path, type, [2, 4], values);
        NpyArray array = NpyFile.Read(path);
        array.Type.ShouldBe(type);
        array.Shape.ShouldBe([2L, 4L]);
        array.Length.ShouldBe(8);
        array.IsInteger.ShouldBeFalse();
        double[] expected = type == NpyType.Float64 ? values : [.. values.Select(v => (double)(float)v)];
        array
            .ToDoubles()
            .Select(BitConverter.DoubleToInt64Bits)
            .ShouldBe(expected.Select(BitConverter.DoubleToInt64Bits));
        array.ToSingles().ShouldBe(values.Select(v => (float)v));
        Should.Throw<InvalidOperationException>(array.ToInt64s);
    }

    [Theory]
    [InlineData(NpyType.Int32)]
    [InlineData(NpyType.Int64)]
    [InlineData(NpyType.UInt8)]
    public void Whole_numbers_come_back(NpyType type)
    {
        int[] values = [0, 1, 255];
        string path = _folder.PathOf("a.npy");
        NpyFile.Write<int>(path, type, [3], values);
        NpyArray array = NpyFile.Read(path);
        array.Type.ShouldBe(type);
        array.IsInteger.ShouldBeTrue();
        array.ToInt64s().ShouldBe([0L, 1L, 255L]);
        array.ToDoubles().ShouldBe([0.0, 1.0, 255.0]);
        array.ToSingles().ShouldBe([0f, 1f, 255f]);
    }

    [Fact]
    public void Single_numbers_and_empty_arrays_have_shapes_too()
    {
        NpyFile.Write<double>(_folder.PathOf("scalar.npy"), NpyType.Float64, [], [7.0]);
        NpyArray scalar = NpyFile.Read(_folder.PathOf("scalar.npy"));
        scalar.Shape.ShouldBeEmpty();
        scalar.ToDoubles().ShouldBe([7.0]);
        NpyFile.Write<double>(_folder.PathOf("empty.npy"), NpyType.Float64, [5, 0], []);
        NpyFile.Read(_folder.PathOf("empty.npy")).Length.ShouldBe(0);
    }

    [Fact]
    public void Pieces_make_the_same_file_as_the_whole()
    {
        double[] values = [.. Enumerable.Range(0, 50_000).Select(i => i / 3.0)];
        MemoryStream whole = new();
        NpyWriter writer = new(whole, NpyType.Float32, [50, 1000]);
        writer.Write<double>(values);
        writer.Finish();
        MemoryStream pieces = new();
        writer = new NpyWriter(pieces, NpyType.Float32, [50, 1000]);
        writer.Write<double>(values.AsSpan(0, 17));
        writer.Write<float>([.. values.Skip(17).Take(40_000).Select(v => (float)v)]);
        Should.Throw<InvalidOperationException>(writer.Finish).Message.ShouldBe("40017 of 50000 elements were written");
        writer.Write<double>(values.AsSpan(40_017));
        writer.Finish();
        Should.Throw<InvalidOperationException>(() => writer.Write<double>([1.0]));
        pieces.ToArray().AsSpan().SequenceEqual(whole.ToArray()).ShouldBeTrue();
        whole.Length.ShouldBe(128 + (4 * 50_000));
    }

    [Fact]
    public void Whole_numbers_are_never_cut()
    {
        NpyWriter bytes = new(new MemoryStream(), NpyType.UInt8, [1]);
        Should.Throw<OverflowException>(() => bytes.Write<int>([256]));
        Should.Throw<InvalidOperationException>(() => bytes.Write<double>([1.0]));
    }

    [Theory]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", 1)]
    [InlineData("{\"shape\":(2,),\"descr\":\"<f8\",\"fortran_order\":False}  \n", 1)]
    [InlineData(" { 'descr' : '<f8' , 'fortran_order' : False , 'shape' : ( 1 , 2 , ) } ", 2)]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}", 3)]
    public void Other_writers_headers_are_understood(string dictionary, byte major)
    {
        Read(File(dictionary, 16, major)).ToDoubles().ShouldBe([0.0, 0.0]);
    }

    [Theory]
    [InlineData("'|O'", "dtype |O holds Python objects; use one of <f4, <f8, <i4, <i8, |u1")]
    [InlineData("'>f8'", "dtype >f8 is big-endian; use one of <f4, <f8, <i4, <i8, |u1")]
    [InlineData("'<c16'", "dtype <c16 is not supported; use one of <f4, <f8, <i4, <i8, |u1")]
    [InlineData("'|b1'", "dtype |b1 is not supported; use one of <f4, <f8, <i4, <i8, |u1")]
    [InlineData("[('a', '<f8')]", "has a structured dtype; save plain numbers")]
    public void F38_other_types_are_refused(string description, string message)
    {
        Refusal(File($"{{'descr': {description}, 'fortran_order': False, 'shape': (2,), }}", 16))
            .ShouldBe("x.npy: " + message);
    }

    [Fact]
    public void Fortran_order_is_put_into_c_order()
    {
        byte[] bytes = File("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", 6);
        ((byte[])[11, 21, 12, 22, 13, 23]).CopyTo(bytes, bytes.Length - 6); // column after column
        NpyArray array = Read(bytes);
        array.Shape.ShouldBe([2L, 3L]);
        array.ToInt64s().ShouldBe([11, 12, 13, 21, 22, 23]);
        Read(File("{'descr': '<f8', 'fortran_order': True, 'shape': (0, 2), }", 0)).Length.ShouldBe(0);
    }

    [Fact]
    public void F38_fortran_order_is_refused_where_files_are_read_in_pieces()
    {
        byte[] bytes = File("{'descr': '<f8', 'fortran_order': True, 'shape': (1, 2), }", 16);
        HesseException failure = Should.Throw<HesseException>(() => NpyHeader.Read(new MemoryStream(bytes), "x.npy"));
        (failure.Code, failure.Message).ShouldBe(
            (ExitCode.BadData, "x.npy: is in Fortran order; save numpy.ascontiguousarray of it")
        );
    }

    [Theory]
    [InlineData("(1099511627776,)", "needs 8796093022208")]
    [InlineData("(3,)", "holds 16 bytes of data; shape (3,) of <f8 needs 24")]
    [InlineData("(1,)", "holds 16 bytes of data; shape (1,) of <f8 needs 8")]
    [InlineData("()", "holds 16 bytes of data; shape () of <f8 needs 8")]
    [InlineData("(0,)", "needs 0")]
    [InlineData("(4611686018427387904, 2)", "impossible shape")]
    [InlineData("(4611686018427387904,)", "impossible shape")]
    [InlineData("(4294967296, 4294967296, 0)", "impossible shape")]
    [InlineData("(9223372036854775808,)", "malformed")]
    [InlineData("(-2,)", "malformed")]
    [InlineData("(2.0,)", "malformed")]
    [InlineData("(2)", "malformed")]
    [InlineData("2", "malformed")]
    [InlineData("[2]", "malformed")]
    [InlineData("(2,,)", "malformed")]
    [InlineData("(1 2)", "malformed")]
    [InlineData("(2,", "malformed")]
    [InlineData("(__import__('os').getpid(),)", "malformed")]
    public void F38_shapes_that_do_not_fit_are_refused_before_memory_is_taken(string shape, string message)
    {
        byte[] file = File($"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}", 16);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refusal(file).ShouldContain(message);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1_000_000);
    }

    [Theory]
    [InlineData("{'descr': '<f8', 'fortran_order': False, }")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), 'more': 1}")]
    [InlineData("{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (2,)}")]
    [InlineData("{'descr': '<f8', 'fortran_order': 0, 'shape': (2,)}")]
    [InlineData("{'descr': '<f8', 'fortran_order': None, 'shape': (2,)}")]
    [InlineData("{'descr': '<f8' 'fortran_order': False, 'shape': (2,)}")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2,)} x")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2,)")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}\0")]
    [InlineData("{'descr': '<f8', 'fortran_order: False, 'shape': (2,)}")]
    [InlineData("{'descr': '\\x3cf8', 'fortran_order': False, 'shape': (2,)}")]
    [InlineData("{'descr")]
    [InlineData("")]
    [InlineData("(((((((((((((((((((((((((((((")]
    [InlineData("{'d\u00e9scr': '<f8', 'fortran_order': False, 'shape': (2,)}")]
    public void F38_malformed_headers_are_refused(string dictionary)
    {
        Refusal(File(dictionary, 16)).ShouldContain("malformed .npy header");
    }

    [Fact]
    public void F38_long_headers_are_refused_before_they_are_read()
    {
        Refusal([0x93, .. "NUMPY"u8, 2, 0, 0, 0, 160, 0, .. new byte[100]])
            .ShouldBe("x.npy: has a .npy header of 10485760 bytes; at most 10000 are allowed");
        Refusal([0x93, .. "NUMPY"u8, 1, 0, 0xff, 0xff]).ShouldContain("65535 bytes");
        string wide = "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }".PadRight(10_000);
        Read(File(wide, 16)).Length.ShouldBe(2);
        string axes = string.Concat(Enumerable.Repeat("1, ", 33));
        Refusal(File($"{{'descr': '<f8', 'fortran_order': False, 'shape': ({axes}), }}", 8)).ShouldContain("malformed");
    }

    [Fact]
    public void F38_every_shortened_file_and_every_longer_one_is_refused()
    {
        byte[] good = [.. NpyHeader.ToBytes(NpyType.Float64, [2]), .. new byte[16]];
        Read(good).Length.ShouldBe(2);
        for (int length = 0; length < good.Length; length++)
        {
            Refusal(good[..length]);
        }

        Refusal([.. good, 0]).ShouldBe("x.npy: holds 17 bytes of data; shape (2,) of <f8 needs 16");
    }

    [Fact]
    public void F38_every_flipped_byte_of_the_header_reads_or_is_refused()
    {
        byte[] good = [.. NpyHeader.ToBytes(NpyType.Float64, [2]), .. new byte[16]];
        int refused = 0;
        for (int i = 0; i < good.Length - 16; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] bad = [.. good];
                bad[i] ^= (byte)(1 << bit);
                try
                {
                    // Spaces of the padding may turn into other blanks.
                    Read(bad).Length.ShouldBe(2);
                }
                catch (HesseException failure) when (failure.Code == ExitCode.BadData)
                {
                    refused++;
                }
            }
        }

        refused.ShouldBeGreaterThan(500);
    }

    [Theory]
    [InlineData((byte)0, (byte)0)]
    [InlineData((byte)4, (byte)0)]
    [InlineData((byte)1, (byte)1)]
    public void Other_versions_are_refused(byte major, byte minor)
    {
        Refusal(File("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", 16, major, minor))
            .ShouldBe($"x.npy: has .npy version {major}.{minor}; 1.0, 2.0 and 3.0 can be read");
    }

    [Fact]
    public void Missing_files_and_folders_are_told_apart()
    {
        HesseException missing = Should.Throw<HesseException>(() => NpyFile.Read(_folder.PathOf("none.npy")));
        missing.Code.ShouldBe(ExitCode.InputMissing);
        missing.Message.ShouldBe(_folder.PathOf("none.npy") + ": no such file");
        Should
            .Throw<HesseException>(() => NpyFile.Read(_folder.PathOf("no/such/folder.npy")))
            .Code.ShouldBe(ExitCode.InputMissing);
        Should.Throw<HesseException>(() => NpyFile.Read(_folder.Root)).Code.ShouldBe(ExitCode.BadData);
        Should
            .Throw<HesseException>(() => NpyFile.Write<double>(_folder.PathOf("no/a.npy"), NpyType.Float64, [1], [1.0]))
            .Code.ShouldBe(ExitCode.InputOutput);
    }

    [Fact]
    public void A_header_tells_where_the_numbers_are()
    {
        string path = _folder.PathOf("a.npy");
        NpyFile.Write<double>(path, NpyType.Float32, [2, 3], [1.0, 2, 3, 4, 5, 6]);
        NpyHeader header = NpyFile.ReadHeader(path);
        header.ShouldBe(new NpyHeader(NpyType.Float32, header.Shape, 128));
        header.Elements.ShouldBe(6);
        header.ElementSize.ShouldBe(4);
    }
}
