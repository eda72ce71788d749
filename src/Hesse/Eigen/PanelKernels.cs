using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>Level-1 and level-2 work on rows of whole blocks: dots (partial sums) and combinations (elementwise, terms ascending).</summary>
internal static unsafe class PanelKernels<T, TVector>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TVector : unmanaged, IVector<TVector, T>
{
    /// <summary>x . y over a length of whole blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T Dot(T* x, T* y, int length)
    {
        PartialSums<T, TVector> sums = default;
        for (int c = 0; c < length; c += 64 / sizeof(T))
        {
            sums.Add(x + c, y + c);
        }

        return sums.Total();
    }

    /// <summary>results[t] = rows[t] . x for t below an even number of rows, each the sum of <see cref="Dot"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dots(T* rows, nint pitch, int terms, T* x, int length, T* results)
    {
        int t = 0;
        for (; t + 4 <= terms; t += 4)
        {
            T* row = rows + (t * pitch);
            PartialSums<T, TVector> sums0 = default;
            PartialSums<T, TVector> sums1 = default;
            PartialSums<T, TVector> sums2 = default;
            PartialSums<T, TVector> sums3 = default;
            for (int c = 0; c < length; c += 64 / sizeof(T))
            {
                sums0.Add(row + c, x + c);
                sums1.Add(row + pitch + c, x + c);
                sums2.Add(row + (2 * pitch) + c, x + c);
                sums3.Add(row + (3 * pitch) + c, x + c);
            }

            results[t] = sums0.Total();
            results[t + 1] = sums1.Total();
            results[t + 2] = sums2.Total();
            results[t + 3] = sums3.Total();
        }

        for (; t < terms; t++)
        {
            results[t] = Dot(rows + (t * pitch), x, length);
        }
    }

    /// <summary>target += sum over t of coefficients[t] * rows[t], t ascending; an even number of terms.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Combine(T* target, int length, T* rows, nint pitch, T* coefficients, int terms)
    {
        int t = 0;
        for (; t + 8 <= terms; t += 8)
        {
            T* row = rows + (t * pitch);
            TVector a0 = TVector.Broadcast(coefficients[t]);
            TVector a1 = TVector.Broadcast(coefficients[t + 1]);
            TVector a2 = TVector.Broadcast(coefficients[t + 2]);
            TVector a3 = TVector.Broadcast(coefficients[t + 3]);
            TVector a4 = TVector.Broadcast(coefficients[t + 4]);
            TVector a5 = TVector.Broadcast(coefficients[t + 5]);
            TVector a6 = TVector.Broadcast(coefficients[t + 6]);
            TVector a7 = TVector.Broadcast(coefficients[t + 7]);
            for (int c = 0; c < length; c += TVector.Count)
            {
                T* p = row + c;
                TVector sum = TVector.Load(target + c);
                sum = TVector.FusedMultiplyAdd(a0, TVector.Load(p), sum);
                sum = TVector.FusedMultiplyAdd(a1, TVector.Load(p + pitch), sum);
                sum = TVector.FusedMultiplyAdd(a2, TVector.Load(p + (2 * pitch)), sum);
                sum = TVector.FusedMultiplyAdd(a3, TVector.Load(p + (3 * pitch)), sum);
                p += 4 * pitch;
                sum = TVector.FusedMultiplyAdd(a4, TVector.Load(p), sum);
                sum = TVector.FusedMultiplyAdd(a5, TVector.Load(p + pitch), sum);
                sum = TVector.FusedMultiplyAdd(a6, TVector.Load(p + (2 * pitch)), sum);
                sum = TVector.FusedMultiplyAdd(a7, TVector.Load(p + (3 * pitch)), sum);
                TVector.Store(sum, target + c);
            }
        }

        for (; t < terms; t += 2)
        {
            T* row = rows + (t * pitch);
            TVector a0 = TVector.Broadcast(coefficients[t]);
            TVector a1 = TVector.Broadcast(coefficients[t + 1]);
            for (int c = 0; c < length; c += TVector.Count)
            {
                TVector sum = TVector.FusedMultiplyAdd(a0, TVector.Load(row + c), TVector.Load(target + c));
                sum = TVector.FusedMultiplyAdd(a1, TVector.Load(row + pitch + c), sum);
                TVector.Store(sum, target + c);
            }
        }
    }

    /// <summary>x *= factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(T* x, int length, T factor)
    {
        TVector factors = TVector.Broadcast(factor);
        for (int c = 0; c < length; c += TVector.Count)
        {
            TVector.Store(TVector.Multiply(TVector.Load(x + c), factors), x + c);
        }
    }

    /// <summary>w = scale * w + shift * v.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScaleAndShift(T* w, T scale, T shift, T* v, int length)
    {
        TVector scales = TVector.Broadcast(scale);
        TVector shifts = TVector.Broadcast(shift);
        for (int c = 0; c < length; c += TVector.Count)
        {
            TVector scaled = TVector.Multiply(scales, TVector.Load(w + c));
            TVector.Store(TVector.FusedMultiplyAdd(shifts, TVector.Load(v + c), scaled), w + c);
        }
    }
}
