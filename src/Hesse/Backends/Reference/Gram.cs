namespace Hesse.Backends.Reference;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void Gram(Points points, Span<double> gram)
    {
        int samples = points.Samples;
        ForEachReplica(
            points,
            gram,
            (long)samples * samples,
            (replica, own) =>
            {
                SamplePass[] passes = [.. SamplePass.All(points, replica, 1)];
                for (int i = 0; i < samples; i++)
                {
                    for (int j = 0; j <= i; j++)
                    {
                        own[(i * samples) + j] = InnerProduct(passes[i], passes[j]);
                        own[(j * samples) + i] = own[(i * samples) + j];
                    }
                }
            }
        );
    }

    // <g_i, g_j> = sum_l (delta_l,i . delta_l,j)(a_{l-1,i} . a_{l-1,j} + [bias_l])
    private static double InnerProduct(SamplePass first, SamplePass second)
    {
        double sum = 0;
        for (int l = 1; l <= first.Network.Layers; l++)
        {
            double deltas = Dot(first.Delta[l], second.Delta[l]);
            double inputs = Dot(first.A[l - 1], second.A[l - 1]) + (first.Network.HasBias(l) ? 1 : 0);
            sum = Math.FusedMultiplyAdd(deltas, inputs, sum);
        }

        return sum;
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum = Math.FusedMultiplyAdd(a[i], b[i], sum);
        }

        return sum;
    }
}
