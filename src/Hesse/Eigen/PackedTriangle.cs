using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>
/// The lower triangle of a symmetric matrix, packed by rows. A row is padded to whole blocks of 64 bytes (16 floats, 8
/// doubles), so every row starts on a cache line, the triangle takes half of the square and a pass over it is one stream
/// through memory. The square block on the diagonal is stored whole, both halves, so no kernel needs a mask.
/// </summary>
internal static unsafe class PackedTriangle<T, TVector>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TVector : unmanaged, IVector<TVector, T>
{
    /// <summary>Elements in a block of 64 bytes: also the number of partial sums of every reduction.</summary>
    public static int Block
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 64 / sizeof(T);
    }

    /// <summary>length rounded up to whole blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int RoundUp(int length) => (length + Block - 1) / Block * Block;

    /// <summary>Elements that the packed triangle of order n takes.</summary>
    public static long Length(int n)
    {
        long blocks = RoundUp(n) / Block;
        return Block * Block * blocks * (blocks + 1) / 2;
    }

    /// <summary>Row i; its neighbours in the same block of rows are RoundUp(i + 1) elements apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T* Row(T* packed, int i)
    {
        long block = i / Block;
        return packed + (Block * Block * (block * (block + 1) / 2)) + (i % Block * Block * (block + 1));
    }

    /// <summary>The largest |a_ij| of the lower triangle; NaN where an element is NaN or infinite.</summary>
    /// <param name="matrix">(n, n) row-major.</param>
    /// <param name="n">Order.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T LargestMagnitude(T* matrix, int n)
    {
        TVector largest = TVector.Zero;
        // Zero times a finite number is a zero; zero times NaN or infinity is NaN, and NaN stays in a sum.
        TVector poison = TVector.Zero;
        T tailLargest = T.Zero;
        T tailPoison = T.Zero;
        for (int i = 0; i < n; i++)
        {
            T* row = matrix + ((long)i * n);
            int c = 0;
            for (; c + TVector.Count <= i + 1; c += TVector.Count)
            {
                TVector a = TVector.Load(row + c);
                largest = TVector.LargerOf(TVector.LargerOf(a, TVector.Subtract(TVector.Zero, a)), largest);
                poison = TVector.FusedMultiplyAdd(a, TVector.Zero, poison);
            }

            for (; c <= i; c++)
            {
                tailLargest = T.Max(T.Abs(row[c]), tailLargest);
                tailPoison += row[c] * T.Zero;
            }
        }

        T* lanes = stackalloc T[2 * TVector.Count];
        TVector.Store(largest, lanes);
        TVector.Store(poison, lanes + TVector.Count);
        for (int lane = 0; lane < TVector.Count; lane++)
        {
            tailLargest = T.Max(lanes[lane], tailLargest);
            tailPoison += lanes[TVector.Count + lane];
        }

        return tailLargest + tailPoison;
    }

    /// <summary>Copies the lower triangle, scaled by first * second: two powers of two, because one may lie outside T's range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fill(T* packed, T* matrix, int n, T first, T second)
    {
        TVector firstLanes = TVector.Broadcast(first);
        TVector secondLanes = TVector.Broadcast(second);
        for (int i = 0; i < RoundUp(n); i++)
        {
            T* row = Row(packed, i);
            int length = RoundUp(i + 1);
            if (i >= n)
            {
                new Span<T>(row, length).Clear();
                continue;
            }

            T* source = matrix + ((long)i * n);
            int c = 0;
            for (; c + TVector.Count <= i + 1; c += TVector.Count)
            {
                TVector a = TVector.Multiply(TVector.Load(source + c), firstLanes);
                TVector.Store(TVector.Multiply(a, secondLanes), row + c);
            }

            for (; c <= i; c++)
            {
                row[c] = source[c] * first * second;
            }

            for (; c < length; c++)
            {
                row[c] = c < n ? matrix[((long)c * n) + i] * first * second : T.Zero;
            }
        }
    }
}
