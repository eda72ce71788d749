using System.Numerics;
using Hesse.Backends.Cpu;
using Hesse.Backends.Cpu.Dense;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Tests.Backends.Cpu.Dense;

/// <summary>The product is the scalar chain of fused multiply-adds bit for bit, at every register width.</summary>
[Trait("Category", "Numerical")]
public sealed unsafe class DenseGemmTests
{
    private static readonly int[] Sizes = [1, 2, 15, 16, 17, 33];

    [Fact]
    public void EveryElementIsTheScalarChain_128_Float() => AllSizes<Register128<float>, float>();

    [Fact]
    public void EveryElementIsTheScalarChain_256_Float() => AllSizes<Register256<float>, float>();

    [Fact]
    public void EveryElementIsTheScalarChain_512_Float() => AllSizes<Register512<float>, float>();

    [Fact]
    public void EveryElementIsTheScalarChain_128_Double() => AllSizes<Register128<double>, double>();

    [Fact]
    public void EveryElementIsTheScalarChain_256_Double() => AllSizes<Register256<double>, double>();

    [Fact]
    public void EveryElementIsTheScalarChain_512_Double() => AllSizes<Register512<double>, double>();

    [Fact]
    public void LongSumsAndManyRowsAreBlockedWithoutChangingTheChain()
    {
        // Past the depth of a panel, the rows of a sweep and the columns from which A is packed.
        Check<Register256<float>, float>(101, 41, 257, transposed: true, continues: false);
        Check<Register256<float>, float>(25, 131, 300, transposed: true, continues: true);
        Check<Register512<float>, float>(101, 41, 257, transposed: false, continues: true);
        Check<Register128<double>, double>(31, 70, 513, transposed: true, continues: false);
    }

    [Fact]
    public void AnEmptySumIsZero()
    {
        using AlignedBuffer<float> c = new(6);
        c.Span.Fill(7);
        using AlignedBuffer<float> scratch = new(Gemm<Register256<float>, float>.ScratchLength);
        Matrix<float> none = new(scratch.Pointer, 0);
        Gemm<Register256<float>, float>.Multiply(2, 3, 0, none, none, new(c.Pointer, 3), false, scratch.Pointer);
        c.Span.ToArray().ShouldAllBe(x => x == 0);
    }

    private static void AllSizes<TVector, T>()
        where TVector : unmanaged, IVector<TVector, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int turn = 0;
        foreach (int m in Sizes)
        {
            foreach (int n in Sizes)
            {
                int k = Sizes[turn % Sizes.Length];
                Check<TVector, T>(m, n, k, turn % 2 == 0, turn % 3 == 0);
                turn++;
            }
        }

        Check<TVector, T>(7, 257, 33, transposed: true, continues: false);
        Check<TVector, T>(33, 17, 257, transposed: false, continues: true);
    }

    private static void Check<TVector, T>(int m, int n, int k, bool transposed, bool continues)
        where TVector : unmanaged, IVector<TVector, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int bRow = n + 3;
        int cRow = n + 2;
        using AlignedBuffer<T> a = Filled<T>(m * k, 1);
        using AlignedBuffer<T> b = Filled<T>(k * bRow, 2);
        using AlignedBuffer<T> c = Filled<T>(m * cRow, 3);
        using AlignedBuffer<T> scratch = new(Gemm<TVector, T>.ScratchLength);
        T[] before = c.Span.ToArray();
        Matrix<T> left = transposed ? new(a.Pointer, 1, m) : new(a.Pointer, k);
        Gemm<TVector, T>.Multiply(
            m,
            n,
            k,
            left,
            new(b.Pointer, bRow),
            new(c.Pointer, cRow),
            continues,
            scratch.Pointer
        );
        for (int row = 0; row < m; row++)
        {
            for (int column = 0; column < cRow; column++)
            {
                T expected = before[(row * cRow) + column];
                if (column < n)
                {
                    expected = continues ? expected : T.Zero;
                    for (int i = 0; i < k; i++)
                    {
                        T x = transposed ? a.Span[(i * m) + row] : a.Span[(row * k) + i];
                        expected = T.FusedMultiplyAdd(x, b.Span[(i * bRow) + column], expected);
                    }
                }

                c.Span[(row * cRow) + column].ShouldBe(expected, $"{m} x {n} x {k}, element ({row},{column})");
            }
        }
    }

    private static AlignedBuffer<T> Filled<T>(int length, int seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Random random = new(seed);
        AlignedBuffer<T> buffer = new(length);
        for (int i = 0; i < length; i++)
        {
            buffer.Span[i] = T.CreateTruncating(random.NextDouble() - 0.5);
        }

        return buffer;
    }
}
