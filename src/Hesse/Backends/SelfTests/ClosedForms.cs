using Hesse.Data;
using Hesse.Networks;

namespace Hesse.Backends.SelfTests;

/// <summary>Hessians that a formula gives, computed here from the formula alone.</summary>
internal static class ClosedForms
{
    // A few sums of rounded products in double.
    private const double Tolerance = 1e-12;

    public static IEnumerable<SelfTestResult> Results(IBackend backend)
    {
        yield return Compare("linear regression, H = (2/N) X^T X", ReferenceCases.A1, LinearRegression);
        yield return Compare(
            "logistic regression, H = (1/N) X^T diag(s(1-s)) X",
            ReferenceCases.A2,
            LogisticRegression
        );
        yield return Compare(
            "softmax regression, H = (1/N) sum (diag p - p p^T) x x x^T",
            ReferenceCases.A3,
            SoftmaxRegression
        );
        yield return new SelfTestResult(
            "closed forms",
            "quadratic form, H v",
            SelfTest.Error(QuadraticProduct(backend), [0.2, 1.0, -3.6]),
            Tolerance
        );
        Network two = new([1, 1, 1], [false], Activation.Identity, Loss.HalfSquaredError);
        Points product = new(two, new[] { 2, 0.5 }, new DataSet(1, 1, 1, 1, [1], null, [1]), Precision.Float64);
        yield return new SelfTestResult(
            "closed forms",
            "(a b - 1)^2 / 2, H and its eigenvalues",
            Math.Max(
                SelfTest.Error(Answer(4, results => backend.Hessian(product, results)), [0.25, 1, 1, 4]),
                SelfTest.Error(Answer(2, results => backend.HessianSpectrum(product, results)), [0, 4.25])
            ),
            Tolerance
        );

        SelfTestResult Compare(string name, ReferenceCase it, Func<ReferenceCase, double[]> formula)
        {
            int p = it.Parameters.Length;
            Points points = it.At();
            double[] expected = formula(it);
            double hessian = SelfTest.Error(Answer(p * p, results => backend.Hessian(points, results)), expected);
            // A linear model has H = G.
            double ggn = SelfTest.Error(Answer(p * p, results => backend.Ggn(points, results)), expected);
            return new SelfTestResult("closed forms", name, Math.Max(hessian, ggn), Tolerance);
        }
    }

    // Filled with NaN first: an operation must write all of its results.
    internal static double[] Answer(int length, Action<double[]> operation)
    {
        double[] results = new double[length];
        Array.Fill(results, double.NaN);
        operation(results);
        return results;
    }

    private static double[] QuadraticProduct(IBackend backend)
    {
        // H = (1/3) X^T X = diag(1, 2, 3)
        double[] inputs = [Math.Sqrt(3), 0, 0, 0, Math.Sqrt(6), 0, 0, 0, 3];
        Network network = new([3, 1], [false], Activation.Identity, Loss.HalfSquaredError);
        Points points = new(
            network,
            new double[3],
            new DataSet(3, 3, 1, 1, inputs, null, new double[3]),
            Precision.Float64
        );
        return Answer(3, results => backend.HessianVectorProducts(points, [0.2, 0.5, -1.2], results));
    }

    private static double[] LinearRegression(ReferenceCase it) => Weighted(it, (_, _) => 2);

    private static double[] LogisticRegression(ReferenceCase it) =>
        Weighted(
            it,
            (_, z) =>
            {
                double s = 1 / (1 + Math.Exp(-z));
                return s * (1 - s);
            }
        );

    // (1/N) sum_n weight(n, w^T x_n) x_n x_n^T
    private static double[] Weighted(ReferenceCase it, Func<int, double, double> weight)
    {
        int d = it.Data.Dimension;
        double[] hessian = new double[d * d];
        for (int n = 0; n < it.Data.Samples; n++)
        {
            ReadOnlySpan<double> x = it.Data.Inputs.AsSpan(n * d, d);
            double z = 0;
            for (int j = 0; j < d; j++)
            {
                z += it.Parameters[j] * x[j];
            }

            double factor = weight(n, z) / it.Data.Samples;
            for (int i = 0; i < d * d; i++)
            {
                hessian[i] += factor * x[i / d] * x[i % d];
            }
        }

        return hessian;
    }

    private static double[] SoftmaxRegression(ReferenceCase it)
    {
        int d = it.Data.Dimension;
        int classes = it.Data.Outputs;
        int p = classes * d;
        double[] hessian = new double[p * p];
        double[] q = new double[classes];
        for (int n = 0; n < it.Data.Samples; n++)
        {
            ReadOnlySpan<double> x = it.Data.Inputs.AsSpan(n * d, d);
            for (int c = 0; c < classes; c++)
            {
                double z = 0;
                for (int j = 0; j < d; j++)
                {
                    z += it.Parameters[(c * d) + j] * x[j];
                }

                q[c] = Math.Exp(z);
            }

            double total = q.Sum();
            for (int i = 0; i < p * p; i++)
            {
                (int row, int column) = (i / p, i % p);
                (int a, int b) = (row / d, column / d);
                double curvature = ((a == b ? q[a] / total : 0) - (q[a] * q[b] / (total * total))) / it.Data.Samples;
                hessian[i] += curvature * x[row % d] * x[column % d];
            }
        }

        return hessian;
    }
}
