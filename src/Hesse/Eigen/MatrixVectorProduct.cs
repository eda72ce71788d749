using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>
/// y = A x for a packed symmetric matrix, in one pass over the triangle: an element a_ij is loaded once and serves both
/// y_i += a_ij x_j (the row half, a dot in partial sums) and y_j += a_ij x_i (the column half, elementwise, i ascending).
/// What must not change for speed: four rows a pass, so that y is loaded and stored once for four, and every element once loaded.
/// </summary>
internal static unsafe class MatrixVectorProduct<T, TVector>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TVector : unmanaged, IVector<TVector, T>
{
    /// <summary>
    /// The product with the leading submatrix of a given order. x must be zero from there to the end of its block; y is
    /// written up to the next multiple of four, with values of no meaning behind the order.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(T* packed, int order, T* x, T* y)
    {
        int block = PackedTriangle<T, TVector>.Block;
        for (int i = 0; i < order; i += 4)
        {
            T* row = PackedTriangle<T, TVector>.Row(packed, i);
            int diagonal = i / block * block;
            if (PartialSums<T, TVector>.Registers == 1)
            {
                FourRowsOneRegister(row, diagonal, x, y, i);
            }
            else if (PartialSums<T, TVector>.Registers == 2)
            {
                FourRowsTwoRegisters(row, diagonal, x, y, i);
            }
            else
            {
                for (int r = 0; r < 4; r++)
                {
                    OneRow(row + (r * (diagonal + block)), diagonal, x, y, i + r);
                }
            }
        }
    }

    // 128-bit registers: the partial sums of one row fill four of them.
    private static void OneRow(T* row, int diagonal, T* x, T* y, int i)
    {
        PartialSums<T, TVector> sums = default;
        TVector xi = TVector.Broadcast(x[i]);
        int block = PackedTriangle<T, TVector>.Block;
        for (int c = 0; c < diagonal; c += block)
        {
            sums.Add(row + c, x + c);
            for (int lane = c; lane < c + block; lane += TVector.Count)
            {
                TVector.Store(TVector.FusedMultiplyAdd(TVector.Load(row + lane), xi, TVector.Load(y + lane)), y + lane);
            }
        }

        sums.Add(row + diagonal, x + diagonal);
        y[i] = sums.Total();
    }

    // 256-bit registers: 8 sums, 4 broadcasts and 3 temporaries fill the 16 registers. Each register of a block is finished
    // before the next, because two at a time would spill.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FourRowsTwoRegisters(T* row, int diagonal, T* x, T* y, int i)
    {
        int width = TVector.Count;
        nint stride = diagonal + (2 * width);
        T* row0 = row;
        T* row1 = row + stride;
        T* row2 = row1 + stride;
        T* row3 = row2 + stride;
        TVector b0 = TVector.Broadcast(x[i]);
        TVector b1 = TVector.Broadcast(x[i + 1]);
        TVector b2 = TVector.Broadcast(x[i + 2]);
        TVector b3 = TVector.Broadcast(x[i + 3]);
        TVector s0 = TVector.Zero;
        TVector s1 = TVector.Zero;
        TVector s2 = TVector.Zero;
        TVector s3 = TVector.Zero;
        TVector u0 = TVector.Zero;
        TVector u1 = TVector.Zero;
        TVector u2 = TVector.Zero;
        TVector u3 = TVector.Zero;
        for (nint c = 0; c < diagonal; c += 2 * width)
        {
            TVector xc = TVector.Load(x + c);
            TVector yc = TVector.Load(y + c);
            TVector a = TVector.Load(row0 + c);
            TVector.Accumulate(ref yc, a, b0);
            TVector.Accumulate(ref s0, a, xc);
            a = TVector.Load(row1 + c);
            TVector.Accumulate(ref yc, a, b1);
            TVector.Accumulate(ref s1, a, xc);
            a = TVector.Load(row2 + c);
            TVector.Accumulate(ref yc, a, b2);
            TVector.Accumulate(ref s2, a, xc);
            a = TVector.Load(row3 + c);
            TVector.Accumulate(ref yc, a, b3);
            TVector.Accumulate(ref s3, a, xc);
            TVector.Store(yc, y + c);

            xc = TVector.Load(x + c + width);
            yc = TVector.Load(y + c + width);
            a = TVector.Load(row0 + c + width);
            TVector.Accumulate(ref yc, a, b0);
            TVector.Accumulate(ref u0, a, xc);
            a = TVector.Load(row1 + c + width);
            TVector.Accumulate(ref yc, a, b1);
            TVector.Accumulate(ref u1, a, xc);
            a = TVector.Load(row2 + c + width);
            TVector.Accumulate(ref yc, a, b2);
            TVector.Accumulate(ref u2, a, xc);
            a = TVector.Load(row3 + c + width);
            TVector.Accumulate(ref yc, a, b3);
            TVector.Accumulate(ref u3, a, xc);
            TVector.Store(yc, y + c + width);
        }

        TVector xd = TVector.Load(x + diagonal);
        TVector xe = TVector.Load(x + diagonal + width);
        s0 = TVector.FusedMultiplyAdd(TVector.Load(row0 + diagonal), xd, s0);
        u0 = TVector.FusedMultiplyAdd(TVector.Load(row0 + diagonal + width), xe, u0);
        s1 = TVector.FusedMultiplyAdd(TVector.Load(row1 + diagonal), xd, s1);
        u1 = TVector.FusedMultiplyAdd(TVector.Load(row1 + diagonal + width), xe, u1);
        s2 = TVector.FusedMultiplyAdd(TVector.Load(row2 + diagonal), xd, s2);
        u2 = TVector.FusedMultiplyAdd(TVector.Load(row2 + diagonal + width), xe, u2);
        s3 = TVector.FusedMultiplyAdd(TVector.Load(row3 + diagonal), xd, s3);
        u3 = TVector.FusedMultiplyAdd(TVector.Load(row3 + diagonal + width), xe, u3);
        y[i] = PartialSums<T, TVector>.Total(TVector.Add(s0, u0));
        y[i + 1] = PartialSums<T, TVector>.Total(TVector.Add(s1, u1));
        y[i + 2] = PartialSums<T, TVector>.Total(TVector.Add(s2, u2));
        y[i + 3] = PartialSums<T, TVector>.Total(TVector.Add(s3, u3));
    }

    // 512-bit registers: the partial sums of one row are one register.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FourRowsOneRegister(T* row, int diagonal, T* x, T* y, int i)
    {
        nint stride = diagonal + TVector.Count;
        T* row0 = row;
        T* row1 = row + stride;
        T* row2 = row1 + stride;
        T* row3 = row2 + stride;
        TVector b0 = TVector.Broadcast(x[i]);
        TVector b1 = TVector.Broadcast(x[i + 1]);
        TVector b2 = TVector.Broadcast(x[i + 2]);
        TVector b3 = TVector.Broadcast(x[i + 3]);
        TVector s0 = TVector.Zero;
        TVector s1 = TVector.Zero;
        TVector s2 = TVector.Zero;
        TVector s3 = TVector.Zero;
        for (nint c = 0; c < diagonal; c += TVector.Count)
        {
            TVector xc = TVector.Load(x + c);
            TVector yc = TVector.Load(y + c);
            TVector a = TVector.Load(row0 + c);
            TVector.Accumulate(ref yc, a, b0);
            TVector.Accumulate(ref s0, a, xc);
            a = TVector.Load(row1 + c);
            TVector.Accumulate(ref yc, a, b1);
            TVector.Accumulate(ref s1, a, xc);
            a = TVector.Load(row2 + c);
            TVector.Accumulate(ref yc, a, b2);
            TVector.Accumulate(ref s2, a, xc);
            a = TVector.Load(row3 + c);
            TVector.Accumulate(ref yc, a, b3);
            TVector.Accumulate(ref s3, a, xc);
            TVector.Store(yc, y + c);
        }

        TVector xd = TVector.Load(x + diagonal);
        y[i] = PartialSums<T, TVector>.Total(TVector.FusedMultiplyAdd(TVector.Load(row0 + diagonal), xd, s0));
        y[i + 1] = PartialSums<T, TVector>.Total(TVector.FusedMultiplyAdd(TVector.Load(row1 + diagonal), xd, s1));
        y[i + 2] = PartialSums<T, TVector>.Total(TVector.FusedMultiplyAdd(TVector.Load(row2 + diagonal), xd, s2));
        y[i + 3] = PartialSums<T, TVector>.Total(TVector.FusedMultiplyAdd(TVector.Load(row3 + diagonal), xd, s3));
    }
}
