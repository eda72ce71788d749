namespace Hesse.Backends.Reference;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void PerSampleGradientProjections(Points points, ReadOnlySpan<double> vectors, Span<double> projections)
    {
        int p = points.Network.ParameterCount;
        int each = projections.Length / (points.Replicas * points.Samples);
        bool shared = vectors.Length == each * p;
        if (!shared && vectors.Length != points.Replicas * each * p)
        {
            throw new ArgumentException(
                $"{vectors.Length} numbers were given for the vectors, {each * p} or {points.Replicas * each * p} are needed"
            );
        }

        double[] directions = vectors.ToArray();
        ForEachReplica(
            points,
            projections,
            (long)points.Samples * each,
            (replica, own) =>
            {
                int n = 0;
                foreach (SamplePass pass in SamplePass.All(points, replica, 1))
                {
                    for (int v = 0; v < each; v++)
                    {
                        int from = ((shared ? 0 : replica * each) + v) * p;
                        own[(n * each) + v] = Projection(pass, directions.AsSpan(from, p));
                    }

                    n++;
                }
            }
        );
    }

    // <g_n, v> = sum_l sum_i delta_l[i] (V_l [a_{l-1}; 1])[i]
    private static double Projection(SamplePass pass, ReadOnlySpan<double> direction)
    {
        double sum = 0;
        for (int l = 1; l <= pass.Network.Layers; l++)
        {
            for (int i = 0; i < pass.Width(l); i++)
            {
                double along = 0;
                for (int j = 0; j < pass.Inputs(l); j++)
                {
                    along = Math.FusedMultiplyAdd(direction[pass.Index(l, i, j)], pass.Input(l, j), along);
                }

                sum = Math.FusedMultiplyAdd(pass.Delta[l][i], along, sum);
            }
        }

        return sum;
    }
}
