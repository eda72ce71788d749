using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Hesse.Eigen;

/// <summary>
/// Orthonormal vectors of a Krylov space. Sums have 8 partial sums, element i to sum i mod 8, folded in one fixed tree: the bits
/// do not depend on the width of the machine's registers.
/// </summary>
/// <param name="order">Length of the vectors.</param>
internal sealed class KrylovBasis(int order)
{
    private const int Block = 1024;
    private readonly List<double[]> _vectors = [];

    /// <summary>Number of vectors.</summary>
    public int Count => _vectors.Count;

    /// <summary>Vector j. (order)</summary>
    public ReadOnlySpan<double> this[int j] => _vectors[j];

    /// <summary>Adds direction / norm.</summary>
    public void Add(ReadOnlySpan<double> direction, double norm)
    {
        double[] vector = new double[order];
        TensorPrimitives.Divide(direction, norm, vector);
        _vectors.Add(vector);
    }

    /// <summary>
    /// w -= V V^T w, twice: the second pass removes what rounding left of the first (full reorthogonalisation).
    /// </summary>
    /// <param name="w">(order)</param>
    /// <param name="coefficients">V^T w of before. (Count)</param>
    /// <returns>||w|| afterwards.</returns>
    public double Orthogonalise(Span<double> w, Span<double> coefficients)
    {
        coefficients.Clear();
        for (int pass = 0; pass < 2; pass++)
        {
            for (int j = 0; j < _vectors.Count; j++)
            {
                double along = Dot(_vectors[j], w);
                coefficients[j] += along;
                TensorPrimitives.FusedMultiplyAdd<double>(_vectors[j], -along, w, w);
            }
        }

        return Norm(w);
    }

    /// <summary>sum_j weights[j] v_j. (order)</summary>
    public void Combine(ReadOnlySpan<double> weights, Span<double> sum)
    {
        sum.Clear();
        for (int j = 0; j < weights.Length; j++)
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

        _vectors.RemoveRange(kept, count - kept);
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

        Span<double> sums = stackalloc double[8];
        low.CopyTo(sums);
        high.CopyTo(sums[4..]);
        for (int rest = 0; i < a.Length; i++, rest++)
        {
            sums[rest] = Math.FusedMultiplyAdd(a[i], b[i], sums[rest]);
        }

        double even = sums[0] + sums[4] + (sums[2] + sums[6]);
        double odd = sums[1] + sums[5] + (sums[3] + sums[7]);
        return even + odd;
    }
}
