using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Hesse.Eigen;

/// <summary>
/// Orthonormal vectors of a Krylov space. Sums have 8 partial sums, element i to sum i mod 8, folded in one fixed tree: the bits
/// do not depend on the width of the machine's registers.
/// </summary>
/// <param name="order">Length of the vectors.</param>
/// <param name="spare">Where they come from and go to; null for the collector.</param>
internal sealed class KrylovBasis(int order, SpareVectors? spare = null) : IDisposable
{
    private const int Block = 1024;

    // Vectors that are removed at once: w passes through the registers once for all of them.
    private const int Together = 4;

    // A vector that keeps this share of its length has lost no digits to what was removed.
    private const double Kept = 0.7;

    private readonly List<double[]> _vectors = [];

    /// <summary>Number of vectors.</summary>
    public int Count => _vectors.Count;

    /// <summary>Vector j. (order)</summary>
    public ReadOnlySpan<double> this[int j] => _vectors[j];

    /// <summary>Adds direction / norm.</summary>
    public void Add(ReadOnlySpan<double> direction, double norm)
    {
        double[] vector = spare?.Take(order) ?? GC.AllocateUninitializedArray<double>(order);
        TensorPrimitives.Divide(direction, norm, vector);
        _vectors.Add(vector);
    }

    /// <summary>
    /// w -= V V^T w: first along the two newest vectors, where Lanczos' image has its size, then along all, and along all again where
    /// that took away more than rounding (full reorthogonalisation; "twice is enough", Kahan in Parlett, section 6.9).
    /// </summary>
    /// <param name="w">(order)</param>
    /// <param name="coefficients">V^T w of before. (Count)</param>
    /// <returns>||w|| afterwards.</returns>
    public double Orthogonalise(Span<double> w, Span<double> coefficients)
    {
        coefficients.Clear();
        for (int j = Count - 1; j >= Math.Max(0, Count - 2); j--)
        {
            Remove(j, w, coefficients);
        }

        double before = Norm(w);
        double after = RemoveAll(w, coefficients);
        return after < Kept * before ? RemoveAll(w, coefficients) : after;
    }

    private double RemoveAll(Span<double> w, Span<double> coefficients)
    {
        int j = 0;
        for (; j + Together <= _vectors.Count; j += Together)
        {
            RemoveFour(_vectors[j], _vectors[j + 1], _vectors[j + 2], _vectors[j + 3], w, coefficients[j..]);
        }

        for (; j < _vectors.Count; j++)
        {
            Remove(j, w, coefficients);
        }

        return Norm(w);
    }

    private void Remove(int j, Span<double> w, Span<double> coefficients)
    {
        double along = Dot(_vectors[j], w);
        coefficients[j] += along;
        TensorPrimitives.FusedMultiplyAdd<double>(_vectors[j], -along, w, w);
    }

    /// <summary>sum_j weights[j] v_j. (order)</summary>
    public void Combine(ReadOnlySpan<double> weights, Span<double> sum)
    {
        sum.Clear();
        int j = 0;
        for (; j + Together <= weights.Length; j += Together)
        {
            AddFour(_vectors[j], _vectors[j + 1], _vectors[j + 2], _vectors[j + 3], weights.Slice(j, Together), sum);
        }

        for (; j < weights.Length; j++)
        {
            TensorPrimitives.FusedMultiplyAdd<double>(_vectors[j], weights[j], sum, sum);
        }
    }

    /// <summary>Replaces the basis by combinations of its vectors, block by block in place.</summary>
    /// <param name="combinations">(kept, Count) row-major.</param>
    /// <param name="kept">Number of combinations, at most Count.</param>
    public void Rotate(ReadOnlySpan<double> combinations, int kept)
    {
        int count = _vectors.Count;
        double[] rotated = new double[kept * Block];
        for (int from = 0; from < order; from += Block)
        {
            int length = Math.Min(Block, order - from);
            for (int i = 0; i < kept; i++)
            {
                Span<double> sum = rotated.AsSpan(i * Block, length);
                sum.Clear();
                for (int j = 0; j < count; j++)
                {
                    double weight = combinations[(i * count) + j];
                    TensorPrimitives.FusedMultiplyAdd<double>(_vectors[j].AsSpan(from, length), weight, sum, sum);
                }
            }

            for (int i = 0; i < kept; i++)
            {
                rotated.AsSpan(i * Block, length).CopyTo(_vectors[i].AsSpan(from));
            }
        }

        Shorten(kept);
    }

    public void Dispose() => Shorten(0);

    private void Shorten(int kept)
    {
        for (int j = kept; j < _vectors.Count; j++)
        {
            spare?.Give(_vectors[j]);
        }

        _vectors.RemoveRange(kept, _vectors.Count - kept);
    }

    // w -= sum of four vectors times their products with w; adds those to the coefficients. The sums are those of Dot.
    private static void RemoveFour(
        double[] a,
        double[] b,
        double[] c,
        double[] d,
        Span<double> w,
        Span<double> coefficients
    )
    {
        ref double x = ref MemoryMarshal.GetReference(w);
        ref double first = ref MemoryMarshal.GetArrayDataReference(a);
        ref double second = ref MemoryMarshal.GetArrayDataReference(b);
        ref double third = ref MemoryMarshal.GetArrayDataReference(c);
        ref double fourth = ref MemoryMarshal.GetArrayDataReference(d);
        Vector256<double> a0 = default,
            a1 = default,
            b0 = default,
            b1 = default,
            c0 = default,
            c1 = default,
            d0 = default,
            d1 = default;
        int whole = w.Length / 8 * 8;
        for (nuint i = 0; i < (nuint)whole; i += 8)
        {
            Vector256<double> low = Vector256.LoadUnsafe(ref x, i);
            Vector256<double> high = Vector256.LoadUnsafe(ref x, i + 4);
            a0 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref first, i), low, a0);
            a1 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref first, i + 4), high, a1);
            b0 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref second, i), low, b0);
            b1 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref second, i + 4), high, b1);
            c0 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref third, i), low, c0);
            c1 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref third, i + 4), high, c1);
            d0 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref fourth, i), low, d0);
            d1 = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref fourth, i + 4), high, d1);
        }

        double alongA = Total(a0, a1, a.AsSpan(whole), w[whole..]);
        double alongB = Total(b0, b1, b.AsSpan(whole), w[whole..]);
        double alongC = Total(c0, c1, c.AsSpan(whole), w[whole..]);
        double alongD = Total(d0, d1, d.AsSpan(whole), w[whole..]);
        coefficients[0] += alongA;
        coefficients[1] += alongB;
        coefficients[2] += alongC;
        coefficients[3] += alongD;
        AddFour(a, b, c, d, [-alongA, -alongB, -alongC, -alongD], w);
    }

    // sum += w_0 a + w_1 b + w_2 c + w_3 d, in this order.
    private static void AddFour(
        double[] a,
        double[] b,
        double[] c,
        double[] d,
        ReadOnlySpan<double> weights,
        Span<double> sum
    )
    {
        ref double x = ref MemoryMarshal.GetReference(sum);
        ref double first = ref MemoryMarshal.GetArrayDataReference(a);
        ref double second = ref MemoryMarshal.GetArrayDataReference(b);
        ref double third = ref MemoryMarshal.GetArrayDataReference(c);
        ref double fourth = ref MemoryMarshal.GetArrayDataReference(d);
        Vector256<double> ofA = Vector256.Create(weights[0]);
        Vector256<double> ofB = Vector256.Create(weights[1]);
        Vector256<double> ofC = Vector256.Create(weights[2]);
        Vector256<double> ofD = Vector256.Create(weights[3]);
        int whole = sum.Length / 4 * 4;
        for (nuint i = 0; i < (nuint)whole; i += 4)
        {
            Vector256<double> here = Vector256.LoadUnsafe(ref x, i);
            here = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref first, i), ofA, here);
            here = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref second, i), ofB, here);
            here = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref third, i), ofC, here);
            here = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref fourth, i), ofD, here);
            here.StoreUnsafe(ref x, i);
        }

        for (int i = whole; i < sum.Length; i++)
        {
            double here = Math.FusedMultiplyAdd(a[i], weights[0], sum[i]);
            here = Math.FusedMultiplyAdd(b[i], weights[1], here);
            here = Math.FusedMultiplyAdd(c[i], weights[2], here);
            sum[i] = Math.FusedMultiplyAdd(d[i], weights[3], here);
        }
    }

    /// <summary>||a||</summary>
    public static double Norm(ReadOnlySpan<double> a) => Math.Sqrt(Dot(a, a));

    /// <summary>a . b</summary>
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        ref double x = ref MemoryMarshal.GetReference(a);
        ref double y = ref MemoryMarshal.GetReference(b);
        Vector256<double> low = Vector256<double>.Zero;
        Vector256<double> high = Vector256<double>.Zero;
        int i = 0;
        for (; i + 8 <= a.Length; i += 8)
        {
            nuint at = (nuint)i;
            low = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref x, at), Vector256.LoadUnsafe(ref y, at), low);
            high = Vector256.FusedMultiplyAdd(
                Vector256.LoadUnsafe(ref x, at + 4),
                Vector256.LoadUnsafe(ref y, at + 4),
                high
            );
        }

        return Total(low, high, a[i..], b[i..]);
    }

    // The partial sums with the elements behind the last whole block, in the fixed tree.
    private static double Total(
        Vector256<double> low,
        Vector256<double> high,
        ReadOnlySpan<double> a,
        ReadOnlySpan<double> b
    )
    {
        Span<double> sums = stackalloc double[8];
        low.CopyTo(sums);
        high.CopyTo(sums[4..]);
        for (int rest = 0; rest < a.Length; rest++)
        {
            sums[rest] = Math.FusedMultiplyAdd(a[rest], b[rest], sums[rest]);
        }

        double even = sums[0] + sums[4] + (sums[2] + sums[6]);
        double odd = sums[1] + sums[5] + (sums[3] + sums[7]);
        return even + odd;
    }
}
