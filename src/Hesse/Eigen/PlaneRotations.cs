using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>
/// Sweeps of plane rotations through neighbouring rows of a matrix, on a strip of columns. Rotation k takes row k, which the
/// sweep carries along in registers, and row k + 1: the first becomes c x + s y and is finished, the second c y - s x goes on.
/// </summary>
internal static unsafe class PlaneRotations<T, TVector>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TVector : unmanaged, IVector<TVector, T>
{
    /// <summary>One sweep on four registers of columns; rotations (count, 2): cosine and sine.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sweep(T* row, nint step, int count, T* rotations)
    {
        int w = TVector.Count;
        TVector x0 = TVector.Load(row);
        TVector x1 = TVector.Load(row + w);
        TVector x2 = TVector.Load(row + (2 * w));
        TVector x3 = TVector.Load(row + (3 * w));
        for (int k = 0; k < count; k++)
        {
            TVector cosine = TVector.Broadcast(rotations[0]);
            TVector sine = TVector.Broadcast(rotations[1]);
            TVector negated = TVector.Subtract(TVector.Zero, sine);
            rotations += 2;
            T* next = row + step;
            TVector.Store(Rotate(TVector.Load(next), ref x0, cosine, sine, negated), row);
            TVector.Store(Rotate(TVector.Load(next + w), ref x1, cosine, sine, negated), row + w);
            TVector.Store(Rotate(TVector.Load(next + (2 * w)), ref x2, cosine, sine, negated), row + (2 * w));
            TVector.Store(Rotate(TVector.Load(next + (3 * w)), ref x3, cosine, sine, negated), row + (3 * w));
            row = next;
        }

        TVector.Store(x0, row);
        TVector.Store(x1, row + w);
        TVector.Store(x2, row + (2 * w));
        TVector.Store(x3, row + (3 * w));
    }

    /// <summary>One sweep on one register of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SweepNarrow(T* row, nint step, int count, T* rotations)
    {
        TVector x = TVector.Load(row);
        for (int k = 0; k < count; k++)
        {
            TVector cosine = TVector.Broadcast(rotations[0]);
            TVector sine = TVector.Broadcast(rotations[1]);
            rotations += 2;
            TVector.Store(
                Rotate(TVector.Load(row + step), ref x, cosine, sine, TVector.Subtract(TVector.Zero, sine)),
                row
            );
            row += step;
        }

        TVector.Store(x, row);
    }

    /// <summary>
    /// Two sweeps from the same row in one pass over memory: rotation k - 1 of the second follows rotation k of the first. The
    /// second has at most as many rotations; its cosines and sines come behind those of the first. Bits as of two passes.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SweepTwice(T* row, nint step, int count, int secondCount, T* rotations)
    {
        int w = TVector.Count;
        T* seconds = rotations + (2L * count);
        T* next = row + step;
        TVector x0 = TVector.Load(row);
        TVector x1 = TVector.Load(row + w);
        TVector x2 = TVector.Load(row + (2 * w));
        TVector x3 = TVector.Load(row + (3 * w));
        TVector cosine = TVector.Broadcast(rotations[0]);
        TVector sine = TVector.Broadcast(rotations[1]);
        TVector negated = TVector.Subtract(TVector.Zero, sine);
        TVector y0 = Rotate(TVector.Load(next), ref x0, cosine, sine, negated);
        TVector y1 = Rotate(TVector.Load(next + w), ref x1, cosine, sine, negated);
        TVector y2 = Rotate(TVector.Load(next + (2 * w)), ref x2, cosine, sine, negated);
        TVector y3 = Rotate(TVector.Load(next + (3 * w)), ref x3, cosine, sine, negated);
        int together = Math.Min(secondCount, count - 1);
        for (int k = 0; k < together; k++)
        {
            rotations += 2;
            next += step;
            cosine = TVector.Broadcast(rotations[0]);
            sine = TVector.Broadcast(rotations[1]);
            negated = TVector.Subtract(TVector.Zero, sine);
            TVector secondCosine = TVector.Broadcast(seconds[0]);
            TVector secondSine = TVector.Broadcast(seconds[1]);
            TVector secondNegated = TVector.Subtract(TVector.Zero, secondSine);
            seconds += 2;
            TVector middle = Rotate(TVector.Load(next), ref x0, cosine, sine, negated);
            TVector.Store(Rotate(middle, ref y0, secondCosine, secondSine, secondNegated), row);
            middle = Rotate(TVector.Load(next + w), ref x1, cosine, sine, negated);
            TVector.Store(Rotate(middle, ref y1, secondCosine, secondSine, secondNegated), row + w);
            middle = Rotate(TVector.Load(next + (2 * w)), ref x2, cosine, sine, negated);
            TVector.Store(Rotate(middle, ref y2, secondCosine, secondSine, secondNegated), row + (2 * w));
            middle = Rotate(TVector.Load(next + (3 * w)), ref x3, cosine, sine, negated);
            TVector.Store(Rotate(middle, ref y3, secondCosine, secondSine, secondNegated), row + (3 * w));
            row += step;
        }

        if (secondCount == count)
        {
            // The last rotation of the second sweep meets the row that the first one has just finished.
            cosine = TVector.Broadcast(seconds[0]);
            sine = TVector.Broadcast(seconds[1]);
            negated = TVector.Subtract(TVector.Zero, sine);
            TVector.Store(Rotate(x0, ref y0, cosine, sine, negated), row);
            TVector.Store(Rotate(x1, ref y1, cosine, sine, negated), row + w);
            TVector.Store(Rotate(x2, ref y2, cosine, sine, negated), row + (2 * w));
            TVector.Store(Rotate(x3, ref y3, cosine, sine, negated), row + (3 * w));
            row += step;
            Store(row, y0, y1, y2, y3);
            return;
        }

        Store(row, y0, y1, y2, y3);
        row += step;
        Store(row, x0, x1, x2, x3);
        Sweep(row, step, count - 1 - together, rotations + 2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(T* row, TVector x0, TVector x1, TVector x2, TVector x3)
    {
        TVector.Store(x0, row);
        TVector.Store(x1, row + TVector.Count);
        TVector.Store(x2, row + (2 * TVector.Count));
        TVector.Store(x3, row + (3 * TVector.Count));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Rotate(TVector y, ref TVector x, TVector cosine, TVector sine, TVector negated)
    {
        TVector finished = TVector.FusedMultiplyAdd(sine, y, TVector.Multiply(cosine, x));
        x = TVector.FusedMultiplyAdd(negated, x, TVector.Multiply(cosine, y));
        return finished;
    }
}
