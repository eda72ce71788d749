using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>
/// The products and updates of <see cref="BulgeChasing{T,TVector}"/> on a (Width, Width) block of the band, rows BandPitch apart. Every
/// element is one chain of operations in a fixed order, and dots are <see cref="PartialSums{T,TVector}"/>.
/// </summary>
internal static unsafe class BandKernels<T, TVector>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TVector : unmanaged, IVector<TVector, T>
{
    private const int Width = BandWorkspace<T>.Width;

    /// <summary>y = D v for a symmetric block of which only the lower triangle is stored.</summary>
    /// <param name="rows">(Width, Width), with finite numbers above the diagonal where blocks of 64 bytes reach over it.</param>
    /// <param name="v">(Width)</param>
    /// <param name="y">(Width)</param>
    /// <param name="products">(Width): scratch.</param>
    /// <param name="corners">(Width, block): scratch.</param>
    /// <param name="masks">(block, block): ones below the diagonal, zeros on it and above.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyDiagonalBlock(T* rows, T* v, T* y, T* products, T* corners, T* masks)
    {
        nint pitch = BandWorkspace<T>.BandPitch;
        int block = PackedTriangle<T, TVector>.Block;
        new Span<T>(y, Width).Clear();
        for (int i = 0; i < Width; i++)
        {
            T* row = rows + (i * pitch);
            products[i] = row[i] * v[i];
            // The block of columns that the diagonal cuts, without the diagonal and what lies above it.
            T* corner = corners + (i * block);
            T* source = row + (i / block * block);
            T* mask = masks + (i % block * block);
            for (int c = 0; c < block; c += TVector.Count)
            {
                TVector.Store(TVector.Multiply(TVector.Load(source + c), TVector.Load(mask + c)), corner + c);
            }
        }

        for (int i = 0; i < Width; i += 4)
        {
            T* row = rows + (i * pitch);
            int diagonal = i / block * block;
            PartialSums<T, TVector> sums0 = default;
            PartialSums<T, TVector> sums1 = default;
            PartialSums<T, TVector> sums2 = default;
            PartialSums<T, TVector> sums3 = default;
            for (int c = 0; c < diagonal; c += block)
            {
                sums0.Add(row + c, v + c);
                sums1.Add(row + pitch + c, v + c);
                sums2.Add(row + (2 * pitch) + c, v + c);
                sums3.Add(row + (3 * pitch) + c, v + c);
            }

            AddRows(row, pitch, diagonal, v + i, y);
            T* corner = corners + (i * block);
            sums0.Add(corner, v + diagonal);
            sums1.Add(corner + block, v + diagonal);
            sums2.Add(corner + (2 * block), v + diagonal);
            sums3.Add(corner + (3 * block), v + diagonal);
            AddRows(corner, block, block, v + i, y + diagonal);
            // Not into y: a register loaded over numbers just stored one by one has to wait for them.
            products[i] += sums0.Total();
            products[i + 1] += sums1.Total();
            products[i + 2] += sums2.Total();
            products[i + 3] += sums3.Total();
        }

        for (int c = 0; c < Width; c += TVector.Count)
        {
            TVector.Store(TVector.Add(TVector.Load(y + c), TVector.Load(products + c)), y + c);
        }
    }

    /// <summary>w = C^T v: four chains, of the rows i = 0, 1, 2, 3 mod 4, then their sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyTransposed(T* rows, T* v, T* w)
    {
        nint pitch = BandWorkspace<T>.BandPitch;
        // Two registers of columns, so that eight sums hide the latency of the multiply-adds.
        for (int c = 0; c < Width; c += 2 * TVector.Count)
        {
            T* row = rows + c;
            T* next = row + TVector.Count;
            TVector a0 = TVector.Zero;
            TVector a1 = TVector.Zero;
            TVector a2 = TVector.Zero;
            TVector a3 = TVector.Zero;
            TVector b0 = TVector.Zero;
            TVector b1 = TVector.Zero;
            TVector b2 = TVector.Zero;
            TVector b3 = TVector.Zero;
            for (int i = 0; i < Width; i += 4)
            {
                TVector factor = TVector.Broadcast(v[i]);
                TVector.Accumulate(ref a0, factor, TVector.Load(row));
                TVector.Accumulate(ref b0, factor, TVector.Load(next));
                factor = TVector.Broadcast(v[i + 1]);
                TVector.Accumulate(ref a1, factor, TVector.Load(row + pitch));
                TVector.Accumulate(ref b1, factor, TVector.Load(next + pitch));
                factor = TVector.Broadcast(v[i + 2]);
                TVector.Accumulate(ref a2, factor, TVector.Load(row + (2 * pitch)));
                TVector.Accumulate(ref b2, factor, TVector.Load(next + (2 * pitch)));
                factor = TVector.Broadcast(v[i + 3]);
                TVector.Accumulate(ref a3, factor, TVector.Load(row + (3 * pitch)));
                TVector.Accumulate(ref b3, factor, TVector.Load(next + (3 * pitch)));
                row += 4 * pitch;
                next += 4 * pitch;
            }

            TVector.Store(TVector.Add(TVector.Add(a0, a1), TVector.Add(a2, a3)), w + c);
            TVector.Store(TVector.Add(TVector.Add(b0, b1), TVector.Add(b2, b3)), w + c + TVector.Count);
        }
    }

    /// <summary>Row r -= a[r] x + b[r] z: all of it, or as far as the block of 64 bytes with the diagonal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SubtractRankTwo(T* rows, bool lower, T* a, T* x, T* b, T* z)
    {
        nint pitch = BandWorkspace<T>.BandPitch;
        for (int i = 0; i < Width; i += 4)
        {
            TVector a0 = TVector.Broadcast(-a[i]);
            TVector a1 = TVector.Broadcast(-a[i + 1]);
            TVector a2 = TVector.Broadcast(-a[i + 2]);
            TVector a3 = TVector.Broadcast(-a[i + 3]);
            TVector b0 = TVector.Broadcast(-b[i]);
            TVector b1 = TVector.Broadcast(-b[i + 1]);
            TVector b2 = TVector.Broadcast(-b[i + 2]);
            TVector b3 = TVector.Broadcast(-b[i + 3]);
            T* row0 = rows + (i * pitch);
            T* row1 = row0 + pitch;
            T* row2 = row1 + pitch;
            T* row3 = row2 + pitch;
            int columns = lower ? PackedTriangle<T, TVector>.RoundUp(i + 1) : Width;
            for (nint c = 0; c < columns; c += TVector.Count)
            {
                TVector xc = TVector.Load(x + c);
                TVector zc = TVector.Load(z + c);
                TVector sum = TVector.FusedMultiplyAdd(a0, xc, TVector.Load(row0 + c));
                TVector.Store(TVector.FusedMultiplyAdd(b0, zc, sum), row0 + c);
                sum = TVector.FusedMultiplyAdd(a1, xc, TVector.Load(row1 + c));
                TVector.Store(TVector.FusedMultiplyAdd(b1, zc, sum), row1 + c);
                sum = TVector.FusedMultiplyAdd(a2, xc, TVector.Load(row2 + c));
                TVector.Store(TVector.FusedMultiplyAdd(b2, zc, sum), row2 + c);
                sum = TVector.FusedMultiplyAdd(a3, xc, TVector.Load(row3 + c));
                TVector.Store(TVector.FusedMultiplyAdd(b3, zc, sum), row3 + c);
            }
        }
    }

    // y += the four rows, each times its factor, in order.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRows(T* row, nint pitch, int columns, T* factors, T* y)
    {
        TVector f0 = TVector.Broadcast(factors[0]);
        TVector f1 = TVector.Broadcast(factors[1]);
        TVector f2 = TVector.Broadcast(factors[2]);
        TVector f3 = TVector.Broadcast(factors[3]);
        for (nint c = 0; c < columns; c += TVector.Count)
        {
            TVector sum = TVector.Load(y + c);
            TVector.Accumulate(ref sum, f0, TVector.Load(row + c));
            TVector.Accumulate(ref sum, f1, TVector.Load(row + pitch + c));
            TVector.Accumulate(ref sum, f2, TVector.Load(row + (2 * pitch) + c));
            TVector.Accumulate(ref sum, f3, TVector.Load(row + (3 * pitch) + c));
            TVector.Store(sum, y + c);
        }
    }
}
