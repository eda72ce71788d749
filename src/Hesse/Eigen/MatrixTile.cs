using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>
/// The register tile of every level-3 step: C += A B on four rows and up to three registers of columns. Every element of C
/// is one chain of fused multiply-adds with ascending terms, so its bits depend neither on the tile nor on the width. What must
/// not change for speed: sums are separate locals, summed in place by Accumulate, and four pointers to the rows of A share one
/// index; with three registers of B and a broadcast nothing is spilled.
/// </summary>
internal static unsafe class MatrixTile<T, TVector>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TVector : unmanaged, IVector<TVector, T>
{
    // Of B, so many tiles and terms stay in the first-level cache while all rows of A and C pass by.
    private const int TilesAtOnce = 4;
    private const int TermsAtOnce = 64;

    /// <summary>Columns of the widest tile: 4 x 3 sums, 3 registers of B and a broadcast fill 16 registers.</summary>
    public static int Columns
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 3 * TVector.Count;
    }

    /// <summary>C += A B: rows a multiple of four, columns of whole registers, A (rows, terms), B (terms, columns), all row-major.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(
        T* c,
        nint cPitch,
        T* a,
        nint aPitch,
        T* b,
        nint bPitch,
        int rows,
        int terms,
        int columns
    )
    {
        for (int from = 0; from < columns; from += TilesAtOnce * Columns)
        {
            int to = Math.Min(from + (TilesAtOnce * Columns), columns);
            for (int t = 0; t < terms; t += TermsAtOnce)
            {
                int some = Math.Min(TermsAtOnce, terms - t);
                for (int i = 0; i < rows; i += 4)
                {
                    for (int j = from; j < to; )
                    {
                        // Four registers are two tiles of two: three and one would leave one with too few sums in flight.
                        int left = to - j;
                        int width = left == 4 * TVector.Count ? 2 * TVector.Count : Math.Min(left, Columns);
                        T* factor = a + (i * aPitch) + t;
                        Add(c + (i * cPitch) + j, cPitch, factor, aPitch, b + (t * bPitch) + j, bPitch, some, width);
                        j += width;
                    }
                }
            }
        }
    }

    /// <summary>One tile of one, two or three registers of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(T* c, nint cPitch, T* a, nint aPitch, T* b, nint bPitch, int terms, int columns)
    {
        if (columns == 3 * TVector.Count)
        {
            AddThree(c, cPitch, a, aPitch, b, bPitch, terms);
        }
        else if (columns == 2 * TVector.Count)
        {
            AddTwo(c, cPitch, a, aPitch, b, bPitch, terms);
        }
        else
        {
            AddOne(c, cPitch, a, aPitch, b, bPitch, terms);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddThree(T* c, nint cPitch, T* a, nint aPitch, T* b, nint bPitch, int terms)
    {
        int w = TVector.Count;
        T* a1 = a + aPitch;
        T* a2 = a1 + aPitch;
        T* a3 = a2 + aPitch;
        T* c1 = c + cPitch;
        T* c2 = c1 + cPitch;
        T* c3 = c2 + cPitch;
        TVector s00 = TVector.Load(c);
        TVector s01 = TVector.Load(c + w);
        TVector s02 = TVector.Load(c + (2 * w));
        TVector s10 = TVector.Load(c1);
        TVector s11 = TVector.Load(c1 + w);
        TVector s12 = TVector.Load(c1 + (2 * w));
        TVector s20 = TVector.Load(c2);
        TVector s21 = TVector.Load(c2 + w);
        TVector s22 = TVector.Load(c2 + (2 * w));
        TVector s30 = TVector.Load(c3);
        TVector s31 = TVector.Load(c3 + w);
        TVector s32 = TVector.Load(c3 + (2 * w));
        for (nint t = 0; t < terms; t++)
        {
            TVector b0 = TVector.Load(b);
            TVector b1 = TVector.Load(b + w);
            TVector b2 = TVector.Load(b + (2 * w));
            TVector at = TVector.Broadcast(a[t]);
            TVector.Accumulate(ref s00, at, b0);
            TVector.Accumulate(ref s01, at, b1);
            TVector.Accumulate(ref s02, at, b2);
            at = TVector.Broadcast(a1[t]);
            TVector.Accumulate(ref s10, at, b0);
            TVector.Accumulate(ref s11, at, b1);
            TVector.Accumulate(ref s12, at, b2);
            at = TVector.Broadcast(a2[t]);
            TVector.Accumulate(ref s20, at, b0);
            TVector.Accumulate(ref s21, at, b1);
            TVector.Accumulate(ref s22, at, b2);
            at = TVector.Broadcast(a3[t]);
            TVector.Accumulate(ref s30, at, b0);
            TVector.Accumulate(ref s31, at, b1);
            TVector.Accumulate(ref s32, at, b2);
            b += bPitch;
        }

        TVector.Store(s00, c);
        TVector.Store(s01, c + w);
        TVector.Store(s02, c + (2 * w));
        TVector.Store(s10, c1);
        TVector.Store(s11, c1 + w);
        TVector.Store(s12, c1 + (2 * w));
        TVector.Store(s20, c2);
        TVector.Store(s21, c2 + w);
        TVector.Store(s22, c2 + (2 * w));
        TVector.Store(s30, c3);
        TVector.Store(s31, c3 + w);
        TVector.Store(s32, c3 + (2 * w));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddTwo(T* c, nint cPitch, T* a, nint aPitch, T* b, nint bPitch, int terms)
    {
        int w = TVector.Count;
        T* a1 = a + aPitch;
        T* a2 = a1 + aPitch;
        T* a3 = a2 + aPitch;
        T* c1 = c + cPitch;
        T* c2 = c1 + cPitch;
        T* c3 = c2 + cPitch;
        TVector s00 = TVector.Load(c);
        TVector s01 = TVector.Load(c + w);
        TVector s10 = TVector.Load(c1);
        TVector s11 = TVector.Load(c1 + w);
        TVector s20 = TVector.Load(c2);
        TVector s21 = TVector.Load(c2 + w);
        TVector s30 = TVector.Load(c3);
        TVector s31 = TVector.Load(c3 + w);
        for (nint t = 0; t < terms; t++)
        {
            TVector b0 = TVector.Load(b);
            TVector b1 = TVector.Load(b + w);
            TVector at = TVector.Broadcast(a[t]);
            TVector.Accumulate(ref s00, at, b0);
            TVector.Accumulate(ref s01, at, b1);
            at = TVector.Broadcast(a1[t]);
            TVector.Accumulate(ref s10, at, b0);
            TVector.Accumulate(ref s11, at, b1);
            at = TVector.Broadcast(a2[t]);
            TVector.Accumulate(ref s20, at, b0);
            TVector.Accumulate(ref s21, at, b1);
            at = TVector.Broadcast(a3[t]);
            TVector.Accumulate(ref s30, at, b0);
            TVector.Accumulate(ref s31, at, b1);
            b += bPitch;
        }

        TVector.Store(s00, c);
        TVector.Store(s01, c + w);
        TVector.Store(s10, c1);
        TVector.Store(s11, c1 + w);
        TVector.Store(s20, c2);
        TVector.Store(s21, c2 + w);
        TVector.Store(s30, c3);
        TVector.Store(s31, c3 + w);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddOne(T* c, nint cPitch, T* a, nint aPitch, T* b, nint bPitch, int terms)
    {
        T* a1 = a + aPitch;
        T* a2 = a1 + aPitch;
        T* a3 = a2 + aPitch;
        TVector s0 = TVector.Load(c);
        TVector s1 = TVector.Load(c + cPitch);
        TVector s2 = TVector.Load(c + (2 * cPitch));
        TVector s3 = TVector.Load(c + (3 * cPitch));
        for (nint t = 0; t < terms; t++)
        {
            TVector b0 = TVector.Load(b);
            s0 = TVector.FusedMultiplyAdd(TVector.Broadcast(a[t]), b0, s0);
            s1 = TVector.FusedMultiplyAdd(TVector.Broadcast(a1[t]), b0, s1);
            s2 = TVector.FusedMultiplyAdd(TVector.Broadcast(a2[t]), b0, s2);
            s3 = TVector.FusedMultiplyAdd(TVector.Broadcast(a3[t]), b0, s3);
            b += bPitch;
        }

        TVector.Store(s0, c);
        TVector.Store(s1, c + cPitch);
        TVector.Store(s2, c + (2 * cPitch));
        TVector.Store(s3, c + (3 * cPitch));
    }
}
