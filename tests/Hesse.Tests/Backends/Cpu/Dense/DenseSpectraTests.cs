using System.Numerics.Tensors;
using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Cpu.Dense;
using Hesse.Eigen;
using Hesse.Networks;

namespace Hesse.Tests.Backends.Cpu.Dense;

/// <summary>Spectra against traces, sums of squares and each other's other construction.</summary>
[Trait("Category", "Numerical")]
public sealed class DenseSpectraTests
{
    // Eigenvalues of order 1 in double: a few hundred roundings.
    private const double Rounding = 1e-11;

    [Fact]
    public void SpectraHaveTraceAndSumOfSquaresOfTheMatrices()
    {
        Points points = DenseCase.Random([4, 6, 5, 3], [true], Activation.Tanh, Loss.CrossEntropy, 30);
        using IDenseOperations dense = DenseOperations.Create(Precision.Float64);
        int p = points.Network.ParameterCount;
        double[] matrix = new double[p * p];
        double[] eigenvalues = new double[p];
        dense.Hessian(points, 0, matrix);
        dense.HessianSpectrum(points, 0, eigenvalues);
        ShouldFit(matrix, eigenvalues, p);
        dense.Ggn(points, 0, matrix);
        dense.GgnSpectrum(points, 0, eigenvalues);
        ShouldFit(matrix, eigenvalues, p);
        eigenvalues[0].ShouldBeGreaterThan(-Rounding);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(57)]
    [InlineData(200)]
    public void GradientSpectraAreThoseOfTheExplicitMatrices(int samples)
    {
        // P = 32: fewer samples than parameters take the Gram matrix, more take the P x P matrix.
        Points points = DenseCase.Random([4, 4, 2], [true, true], Activation.Tanh, Loss.CrossEntropy, samples);
        using IDenseOperations dense = DenseOperations.Create(Precision.Float64);
        int p = points.Network.ParameterCount;
        int order = Math.Min(samples, p);
        double[] gradients = new double[samples * p];
        dense.PerSampleGradients(points, 0, gradients);
        double[] eigenvalues = new double[order];
        dense.SecondMomentSpectrum(points, 0, eigenvalues);
        ShouldFit(Moment(gradients, samples, p), eigenvalues, p);
        for (int i = 0; i < p; i++)
        {
            double mean = Enumerable.Range(0, samples).Average(n => gradients[(n * p) + i]);
            for (int n = 0; n < samples; n++)
            {
                gradients[(n * p) + i] -= mean;
            }
        }

        dense.GradientCovarianceSpectrum(points, 0, eigenvalues);
        ShouldFit(Moment(gradients, samples, p), eigenvalues, p);
    }

    [Theory]
    [InlineData(Loss.CrossEntropy)]
    [InlineData(Loss.Mse)]
    public void EigenpairsOfALargeSecondMomentComeFromProducts(Loss loss)
    {
        const int Samples = 1100;
        const int Count = 5;
        Points points = DenseCase.Random([20, 40, 10], [true, false], Activation.Tanh, loss, Samples);
        using IDenseOperations dense = DenseOperations.Create(Precision.Float64);
        int p = points.Network.ParameterCount;
        Math.Min(Samples, p).ShouldBeGreaterThan(MomentPairs.AssembledUpTo);
        double[] eigenvalues = new double[Samples];
        dense.SecondMomentSpectrum(points, 0, eigenvalues);
        double[] gradients = new double[Samples * p];
        dense.PerSampleGradients(points, 0, gradients);
        double[] pairs = new double[Count * (1 + p)];
        dense.SecondMomentEigenpairs(points, 0, Count, pairs);
        for (int i = 0; i < Count; i++)
        {
            double value = pairs[i * (1 + p)];
            value.ShouldBe(eigenvalues[^(i + 1)], Rounding * eigenvalues[^1]);
            ReadOnlySpan<double> u = pairs.AsSpan((i * (1 + p)) + 1, p);
            double[] image = new double[p];
            for (int n = 0; n < Samples; n++)
            {
                ReadOnlySpan<double> g = gradients.AsSpan(n * p, p);
                double along = TensorPrimitives.Dot(g, u) / Samples;
                TensorPrimitives.FusedMultiplyAdd(g, along, image, image);
            }

            TensorPrimitives.FusedMultiplyAdd(u, -value, image, image);
            // What Lanczos' method asks for, and as much again for rounding.
            TensorPrimitives.Norm<double>(image).ShouldBeLessThan(2e-9 * value);
            TensorPrimitives.Norm(u).ShouldBe(1, Rounding);
        }
    }

    [Fact]
    public void ALostReplicaHasNoEigenpairsOfALargeSecondMoment()
    {
        Points points = DenseCase.Random([20, 40, 10], [true, false], Activation.Tanh, Loss.Mse, 1100);
        int p = points.Network.ParameterCount;
        double[] lost = points.Parameters.ToArray();
        lost[3] = double.NaN;
        using IDenseOperations dense = DenseOperations.Create(Precision.Float64);
        double[] pairs = new double[2 * (1 + p)];
        dense.SecondMomentEigenpairs(new Points(points.Network, lost, points.Data, Precision.Float64), 0, 2, pairs);
        pairs.ShouldAllBe(x => double.IsNaN(x));
    }

    [Theory]
    [InlineData(Precision.Float64, new[] { 3, 4, 2 })]
    [InlineData(Precision.Float32, new[] { 3, 4, 2 })]
    [InlineData(Precision.Float64, new[] { 9, 12, 3 })]
    [InlineData(Precision.Float32, new[] { 9, 12, 3 })]
    public void TheSpectraOfManyReplicasAreThoseOfEachAlone(Precision precision, int[] widths)
    {
        // P = 26 has a matrix a lane, P = 159 a QL iteration a lane; 37 replicas fill no group evenly.
        const int Replicas = 37;
        Points one = DenseCase.Random(widths, [true], Activation.Tanh, Loss.CrossEntropy, 20);
        int p = one.Network.ParameterCount;
        Random random = new(5);
        double[] parameters = [.. Enumerable.Range(0, Replicas * p).Select(_ => random.NextDouble() - 0.5)];
        parameters[(11 * p) + 3] = double.NaN;
        Points points = new(one.Network, parameters, one.Data, precision);
        using IDenseOperations dense = DenseOperations.Create(precision);
        double[] expected = new double[Replicas * p];
        for (int r = 0; r < Replicas; r++)
        {
            dense.HessianSpectrum(points, r, expected.AsSpan(r * p, p));
        }

        expected.Count(double.IsNaN).ShouldBe(p);
        foreach (int threads in new[] { 1, 3 })
        {
            using CpuBackend backend = new(threads);
            double[] together = new double[Replicas * p];
            backend.HessianSpectrum(points, together);
            together.ShouldBe(expected);
        }
    }

    private static double[] Moment(double[] gradients, int samples, int p)
    {
        double[] moment = new double[p * p];
        for (int n = 0; n < samples; n++)
        {
            for (int i = 0; i < p; i++)
            {
                for (int j = 0; j < p; j++)
                {
                    moment[(i * p) + j] += gradients[(n * p) + i] * gradients[(n * p) + j] / samples;
                }
            }
        }

        return moment;
    }

    // Trace, sum of squares and trace of the cube fix a spectrum up to permutations that no error makes.
    private static void ShouldFit(double[] matrix, double[] eigenvalues, int p)
    {
        eigenvalues.ShouldBeInOrder();
        double trace = 0;
        double squares = 0;
        double cubes = 0;
        for (int i = 0; i < p; i++)
        {
            trace += matrix[(i * p) + i];
            for (int j = 0; j < p; j++)
            {
                squares += matrix[(i * p) + j] * matrix[(i * p) + j];
                for (int k = 0; k < p; k++)
                {
                    cubes += matrix[(i * p) + j] * matrix[(j * p) + k] * matrix[(k * p) + i];
                }
            }
        }

        eigenvalues.Sum().ShouldBe(trace, Rounding * (1 + Math.Abs(trace)));
        eigenvalues.Sum(x => x * x).ShouldBe(squares, Rounding * (1 + squares));
        eigenvalues.Sum(x => x * x * x).ShouldBe(cubes, Rounding * (1 + Math.Abs(cubes)));
    }
}
