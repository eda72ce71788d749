using Hesse.Backends;
using Hesse.Data;
using Hesse.Networks;

namespace Hesse.Tests.Backends;

/// <summary>What every backend must give: reference values, identities and trajectories. One derived class a backend.</summary>
/// <param name="create">Makes the backend.</param>
public abstract partial class BackendCases(Func<IBackend> create) : IDisposable
{
    // The values are printed with 12 to 15 digits.
    private const double Printed = 1e-10;

    // Rounding of the last printed digit where numbers are near 0.
    private const double LastDigit = 1e-12;

    // Entries printed with eight decimals.
    private const double EightDecimals = 5e-9;

    // Curvature in float32 against these digits: PyTorch's own error is 1.2e-7.
    private const double SinglePrecision = 1e-6;

    private readonly IBackend _backend = create();

    public static TheoryData<string> Names => [.. ReferenceCases.All.Select(it => it.Name)];

    public static TheoryData<string> LinearNames =>
        [ReferenceCases.A1.Name, ReferenceCases.A2.Name, ReferenceCases.A3.Name];

    public void Dispose()
    {
        _backend.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Loss_gradient_and_curvature_are_those_of_the_case(string name)
    {
        ReferenceCase it = Case(name);
        Measurement found = new(_backend, it.At());
        Near(found.Loss, it.Loss);
        Near(found.HessianSpectrum.Sum(), it.Trace);
        Near(found.HessianTrace, it.Trace);
        Near(found.HessianDiagonal.Sum(), it.Trace);
        for (int k = 0; k < it.Largest.Length; k++)
        {
            Near(found.HessianSpectrum[^(k + 1)], it.Largest[k]);
        }

        Near(found.HessianSpectrum[0], it.Smallest);
        Near(found.HessianNorm, it.Frobenius);
        Near(found.FrobeniusNorms[0], it.Frobenius);
        Near(found.Gradient.Sum(g => g * g), it.SquaredGradientNorm);
        Near(found.GgnSpectrum[^1], it.LargestGgn);
        Near(found.GgnSpectrum.Sum(), it.GgnTrace);
        double[] ones = [.. Enumerable.Repeat(1.0, it.Parameters.Length)];
        double[] product = found.HessianVectorProduct(ones);
        Near(product.Sum(), it.SumOfRowSums);
        Near(Math.Sqrt(product.Sum(x => x * x)), it.NormOfRowSums);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradient_noise_is_that_of_the_case(string name)
    {
        ReferenceCase it = Case(name);
        Measurement found = new(_backend, it.At());
        double unbiased = it.Data.Samples / (it.Data.Samples - 1.0);
        Near(found.PerSampleGradientNorms.Average(g => g * g), it.SecondMomentTrace);
        Near(found.SecondMomentSpectrum.Sum(), it.SecondMomentTrace);
        Near(found.SecondMomentDiagonal.Sum(), it.SecondMomentTrace);
        Near(found.SecondMomentSpectrum[^1], it.LargestSecondMoment);
        Near(found.GradientCovarianceSpectrum.Sum() * unbiased, it.UnbiasedCovarianceTrace);
        Near(found.GradientCovarianceSpectrum[^1] * unbiased, it.LargestUnbiasedCovariance);
    }

    [Fact]
    public void A1_gradient()
    {
        double[] expected = [-0.68508330998, 0.016947964276, 0.400922180007, 0.478457711446, 0.257533281823];
        Near(new Measurement(_backend, ReferenceCases.A1.At()).Gradient, expected);
    }

    [Fact]
    public void A3_has_four_zero_eigenvalues()
    {
        double[] spectrum = new Measurement(_backend, ReferenceCases.A3.At()).HessianSpectrum;
        spectrum.Count(x => Math.Abs(x) < 1e-14).ShouldBe(4);
    }

    [Fact]
    public void A4_linear_nets_with_many_outputs_have_block_diagonal_hessians()
    {
        // 2/(N C) I x X^T X
        const int Inputs = 3;
        const int Outputs = 4;
        const int Rows = 7;
        Network network = new([Inputs, Outputs], [false], Activation.Identity, Loss.Mse);
        DataSet data = ReferenceCases.DataFor(network, Rows);
        Measurement found = new(
            _backend,
            new Points(network, ReferenceCases.S(network.ParameterCount, 1), data, Precision.Float64)
        );
        for (int i = 0; i < Inputs * Outputs; i++)
        {
            for (int j = 0; j < Inputs * Outputs; j++)
            {
                double expected = 0;
                for (int n = 0; n < Rows && i / Inputs == j / Inputs; n++)
                {
                    double product =
                        data.Inputs[(n * Inputs) + (i % Inputs)] * data.Inputs[(n * Inputs) + (j % Inputs)];
                    expected += 2.0 / (Rows * Outputs) * product;
                }

                found.Hessian[(i * Inputs * Outputs) + j].ShouldBe(expected, LastDigit);
            }
        }
    }

    [Fact]
    public void A5_quadratic_form()
    {
        // H = (1/3) X^T X = diag(1, 2, 3)
        double[] inputs = [Math.Sqrt(3), 0, 0, 0, Math.Sqrt(6), 0, 0, 0, 3];
        Network network = new([3, 1], [false], Activation.Identity, Loss.HalfSquaredError);
        DataSet data = new(3, 3, 1, 1, inputs, null, new double[3]);
        Measurement found = new(_backend, new Points(network, new double[3], data, Precision.Float64));
        Near(found.HessianVectorProduct([0.2, 0.5, -1.2]), [0.2, 1.0, -3.6]);
    }

    [Theory]
    [MemberData(nameof(LinearNames))]
    public void A6_linear_models_have_equal_hessian_and_gauss_newton_matrix(string name)
    {
        Measurement found = new(_backend, Case(name).At());
        Near(found.Ggn, found.Hessian);
        Near(found.GgnSpectrum, found.HessianSpectrum);
    }

    [Fact]
    public void A7_two_parameters()
    {
        // L = (ab - 1)^2 / 2 at a = 2, b = 1/2
        Network network = new([1, 1, 1], [false], Activation.Identity, Loss.HalfSquaredError);
        DataSet data = new(1, 1, 1, 1, [1], null, [1]);
        Measurement found = new(_backend, new Points(network, new[] { 2, 0.5 }, data, Precision.Float64));
        Near(found.Loss, 0);
        Near(found.Gradient, [0, 0]);
        Near(found.Hessian, [0.25, 1, 1, 4]);
        Near(found.HessianSpectrum, [0, 4.25]);
    }

    [Fact]
    public void B1_in_detail()
    {
        Measurement found = new(_backend, ReferenceCases.B1.At());
        found.Logits[0].ShouldBe(-0.78092768, EightDecimals);
        found.Logits[1].ShouldBe(-0.35797727, EightDecimals);
        Near(found.Gradient[..4], [0.042326490097, 0.005830272781, 0.055865061264, 0.069315122371]);
        Near(found.Gradient[30..], [-1.060867272964, -0.131537963683]);
        double[] ones = [.. Enumerable.Repeat(1.0, 32)];
        Near(found.HessianVectorProduct(ones)[..3], [0.143029855354, 0.284566061852, -0.260858378681]);
        double[] entries = [-.03038931, .03605487, -.04058946, .00616951, .00114291];
        for (int i = 0; i < entries.Length; i++)
        {
            found.Hessian[i].ShouldBe(entries[i], EightDecimals);
        }

        Near(found.Hessian[^1], 1);
        double[] diagonal = found.HessianDiagonal;
        Near(diagonal[..15].Sum(), 1.86489267056);
        Near(diagonal[15..20].Sum(), 1.06985230362);
        Near(diagonal[20..30].Sum(), 5.01204864842);
        Near(diagonal[30..].Sum(), 2);
        Near(
            found.PerSampleGradientNorms,
            [
                3.864506989461,
                3.835082126241,
                2.123477098641,
                2.367546571885,
                2.013837730478,
                1.286987323164,
                3.615282115081,
                2.913917423413,
            ]
        );
        double[] covariance = [.. found.GradientCovarianceSpectrum.Select(x => x * 8 / 7).Reverse()];
        double[] expected =
        [
            3.362208437729,
            1.487465928041,
            .6464427498896,
            .4000722095175,
            .1036327446326,
            .04819181546739,
            .01595364073957,
            0,
        ];
        Near(covariance, expected);
    }

    [Theory]
    [InlineData(0, 20, 1.23904377219)]
    [InlineData(20, 32, 2.40946939886)]
    public void B1_largest_eigenvalues_of_the_layers(int from, int to, double expected)
    {
        double[] hessian = new Measurement(_backend, ReferenceCases.B1.At()).Hessian;
        int size = to - from;
        double[,] block = new double[size, size];
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < size; j++)
            {
                block[i, j] = hessian[((from + i) * 32) + from + j];
            }
        }

        MathNet.Numerics.LinearAlgebra.Double.DenseMatrix matrix =
            MathNet.Numerics.LinearAlgebra.Double.DenseMatrix.OfArray(block);
        Near(new Measurement(_backend, ReferenceCases.B1.At()).LayerSpectra[to - 1], expected);
        Near(matrix.Evd(MathNet.Numerics.LinearAlgebra.Symmetricity.Symmetric).EigenValues.Max(x => x.Real), expected);
    }

    [Fact]
    public void Uneven_batches_average_with_their_sizes()
    {
        Measurement first = new(_backend, Rows(0, 5));
        Measurement second = new(_backend, Rows(5, 8));
        Near(first.HessianTrace, 10.3619800662805);
        Near(second.HessianTrace, 9.254816216443);
        double[] together = [.. first.Hessian.Zip(second.Hessian, (a, b) => ((5 * a) + (3 * b)) / 8)];
        Near(together, new Measurement(_backend, ReferenceCases.B1.At()).Hessian);

        // What the unweighted mean gives is another matrix.
        double[] wrong = [.. first.Hessian.Zip(second.Hessian, (a, b) => (a + b) / 2)];
        Near(Enumerable.Range(0, 32).Sum(i => wrong[(i * 32) + i]), 9.80839814136);

        static Points Rows(int from, int to) =>
            new(
                ReferenceCases.B1.Network,
                ReferenceCases.B1.Parameters,
                new DataSet(
                    to - from,
                    3,
                    2,
                    1,
                    ReferenceCases.B1.Data.Inputs[(3 * from)..(3 * to)],
                    null,
                    ReferenceCases.B1.Data.Targets![(2 * from)..(2 * to)]
                ),
                Precision.Float64
            );
    }

    // Errors relative to ||H 1|| as they are printed, to two digits.
    [Theory]
    [InlineData(1e-3, 8.5e-7)]
    [InlineData(1e-4, 8.5e-9)]
    public void B1_central_differences_of_the_gradient_err_with_the_square_of_the_step(double step, double expected)
    {
        double[] ones = [.. Enumerable.Repeat(1.0, 32)];
        double[] product = new Measurement(_backend, ReferenceCases.B1.At()).HessianVectorProduct(ones);
        double[] right = Gradient(step);
        double[] left = Gradient(-step);
        double error = 0;
        for (int i = 0; i < 32; i++)
        {
            error += Math.Pow(((right[i] - left[i]) / (2 * step)) - product[i], 2);
        }

        (Math.Sqrt(error) / 5.54082851060121).ShouldBe(expected, expected / 100);

        double[] Gradient(double by) =>
            new Measurement(
                _backend,
                new Points(
                    ReferenceCases.B1.Network,
                    ReferenceCases.B1.Parameters.Select(x => x + by).ToArray(),
                    ReferenceCases.B1.Data,
                    Precision.Float64
                )
            ).Gradient;
    }

    [Fact]
    public void Parameters_of_a_unit_that_no_sample_reaches_have_neither_slope_nor_curvature()
    {
        // B4 is 3-6-3 with relu: the first hidden unit is switched off by its bias.
        double[] parameters = [.. ReferenceCases.B4.Parameters];
        int[] dead = [0, 1, 2, 18, 24, 30, 36];
        parameters[18] = -100;
        Points points = new(ReferenceCases.B4.Network, parameters, ReferenceCases.B4.Data, Precision.Float64);
        Measurement found = new(_backend, points);
        double[] ones = [.. Enumerable.Repeat(1.0, 45)];

        foreach (int i in dead)
        {
            found.Gradient[i].ShouldBe(0);
            found.HessianVectorProduct(ones)[i].ShouldBe(0);
            found.HessianDiagonal[i].ShouldBe(0);
            found.Hessian[(i * 45)..((i + 1) * 45)].ShouldAllBe(entry => entry == 0);
        }

        found.HessianSpectrum.Count(value => Math.Abs(value) < 1e-12).ShouldBeGreaterThanOrEqualTo(dead.Length);
        found.HessianSpectrum.Sum().ShouldBe(found.HessianTrace, 1e-12);
        found.HessianSpectrum[^1].ShouldBeGreaterThan(0.1);
    }

    [Fact]
    public void Single_precision_curvature_is_near_the_same_values()
    {
        Measurement exact = new(_backend, ReferenceCases.B1.At());
        Measurement single = new(_backend, ReferenceCases.B1.At(Precision.Float32));
        for (int i = 0; i < exact.Hessian.Length; i++)
        {
            single.Hessian[i].ShouldBe(exact.Hessian[i], SinglePrecision);
        }
    }

    private static ReferenceCase Case(string name) => ReferenceCases.All.Single(it => it.Name == name);

    private static void Near(double found, double? expected)
    {
        if (expected is double value)
        {
            found.ShouldBe(value, (Printed * Math.Abs(value)) + LastDigit);
        }
    }

    private static void Near(double[] found, double[] expected)
    {
        found.Length.ShouldBe(expected.Length);
        for (int i = 0; i < found.Length; i++)
        {
            found[i].ShouldBe(expected[i], (Printed * Math.Abs(expected[i])) + LastDigit, $"element {i}");
        }
    }
}
