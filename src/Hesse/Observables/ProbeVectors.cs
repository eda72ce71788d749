using Hesse.Eigen;
using Hesse.Replicas;

namespace Hesse.Observables;

/// <summary>
/// What the estimators with random vectors share: the vectors, products of the Hessian with them, an orthonormal basis, a mean
/// with its standard error. Numbers of stream ProbeVectors, element vector * p + i.
/// </summary>
internal static class ProbeVectors
{
    // What is left of a vector below this share of it is rounding.
    private const double Rounding = 1e-12;

    /// <summary>Standard normal vectors of every replica. (R,count,P)</summary>
    /// <param name="snapshot">The replicas.</param>
    /// <param name="first">Number of the first vector.</param>
    /// <param name="count">How many.</param>
    public static double[] Normal(Snapshot snapshot, int first, int count)
    {
        int p = snapshot.Network.ParameterCount;
        double[] vectors = new double[(long)snapshot.Replicas * count * p];
        for (int r = 0; r < snapshot.Replicas; r++)
        {
            for (int v = 0; v < count; v++)
            {
                NormalDeviates.Fill(
                    snapshot.Seed,
                    (uint)((long)(first + v) * p % int.MaxValue),
                    (uint)snapshot.Step,
                    (uint)snapshot.ReplicaNumbers[r],
                    RandomStream.ProbeVectors,
                    vectors.AsSpan(((r * count) + v) * p, p)
                );
            }
        }

        return vectors;
    }

    /// <summary>Rademacher vectors, entries 1 or -1: the signs of <see cref="Normal"/>. (R,count,P)</summary>
    public static double[] Signs(Snapshot snapshot, int first, int count)
    {
        double[] vectors = Normal(snapshot, first, count);
        foreach (ref double entry in vectors.AsSpan())
        {
            entry = entry < 0 ? -1 : 1;
        }

        return vectors;
    }

    /// <summary>H v in double for vectors (R,count,P).</summary>
    public static double[] Products(Snapshot snapshot, double[] vectors)
    {
        double[] products = new double[vectors.Length];
        Multiply(snapshot, vectors, products);
        return products;
    }

    /// <summary>The same where there is room for them already.</summary>
    public static void Multiply(Snapshot snapshot, double[] vectors, double[] products) =>
        snapshot.Backend.HessianVectorProducts(snapshot.DoublePoints, vectors, products);

    /// <summary>Orthonormal basis of the space of some vectors.</summary>
    /// <param name="vectors">(count,p)</param>
    /// <param name="p">Their length.</param>
    public static KrylovBasis Basis(Span<double> vectors, int p)
    {
        KrylovBasis basis = new(p);
        double[] coefficients = new double[vectors.Length / p];
        for (int from = 0; from < vectors.Length; from += p)
        {
            Span<double> vector = vectors.Slice(from, p);
            double whole = KrylovBasis.Norm(vector);
            double left = basis.Orthogonalise(vector, coefficients.AsSpan(0, basis.Count));
            if (left > Rounding * whole)
            {
                basis.Add(vector, left);
            }
        }

        return basis;
    }

    /// <summary>Mean and its standard error, by the sample variance; NaN for a single one.</summary>
    public static (double Mean, double Error) Mean(ReadOnlySpan<double> samples)
    {
        double mean = 0;
        foreach (double sample in samples)
        {
            mean += sample / samples.Length;
        }

        double spread = 0;
        foreach (double sample in samples)
        {
            spread += (sample - mean) * (sample - mean);
        }

        return (mean, Math.Sqrt(spread / (samples.Length - 1) / samples.Length));
    }
}
