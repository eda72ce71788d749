using Hesse.Backends;
using Hesse.Backends.Cpu.Dense;
using Hesse.Networks;

namespace Hesse.Tests.Backends.Cpu.Dense;

/// <summary>Hessian, Gauss-Newton matrix, diagonal and products against differences of the gradient and each other.</summary>
[Trait("Category", "Numerical")]
public sealed class DenseHessianTests
{
    // Sums of some dozen terms of order 1 in double.
    private const double Rounding = 1e-12;

    // Central difference of step 1e-5 in double: truncation 1e-10 times fourth derivatives, rounding 1e-11.
    private const double Difference = 2e-8;
    private const double Step = 1e-5;

    [Fact]
    public void HessianIsTheDifferenceQuotientOfTheGradient() =>
        DenseGradientTests.ForAll(
            13,
            (points, dense) =>
            {
                int p = points.Network.ParameterCount;
                double[] hessian = Hessian(points, dense);
                double[] moved = points.Parameters.ToArray();
                double[] above = new double[p];
                double[] below = new double[p];
                for (int i = 0; i < p; i++)
                {
                    double here = moved[i];
                    moved[i] = here + Step;
                    dense.Gradient(DenseCase.At(points, moved), 0, above);
                    moved[i] = here - Step;
                    dense.Gradient(DenseCase.At(points, moved), 0, below);
                    moved[i] = here;
                    for (int j = 0; j < p; j++)
                    {
                        double quotient = (above[j] - below[j]) / (2 * Step);
                        hessian[(i * p) + j].ShouldBe(quotient, Difference, $"{Name(points)} ({i},{j})");
                    }
                }
            }
        );

    [Fact]
    public void HessianIsSymmetricToTheLastBit() =>
        DenseGradientTests.ForAll(
            7,
            (points, dense) =>
            {
                int p = points.Network.ParameterCount;
                double[] hessian = Hessian(points, dense);
                for (int i = 0; i < p; i++)
                {
                    for (int j = 0; j < i; j++)
                    {
                        hessian[(i * p) + j].ShouldBe(hessian[(j * p) + i]);
                    }
                }
            }
        );

    [Fact]
    public void ProductsAreThoseOfTheAssembledMatrices() =>
        DenseGradientTests.ForAll(
            18,
            (points, dense) =>
            {
                int p = points.Network.ParameterCount;
                Random random = new(5);
                double[] vectors = [.. Enumerable.Range(0, 3 * p).Select(_ => random.NextDouble() - 0.5)];
                double[] products = new double[3 * p];
                dense.HessianVectorProducts(points, 0, vectors, products);
                ShouldBeProducts(Hessian(points, dense), vectors, products, p);
                dense.GgnVectorProducts(points, 0, vectors, products);
                double[] ggn = new double[p * p];
                dense.Ggn(points, 0, ggn);
                ShouldBeProducts(ggn, vectors, products, p);
            }
        );

    [Fact]
    public void DiagonalIsThatOfTheHessian() =>
        DenseGradientTests.ForAll(
            16,
            (points, dense) =>
            {
                int p = points.Network.ParameterCount;
                double[] hessian = Hessian(points, dense);
                double[] diagonal = new double[p];
                dense.HessianDiagonal(points, 0, diagonal);
                for (int i = 0; i < p; i++)
                {
                    diagonal[i].ShouldBe(hessian[(i * p) + i], Rounding);
                }
            }
        );

    [Fact]
    public void ReluNetsHaveEqualTracesOfHessianAndGgn()
    {
        Points points = DenseCase.Random([6, 9, 7, 4], [true], Activation.Relu, Loss.CrossEntropy, 40);
        using IDenseOperations dense = DenseOperations.Create(Precision.Float64);
        int p = points.Network.ParameterCount;
        double[] hessian = Hessian(points, dense);
        double[] ggn = new double[p * p];
        dense.Ggn(points, 0, ggn);
        double trace = Enumerable.Range(0, p).Sum(i => hessian[(i * p) + i]);
        trace.ShouldBe(Enumerable.Range(0, p).Sum(i => ggn[(i * p) + i]), Rounding);
        trace.ShouldBeGreaterThan(0);
        hessian.ShouldNotBe(ggn);
    }

    [Fact]
    public void BlocksOfSamplesChangeNoBit()
    {
        // Widths that force several blocks of samples, and more samples than one panel is deep.
        Points wide = DenseCase.Random([2, 130, 2], [true], Activation.Tanh, Loss.Mse, 300);
        using IDenseOperations dense = DenseOperations.Create(Precision.Float64);
        int p = wide.Network.ParameterCount;
        double[] hessian = Hessian(wide, dense);
        double[] direction = [.. Enumerable.Range(0, p).Select(i => Math.Sin(i + 1))];
        double[] product = new double[p];
        dense.HessianVectorProducts(wide, 0, direction, product);
        ShouldBeProducts(hessian, direction, product, p);
    }

    [Fact]
    public void SinglePrecisionIsCloseToDouble()
    {
        Points points = DenseCase.Random([8, 10, 6, 4], [true], Activation.Tanh, Loss.CrossEntropy, 50);
        using IDenseOperations dense = DenseOperations.Create(Precision.Float64);
        using IDenseOperations single = DenseOperations.Create(Precision.Float32);
        double[] exact = Hessian(points, dense);
        double[] rounded = Hessian(points, single);
        for (int i = 0; i < exact.Length; i++)
        {
            // Some dozen roundings of 6e-8 of terms of order 1.
            rounded[i].ShouldBe(exact[i], 5e-6);
        }
    }

    private static double[] Hessian(Points points, IDenseOperations dense)
    {
        int p = points.Network.ParameterCount;
        double[] hessian = new double[p * p];
        dense.Hessian(points, 0, hessian);
        return hessian;
    }

    private static void ShouldBeProducts(double[] matrix, double[] vectors, double[] products, int p)
    {
        for (int v = 0; v < vectors.Length / p; v++)
        {
            for (int i = 0; i < p; i++)
            {
                double sum = 0;
                for (int j = 0; j < p; j++)
                {
                    sum += matrix[(i * p) + j] * vectors[(v * p) + j];
                }

                products[(v * p) + i].ShouldBe(sum, Rounding);
            }
        }
    }

    private static string Name(Points points) =>
        $"{string.Join('-', points.Network.Widths.ToArray())} {points.Network.Activation} {points.Network.Loss}";
}
