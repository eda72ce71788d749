using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Eigen;
using Hesse.Networks;

namespace Hesse.Backends.Cpu.Updates;

/// <summary>
/// W_l = W_l / ||W_l||_F for every layer, biases untouched. The norm is the root of 16 (float) or 8 (double) partial sums of
/// squares, element i in sum i mod 16 (8), folded upper half onto lower half: the same bits in both layouts.
/// </summary>
internal static unsafe class WeightRescaling<V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static int Sums => 64 / sizeof(T);

    /// <summary>Of a block of replicas, a register an element. Parameters (P, lanes).</summary>
    public static void Lanes(Network network, T* parameters)
    {
        V* sums = stackalloc V[Sums];
        for (int layer = 1; layer <= network.Layers; layer++)
        {
            V* weights = (V*)parameters + network.WeightOffset(layer);
            int length = network.BiasOffset(layer) - network.WeightOffset(layer);
            new Span<V>(sums, Sums).Fill(V.Zero);
            for (int i = 0; i < length; i++)
            {
                V weight = V.Load((T*)(weights + i));
                sums[i % Sums] = V.FusedMultiplyAdd(weight, weight, sums[i % Sums]);
            }

            for (int half = Sums / 2; half > 0; half /= 2)
            {
                for (int i = 0; i < half; i++)
                {
                    sums[i] = V.Add(sums[i], sums[i + half]);
                }
            }

            V divisor = Divisor(sums[0]);
            for (int i = 0; i < length; i++)
            {
                V.Store(V.Divide(V.Load((T*)(weights + i)), divisor), (T*)(weights + i));
            }
        }
    }

    /// <summary>Of one net. Parameters (P).</summary>
    public static void Single(Network network, T* parameters)
    {
        T* padded = stackalloc T[Sums];
        for (int layer = 1; layer <= network.Layers; layer++)
        {
            T* weights = parameters + network.WeightOffset(layer);
            int length = network.BiasOffset(layer) - network.WeightOffset(layer);
            PartialSums<T, V> sums = default;
            int whole = length - (length % Sums);
            for (int i = 0; i < whole; i += Sums)
            {
                sums.Add(weights + i, weights + i);
            }

            if (whole < length)
            {
                // Zeros add nothing to their sums.
                new Span<T>(padded, Sums).Clear();
                new ReadOnlySpan<T>(weights + whole, length - whole).CopyTo(new Span<T>(padded, Sums));
                sums.Add(padded, padded);
            }

            V.Store(Divisor(V.Broadcast(sums.Total())), padded);
            T divisor = padded[0];
            TensorPrimitives.Divide(new ReadOnlySpan<T>(weights, length), divisor, new Span<T>(weights, length));
        }
    }

    // A norm of 0 or beyond the format leaves the matrix as it is.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Divisor(V sumOfSquares)
    {
        V one = V.Broadcast(T.One);
        V norm = V.SquareRoot(sumOfSquares);
        V finite = V.Select(V.GreaterThan(V.Broadcast(T.PositiveInfinity), norm), norm, one);
        return V.Select(V.GreaterThan(norm, V.Zero), finite, one);
    }
}
