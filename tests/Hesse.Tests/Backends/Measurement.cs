using System.Runtime.CompilerServices;
using Hesse.Backends;

namespace Hesse.Tests.Backends;

/// <summary>Calls the operations of a backend on points and keeps the answers in arrays.</summary>
internal sealed class Measurement(IBackend backend, Points points)
{
    private readonly Dictionary<string, double[]> _answers = new(StringComparer.Ordinal);

    private int P => points.Network.ParameterCount;

    private int N => points.Samples;

    public double Loss => Losses[0];

    public double[] Losses => Ask(1, backend.Loss);

    public double[] Logits => Ask(N * points.Network.OutputWidth, backend.Logits);

    public double[] Gradient => Ask(P, backend.Gradient);

    public double[] PerSampleGradients => Ask(N * P, backend.PerSampleGradients);

    public double[] PerSampleGradientNorms => Ask(N, backend.PerSampleGradientNorms);

    /// <summary>On two directions.</summary>
    public double[] PerSampleGradientProjections =>
        Ask(
            2 * N,
            (asked, projections) =>
                backend.PerSampleGradientProjections(asked, ReferenceCases.S(2 * P, 41), projections)
        );

    public double[] Gram => Ask(N * N, backend.Gram);

    public double[] Hessian => Ask(P * P, backend.Hessian);

    public double[] Ggn => Ask(P * P, backend.Ggn);

    public double[] HessianDiagonal => Ask(P, backend.HessianDiagonal);

    public double[] HessianSpectrum => Ask(P, backend.HessianSpectrum);

    public double[] GgnSpectrum => Ask(P, backend.GgnSpectrum);

    public double[] SecondMomentSpectrum => Ask(Math.Min(N, P), backend.SecondMomentSpectrum);

    public double[] GradientCovarianceSpectrum => Ask(Math.Min(N, P), backend.GradientCovarianceSpectrum);

    public double[] FrobeniusNorms => Ask(1, backend.FrobeniusNorm);

    public double[] LayerSpectra => Ask(P, backend.LayerSpectra);

    public double[] ResidualSpectrum => Ask(P, backend.ResidualSpectrum);

    public double[] SecondMomentDiagonal => Ask(P, backend.SecondMomentDiagonal);

    /// <summary>The two largest and the smallest, in rows of eigenvalue, residual, iterations, converged and vector.</summary>
    public double[] HessianEigenpairs =>
        Ask(
            Math.Min(3, P) * (4 + P),
            (asked, pairs) =>
                backend.HessianEigenpairs(
                    asked,
                    new EigenpairRequest
                    {
                        Largest = Math.Min(2, P),
                        Smallest = P > 2 ? 1 : 0,
                        Tolerance = 1e-9,
                        Seed = 1,
                        Step = 0,
                        // The same for all: a replica alone has the start vectors that it has among others.
                        ReplicaNumbers = [.. Enumerable.Repeat(4, asked.Replicas)],
                    },
                    pairs
                )
        );

    /// <summary>Eigenvalue and vector of the largest ones of M.</summary>
    public double[] SecondMomentEigenpairs
    {
        get
        {
            int count = Math.Min(3, Math.Min(N, P));
            return Ask(count * (1 + P), (asked, pairs) => backend.SecondMomentEigenpairs(asked, count, pairs));
        }
    }

    public double[] CovarianceCurvatureTraces => Ask(1, backend.CovarianceCurvatureTrace);

    /// <summary>Nodes and weights of two probes and five iterations.</summary>
    public double[] LanczosQuadrature =>
        Ask(
            20,
            (asked, results) =>
                backend.LanczosQuadrature(
                    asked,
                    new QuadratureRequest
                    {
                        Probes = 2,
                        Iterations = 5,
                        Seed = 1,
                        Step = 0,
                        // The same for all: a replica alone has the start vectors that it has among others.
                        ReplicaNumbers = [.. Enumerable.Repeat(4, asked.Replicas)],
                    },
                    results
                )
        );

    /// <summary>Of the first replica.</summary>
    public double HessianTrace => Enumerable.Range(0, P).Sum(i => Hessian[(i * P) + i]);

    /// <summary>||H||_F, of the first replica.</summary>
    public double HessianNorm => Math.Sqrt(Hessian.AsSpan(0, P * P).ToArray().Sum(h => h * h));

    public double[] HessianVectorProduct(double[] vectors) => Products(vectors, backend.HessianVectorProducts);

    public double[] GgnVectorProduct(double[] vectors) => Products(vectors, backend.GgnVectorProducts);

    /// <summary>Every answer after the other, for comparisons bit for bit.</summary>
    public IEnumerable<(string Operation, double[] Values)> Everything(double[] vectors) =>
        [
            ("loss", Losses),
            ("logits", Logits),
            ("gradient", Gradient),
            ("per-sample gradients", PerSampleGradients),
            ("per-sample gradient norms", PerSampleGradientNorms),
            ("per-sample gradient projections", PerSampleGradientProjections),
            ("Gram matrix", Gram),
            ("Hessian-vector products", HessianVectorProduct(vectors)),
            ("GGN-vector products", GgnVectorProduct(vectors)),
            ("Hessian", Hessian),
            ("GGN", Ggn),
            ("Hessian diagonal", HessianDiagonal),
            ("Hessian spectrum", HessianSpectrum),
            ("GGN spectrum", GgnSpectrum),
            ("second-moment spectrum", SecondMomentSpectrum),
            ("gradient-covariance spectrum", GradientCovarianceSpectrum),
            ("Frobenius norm", FrobeniusNorms),
            ("layer spectra", LayerSpectra),
            ("residual spectrum", ResidualSpectrum),
            ("second-moment diagonal", SecondMomentDiagonal),
            ("Hessian eigenpairs", HessianEigenpairs),
            ("second-moment eigenpairs", SecondMomentEigenpairs),
            ("covariance-curvature trace", CovarianceCurvatureTraces),
            ("Lanczos quadrature", LanczosQuadrature),
        ];

    // Every operation is asked once.
    private double[] Ask(int length, Operation operation, [CallerMemberName] string name = "")
    {
        if (!_answers.TryGetValue(name, out double[]? results))
        {
            // Filled with NaN: an operation must write all of its results.
            results = new double[points.Replicas * length];
            Array.Fill(results, double.NaN);
            operation(points, results);
            _answers.Add(name, results);
        }

        return results;
    }

    private double[] Products(double[] vectors, ProductOperation operation)
    {
        // Shared vectors: every replica multiplies all of them.
        double[] results = new double[points.Replicas * vectors.Length];
        Array.Fill(results, double.NaN);
        operation(points, vectors, results);
        return results;
    }

    private delegate void Operation(Points points, Span<double> results);

    private delegate void ProductOperation(Points points, ReadOnlySpan<double> vectors, Span<double> results);
}
