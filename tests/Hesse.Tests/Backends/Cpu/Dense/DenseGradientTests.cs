using Hesse.Backends;
using Hesse.Backends.Cpu.Dense;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Networks;

namespace Hesse.Tests.Backends.Cpu.Dense;

/// <summary>Loss, logits, gradients, per-sample gradients and Gram against each other and against plain scalar loops.</summary>
[Trait("Category", "Numerical")]
public sealed class DenseGradientTests
{
    // Sums of some dozen terms of order 1 in double.
    private const double Rounding = 1e-13;

    // Central difference of step 1e-5 in double: truncation 1e-10, rounding 1e-11, with room for second derivatives.
    private const double Difference = 1e-8;
    private const double Step = 1e-5;

    [Fact]
    public void GradientIsTheDifferenceQuotientOfTheLoss() =>
        ForAll(
            13,
            (points, dense) =>
            {
                // Relu and hardtanh have corners; random points stay clear of them by more than the step.
                double[] gradient = new double[points.Network.ParameterCount];
                dense.Gradient(points, 0, gradient);
                double[] moved = points.Parameters.ToArray();
                for (int i = 0; i < moved.Length; i++)
                {
                    double here = moved[i];
                    moved[i] = here + Step;
                    double above = dense.Loss(DenseCase.At(points, moved), 0);
                    moved[i] = here - Step;
                    double below = dense.Loss(DenseCase.At(points, moved), 0);
                    moved[i] = here;
                    gradient[i].ShouldBe((above - below) / (2 * Step), Difference, $"parameter {i}");
                }
            }
        );

    [Fact]
    public void MeanOfThePerSampleGradientsIsTheGradient() =>
        ForAll(
            21,
            (points, dense) =>
            {
                int p = points.Network.ParameterCount;
                double[] gradient = new double[p];
                double[] each = new double[points.Samples * p];
                dense.Gradient(points, 0, gradient);
                dense.PerSampleGradients(points, 0, each);
                for (int i = 0; i < p; i++)
                {
                    double mean = Enumerable.Range(0, points.Samples).Sum(n => each[(n * p) + i]) / points.Samples;
                    gradient[i].ShouldBe(mean, Rounding);
                }
            }
        );

    [Fact]
    public void GramHoldsTheProductsOfThePerSampleGradients() => ForAll(51, GramShouldHoldProducts);

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(49)]
    public void GramOfAWideNetIsComputedInNarrowStrips(int samples)
    {
        Points points = DenseCase.Random([1500, 7, 3], [true, false], Activation.Tanh, Loss.Mse, samples);
        using IDenseOperations dense = DenseOperations.Create(Precision.Float64);
        GramShouldHoldProducts(points, dense);
    }

    private static void GramShouldHoldProducts(Points points, IDenseOperations dense)
    {
        int n = points.Samples;
        int p = points.Network.ParameterCount;
        double[] each = new double[n * p];
        double[] gram = new double[n * n];
        double[] norms = new double[n];
        dense.PerSampleGradients(points, 0, each);
        dense.Gram(points, 0, gram);
        dense.PerSampleGradientNorms(points, 0, norms);
        for (int i = 0; i < n; i++)
        {
            norms[i].ShouldBe(Math.Sqrt(gram[(i * n) + i]));
            for (int j = 0; j <= i; j++)
            {
                double product = Enumerable.Range(0, p).Sum(k => each[(i * p) + k] * each[(j * p) + k]);
                gram[(i * n) + j].ShouldBe(product, 1e-12 * (1 + (norms[i] * norms[j])));
                gram[(i * n) + j].ShouldBe(gram[(j * n) + i]);
            }
        }
    }

    [Fact]
    public void EveryRegisterWidthGivesTheSameBits()
    {
        Points points = DenseCase.Random([17, 9, 5, 3], [true], Activation.Tanh, Loss.CrossEntropy, 37);
        Bits(new DenseOperations<Register128<double>, double>(), points)
            .ShouldBe(Bits(new DenseOperations<Register256<double>, double>(), points));
        Bits(new DenseOperations<Register256<double>, double>(), points)
            .ShouldBe(Bits(new DenseOperations<Register512<double>, double>(), points));
        Bits(new DenseOperations<Register128<float>, float>(), points)
            .ShouldBe(Bits(new DenseOperations<Register256<float>, float>(), points));
        Bits(new DenseOperations<Register256<float>, float>(), points)
            .ShouldBe(Bits(new DenseOperations<Register512<float>, float>(), points));
    }

    [Fact]
    public void ASureSampleKeepsItsSmallLossAndGradient()
    {
        // z = (60, 0, 0) with label 0: loss log(1 + 2 exp(-60)), far below the rounding of 1.
        Network network = new([1, 3], [false], Activation.Relu, Loss.CrossEntropy);
        Hesse.Data.DataSet data = new(1, 1, 3, 1, [1.0], [0], null);
        Points points = new(network, new double[] { 60, 0, 0 }, data, Precision.Float64);
        using IDenseOperations dense = DenseOperations.Create(Precision.Float64);
        double small = Math.Exp(-60);
        dense.Loss(points, 0).ShouldBe(2 * small, 1e-12 * small);
        double[] gradient = new double[3];
        dense.Gradient(points, 0, gradient);
        gradient[0].ShouldBe(-2 * small, 1e-12 * small);
        gradient[1].ShouldBe(small, 1e-12 * small);
    }

    [Fact]
    public void OneClassHasNoLossAndNoGradient()
    {
        Points points = DenseCase.Random([3, 4, 1], [true], Activation.Tanh, Loss.CrossEntropy, 5);
        using IDenseOperations dense = DenseOperations.Create(Precision.Float64);
        double[] gradient = new double[points.Network.ParameterCount];
        dense.Loss(points, 0).ShouldBe(0);
        dense.Gradient(points, 0, gradient);
        gradient.ShouldAllBe(g => g == 0);
    }

    [Fact]
    public void NothingIsAllocatedOnceWarm()
    {
        Points points = DenseCase.Random([5, 6, 3], [true], Activation.Tanh, Loss.CrossEntropy, 40);
        using IDenseOperations dense = DenseOperations.Create(Precision.Float32);
        int p = points.Network.ParameterCount;
        double[] result = new double[40 * Math.Max(40, p)];
        double[] vectors = new double[2 * p];
        Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);

        void Run()
        {
            dense.Loss(points, 0);
            dense.Gradient(points, 0, result.AsSpan(0, p));
            dense.PerSampleGradients(points, 0, result.AsSpan(0, 40 * p));
            dense.PerSampleGradientNorms(points, 0, result.AsSpan(0, 40));
            dense.Gram(points, 0, result.AsSpan(0, 1600));
            dense.HessianVectorProducts(points, 0, vectors, result.AsSpan(0, 2 * p));
        }
    }

    [Fact]
    public void LogitsAreThoseOfTheScalarNet()
    {
        Points points = DenseCase.Random([3, 4, 2], [true], Activation.Tanh, Loss.CrossEntropy, 9);
        using IDenseOperations dense = DenseOperations.Create(Precision.Float64);
        double[] logits = new double[9 * 2];
        dense.Logits(points, 0, logits);
        ReadOnlySpan<double> theta = points.Parameters.Span;
        for (int n = 0; n < 9; n++)
        {
            double[] hidden = new double[4];
            for (int o = 0; o < 4; o++)
            {
                double z = theta[12 + o];
                for (int j = 0; j < 3; j++)
                {
                    z += theta[(o * 3) + j] * points.Data.Inputs[(n * 3) + j];
                }

                hidden[o] = Math.Tanh(z);
            }

            for (int c = 0; c < 2; c++)
            {
                double z = theta[24 + c];
                for (int j = 0; j < 4; j++)
                {
                    z += theta[16 + (c * 4) + j] * hidden[j];
                }

                logits[(n * 2) + c].ShouldBe(z, Rounding);
            }
        }
    }

    private static double[] Bits(IDenseOperations dense, Points points)
    {
        using (dense)
        {
            int p = points.Network.ParameterCount;
            double[] bits = new double[1 + p + (p * p) + p];
            bits[0] = dense.Loss(points, 0);
            dense.Gradient(points, 0, bits.AsSpan(1, p));
            dense.Hessian(points, 0, bits.AsSpan(1 + p, p * p));
            double[] direction = [.. Enumerable.Range(0, p).Select(i => Math.Cos(i))];
            dense.HessianVectorProducts(points, 0, direction, bits.AsSpan(1 + p + (p * p), p));
            return bits;
        }
    }

    internal static void ForAll(int samples, Action<Points, IDenseOperations> check)
    {
        using IDenseOperations dense = DenseOperations.Create(Precision.Float64);
        int seed = 1;
        foreach (Loss loss in DenseCase.Losses)
        {
            foreach ((int[] widths, bool[] bias) in DenseCase.Shapes(loss))
            {
                Activation activation = DenseCase.Activations[seed % DenseCase.Activations.Length];
                check(DenseCase.Random(widths, bias, activation, loss, samples, seed), dense);
                seed++;
            }
        }
    }
}
