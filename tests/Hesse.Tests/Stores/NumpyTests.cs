using System.Diagnostics;
using Hesse.Stores;
using Shouldly;
using Xunit;

namespace Hesse.Tests.Stores;

/// <summary>The files as NumPy itself reads and writes them.</summary>
public sealed class NumpyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NumpyFact]
    public void Numpy_reads_what_we_write()
    {
        double[] values = [1.5, -2, Math.PI, double.NaN, 0, 1e300];
        NpyFile.Write<double>(_folder.PathOf("f8.npy"), NpyType.Float64, [2, 3], values);
        NpyFile.Write<double>(_folder.PathOf("f4.npy"), NpyType.Float32, [6], values);
        NpyFile.Write<long>(_folder.PathOf("i8.npy"), NpyType.Int64, [1, 2, 1], [long.MinValue, long.MaxValue]);
        NpyFile.Write<int>(_folder.PathOf("i4.npy"), NpyType.Int32, [2], [int.MinValue, 5]);
        NpyFile.Write<byte>(_folder.PathOf("u1.npy"), NpyType.UInt8, [0, 4], []);
        NpyFile.Write<double>(_folder.PathOf("one.npy"), NpyType.Float64, [], [7.25]);
        Python(
                """
                for f in ['f8', 'f4', 'i8', 'i4', 'u1', 'one']:
                    a = np.load(f + '.npy', allow_pickle=False)
                    print(f, a.dtype.str, a.shape, a.flags.c_contiguous, [x.hex() if a.dtype.kind == 'f' else int(x) for x in a.ravel().astype(a.dtype.kind + '8').tolist()])
                """.Replace("a.dtype.kind + '8'", "'f8' if a.dtype.kind == 'f' else 'i8'")
            )
            .ShouldBe(
                """
                f8 <f8 (2, 3) True ['0x1.8000000000000p+0', '-0x1.0000000000000p+1', '0x1.921fb54442d18p+1', 'nan', '0x0.0p+0', '0x1.7e43c8800759cp+996']
                f4 <f4 (6,) True ['0x1.8000000000000p+0', '-0x1.0000000000000p+1', '0x1.921fb60000000p+1', 'nan', '0x0.0p+0', 'inf']
                i8 <i8 (1, 2, 1) True [-9223372036854775808, 9223372036854775807]
                i4 <i4 (2,) True [-2147483648, 5]
                u1 |u1 (0, 4) True []
                one <f8 () True ['0x1.d000000000000p+2']

                """
            );
    }

    [NumpyFact]
    public void We_read_what_numpy_writes()
    {
        Python(
            """
            np.save('f8.npy', np.arange(6.0).reshape(2, 3) / 3)
            np.save('f4.npy', np.arange(6, dtype='f4').reshape(3, 1, 2))
            np.save('i8.npy', np.array([-1, 2**62]))
            np.save('i4.npy', np.array([-1, 7], dtype='i4'))
            np.save('u1.npy', np.zeros((0, 3), dtype='u1'))
            np.save('one.npy', np.float64(0.1))
            from numpy.lib import format
            for v in (2, 3):
                with open(f'v{v}.npy', 'wb') as f:
                    format.write_array(f, np.arange(3.0), version=(v, 0))
            for t in ('f4', 'f8', 'i4', 'i8', 'u1'):
                np.save(f'column-{t}.npy', np.asfortranarray(np.arange(24, dtype=t).reshape(2, 3, 4)))
            np.save('big.npy', np.arange(3, dtype='>f8'))
            np.save('object.npy', np.array([None, 1], dtype=object), allow_pickle=True)
            np.save('struct.npy', np.zeros(2, dtype=[('a', 'f8')]))
            """
        );
        NpyArray a = NpyFile.Read(_folder.PathOf("f8.npy"));
        a.Shape.ShouldBe([2L, 3L]);
        a.ToDoubles().ShouldBe([0, 1.0 / 3, 2.0 / 3, 1, 4.0 / 3, 5.0 / 3]);
        NpyArray b = NpyFile.Read(_folder.PathOf("f4.npy"));
        b.Shape.ShouldBe([3L, 1L, 2L]);
        b.ToSingles().ShouldBe([0f, 1, 2, 3, 4, 5]);
        NpyFile.Read(_folder.PathOf("i8.npy")).ToInt64s().ShouldBe([-1L, 1L << 62]);
        NpyFile.Read(_folder.PathOf("i4.npy")).ToInt64s().ShouldBe([-1L, 7L]);
        NpyFile.Read(_folder.PathOf("u1.npy")).Shape.ShouldBe([0L, 3L]);
        NpyFile.Read(_folder.PathOf("one.npy")).ToDoubles().ShouldBe([0.1]);
        NpyFile.Read(_folder.PathOf("v2.npy")).ToDoubles().ShouldBe([0.0, 1, 2]);
        NpyFile.Read(_folder.PathOf("v3.npy")).ToDoubles().ShouldBe([0.0, 1, 2]);
        foreach (string type in new[] { "f4", "f8", "i4", "i8", "u1" })
        {
            NpyArray column = NpyFile.Read(_folder.PathOf($"column-{type}.npy"));
            column.Shape.ShouldBe([2L, 3L, 4L]);
            column.ToDoubles().ShouldBe(Enumerable.Range(0, 24).Select(i => (double)i));
        }

        foreach (string name in new[] { "big", "object", "struct" })
        {
            Should
                .Throw<HesseException>(() => NpyFile.Read(_folder.PathOf(name + ".npy")))
                .Code.ShouldBe(ExitCode.BadData);
        }
    }

    private string Python(string program)
    {
        ProcessStartInfo start = new(NumpyFactAttribute.Python, ["-c", "import numpy as np\n" + program])
        {
            WorkingDirectory = _folder.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using Process python = Process.Start(start)!;
        string output = python.StandardOutput.ReadToEnd();
        string errors = python.StandardError.ReadToEnd();
        python.WaitForExit();
        python.ExitCode.ShouldBe(0, errors);
        return output;
    }
}

/// <summary>A test that needs /usr/bin/python3 with NumPy, and is skipped with the reason where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NumpyFactAttribute : FactAttribute
{
    public const string Python = "/usr/bin/python3";
    private static readonly Lazy<bool> Present = new(Probe);

    public NumpyFactAttribute()
    {
        if (!Present.Value)
        {
            Skip = $"{Python} with NumPy is not installed";
        }
    }

    private static bool Probe()
    {
        if (!File.Exists(Python))
        {
            return false;
        }

        using Process python = Process.Start(
            new ProcessStartInfo(Python, ["-c", "import numpy"])
            {
                RedirectStandardError = true,
                UseShellExecute = false,
            }
        )!;
        python.WaitForExit();
        return python.ExitCode == 0;
    }
}
