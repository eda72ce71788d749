using Hesse.Backends;
using Hesse.Backends.Cpu.Dense;
using Hesse.Backends.Reference;
using Hesse.Networks;

namespace Hesse.Tests.Backends.Cpu.Dense;

/// <summary>Every operation agrees with the scalar oracle, for every activation with every loss.</summary>
[Trait("Category", "Numerical")]
public sealed class DenseReferenceTests
{
    // Sums of some dozen terms of order 1 in double, in another order than the oracle's.
    private const double Rounding = 1e-12;

    private delegate void Operation<in TBackend>(TBackend backend, Points points, Span<double> result);

    [Fact]
    public void EveryOperationAgreesWithTheReference()
    {
        using ReferenceBackend reference = new();
        using IDenseOperations dense = DenseOperations.Create(Precision.Float64);
        int seed = 1;
        foreach (Loss loss in DenseCase.Losses)
        {
            (int[] Widths, bool[] Bias)[] shapes = [.. DenseCase.Shapes(loss)];
            foreach (Activation activation in DenseCase.Activations)
            {
                (int[] widths, bool[] bias) = shapes[seed % shapes.Length];
                Points points = DenseCase.Random(widths, bias, activation, loss, 11, seed);
                Compare(reference, dense, points);
                seed++;
            }
        }
    }

    [Fact]
    public void ABatchOfOneAgreesWithTheReference()
    {
        using ReferenceBackend reference = new();
        using IDenseOperations dense = DenseOperations.Create(Precision.Float64);
        Compare(reference, dense, DenseCase.Random([3, 5, 4], [true], Activation.Silu, Loss.CrossEntropy, 1));
        Compare(reference, dense, DenseCase.Random([1, 1, 1], [false], Activation.Elu, Loss.Mse, 1));
    }

    private static void Compare(ReferenceBackend reference, IDenseOperations dense, Points points)
    {
        int n = points.Samples;
        int p = points.Network.ParameterCount;
        int c = points.Network.OutputWidth;
        double[] vectors = [.. Enumerable.Range(0, 2 * p).Select(i => Math.Cos(i))];
        (string, int, Operation<IDenseOperations>, Operation<IBackend>)[] operations =
        [
            ("loss", 1, (d, x, r) => r[0] = d.Loss(x, 0), (b, x, r) => b.Loss(x, r)),
            ("logits", n * c, (d, x, r) => d.Logits(x, 0, r), (b, x, r) => b.Logits(x, r)),
            ("gradient", p, (d, x, r) => d.Gradient(x, 0, r), (b, x, r) => b.Gradient(x, r)),
            (
                "per-sample-gradients",
                n * p,
                (d, x, r) => d.PerSampleGradients(x, 0, r),
                (b, x, r) => b.PerSampleGradients(x, r)
            ),
            (
                "per-sample-gradient-norms",
                n,
                (d, x, r) => d.PerSampleGradientNorms(x, 0, r),
                (b, x, r) => b.PerSampleGradientNorms(x, r)
            ),
            ("gram", n * n, (d, x, r) => d.Gram(x, 0, r), (b, x, r) => b.Gram(x, r)),
            (
                "hessian-vector-products",
                2 * p,
                (d, x, r) => d.HessianVectorProducts(x, 0, vectors, r),
                (b, x, r) => b.HessianVectorProducts(x, vectors, r)
            ),
            (
                "ggn-vector-products",
                2 * p,
                (d, x, r) => d.GgnVectorProducts(x, 0, vectors, r),
                (b, x, r) => b.GgnVectorProducts(x, vectors, r)
            ),
            ("hessian", p * p, (d, x, r) => d.Hessian(x, 0, r), (b, x, r) => b.Hessian(x, r)),
            ("ggn", p * p, (d, x, r) => d.Ggn(x, 0, r), (b, x, r) => b.Ggn(x, r)),
            ("hessian-diagonal", p, (d, x, r) => d.HessianDiagonal(x, 0, r), (b, x, r) => b.HessianDiagonal(x, r)),
            (
                "second-moment-spectrum",
                Math.Min(n, p),
                (d, x, r) => d.SecondMomentSpectrum(x, 0, r),
                (b, x, r) => b.SecondMomentSpectrum(x, r)
            ),
            (
                "gradient-covariance-spectrum",
                Math.Min(n, p),
                (d, x, r) => d.GradientCovarianceSpectrum(x, 0, r),
                (b, x, r) => b.GradientCovarianceSpectrum(x, r)
            ),
        ];
        foreach ((string name, int length, Operation<IDenseOperations> run, Operation<IBackend> oracle) in operations)
        {
            double[] result = new double[length];
            double[] expected = new double[length];
            run(dense, points, result);
            oracle(reference, points, expected);
            double scale = 1 + expected.Max(Math.Abs);
            for (int i = 0; i < length; i++)
            {
                string widths = string.Join('-', points.Network.Widths.ToArray());
                string place = $"{name}[{i}] of {widths} {points.Network.Activation} {points.Network.Loss}";
                result[i].ShouldBe(expected[i], Rounding * scale, place);
            }
        }
    }
}
