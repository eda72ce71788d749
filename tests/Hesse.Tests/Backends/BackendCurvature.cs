using Hesse.Backends;
using Hesse.Networks;

namespace Hesse.Tests.Backends;

/// <summary>Norms, blocks and differences of H and M.</summary>
public abstract partial class BackendCases
{
    [Fact]
    public void Residual_is_the_mean_of_the_second_derivatives_of_the_probability_over_the_probability()
    {
        // Cross-entropy: H_p = (1/N) sum (1/p_n) Hess p_n, here by central differences of p_n / p_n(theta).
        Points points = ReferenceCases.B2.At();
        int p = points.Network.ParameterCount;
        double[] at = Probabilities(points);
        double sum = 0;
        const double step = 1e-3;
        for (int i = 0; i < p; i++)
        {
            double[] moved = points.Parameters.ToArray();
            moved[i] += step;
            double[] above = Probabilities(new Points(points.Network, moved, points.Data, Precision.Float64));
            moved[i] -= 2 * step;
            double[] below = Probabilities(new Points(points.Network, moved, points.Data, Precision.Float64));
            sum += at.Select((value, n) => (above[n] - (2 * value) + below[n]) / (step * step * value)).Average();
        }

        // Truncation step^2 of 44 second differences; rounding 1e-16 / step^2.
        new Measurement(_backend, points)
            .ResidualSpectrum.Sum()
            .ShouldBe(sum, 1e-4);
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Norm_blocks_and_residual_agree_with_the_whole_matrices(Activation activation, Loss loss)
    {
        foreach (Points points in RandomProblems.Of(activation, loss))
        {
            Measurement found = new(_backend, points);
            string where = Describe(points);
            int p = points.Network.ParameterCount;
            double size = Math.Max(1, found.HessianNorm + found.SecondMomentSpectrum.Sum());
            Below(Math.Abs(found.FrobeniusNorms[0] - found.HessianNorm), Rounding * size, where);
            double[] diagonal = new double[p];
            for (int n = 0; n < points.Samples; n++)
            {
                for (int i = 0; i < p; i++)
                {
                    double g = found.PerSampleGradients[(n * p) + i];
                    diagonal[i] += g * g / points.Samples;
                }
            }

            Close(found.SecondMomentDiagonal, diagonal, Rounding * size, where);
            Below(
                Math.Abs(found.ResidualSpectrum.Sum() - (diagonal.Sum() - found.HessianTrace)),
                100 * Rounding * size,
                where
            );
            for (int layer = 1; layer <= points.Network.Layers; layer++)
            {
                int from = points.Network.WeightOffset(layer);
                int to = points.Network.WeightOffset(layer + 1);
                double[] block = found.LayerSpectra[from..to];
                block.ShouldBe([.. block.Order()], where);
                Below(Math.Abs(block.Sum() - found.HessianDiagonal[from..to].Sum()), 100 * Rounding * size, where);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Eigenpairs_have_the_values_of_the_spectrum(string name)
    {
        ReferenceCase it = Case(name);
        Measurement found = new(_backend, it.At());
        int p = it.Parameters.Length;
        double[] expected = [found.HessianSpectrum[^1], found.HessianSpectrum[^2], found.HessianSpectrum[0]];
        for (int i = 0; i < expected.Length; i++)
        {
            double[] row = found.HessianEigenpairs[(i * (4 + p))..((i + 1) * (4 + p))];
            row[0].ShouldBe(expected[i], LastDigit * Math.Max(1, found.HessianNorm));
            row[1].ShouldBeLessThan(LastDigit);
            row[2].ShouldBe(0);
            row[3].ShouldBe(1);
            double[] image = found.HessianVectorProduct(row[4..]);
            Close(image, [.. row[4..].Select(u => u * row[0])], LastDigit * Math.Max(1, found.HessianNorm), name);
        }
    }

    [Fact]
    public void Large_matrices_have_the_same_eigenpairs_by_products()
    {
        // P = 635: above the limit for whole matrices.
        Points points = RandomProblems.Make([20, 25, 4], [true, false], Activation.Tanh, Loss.Mse, 3, 1, 3);
        points.Network.ParameterCount.ShouldBeGreaterThan(EigenpairRequest.ExactUpTo);
        Measurement found = new(_backend, points);
        int p = points.Network.ParameterCount;
        double[] expected = new double[p];
        using (Hesse.Backends.Cpu.CpuBackend direct = new(1))
        {
            direct.HessianSpectrum(points, expected);
        }

        double[] wanted = [expected[^1], expected[^2], expected[0]];
        for (int i = 0; i < wanted.Length; i++)
        {
            ReadOnlySpan<double> row = found.HessianEigenpairs.AsSpan(i * (4 + p), 4);
            row[0].ShouldBe(wanted[i], 1e-9 * Math.Abs(expected[^1]));
            row[1].ShouldBeLessThan(1e-9 * Math.Abs(wanted[i]));
            row[2].ShouldBeGreaterThan(0);
            row[3].ShouldBe(1);
        }
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Second_moment_vectors_and_covariance_trace(Activation activation, Loss loss)
    {
        foreach (Points points in RandomProblems.Of(activation, loss))
        {
            Measurement found = new(_backend, points);
            string where = Describe(points);
            int p = points.Network.ParameterCount;
            double[] g = found.PerSampleGradients;
            double size = Math.Max(1, found.SecondMomentDiagonal.Sum());
            for (int i = 0; i < found.SecondMomentEigenpairs.Length / (1 + p); i++)
            {
                double[] row = found.SecondMomentEigenpairs[(i * (1 + p))..((i + 1) * (1 + p))];
                double[] u = row[1..];
                Below(Math.Abs(row[0] - found.SecondMomentSpectrum[^(i + 1)]), 100 * Rounding * size, where);
                double[] image = new double[p];
                for (int n = 0; n < points.Samples; n++)
                {
                    double along = Dot(g[(n * p)..((n + 1) * p)], u) / points.Samples;
                    for (int j = 0; j < p; j++)
                    {
                        image[j] += along * g[(n * p) + j];
                    }
                }

                // A vector made of per-sample gradients has the error of its eigenvalue over its size.
                Close(image, [.. u.Select(x => x * row[0])], 1e-8 * size, where);
                (Dot(u, u) is > 1 - 1e-9 or 0).ShouldBeTrue(where);
            }

            double trace = 0;
            for (int n = 0; n < points.Samples; n++)
            {
                double[] centred = [.. g[(n * p)..((n + 1) * p)].Zip(found.Gradient, (x, mean) => x - mean)];
                trace += Dot(centred, found.HessianVectorProduct(centred)) / points.Samples;
            }

            double scale = Math.Max(1, size * Math.Max(1, found.HessianNorm));
            Below(Math.Abs(found.CovarianceCurvatureTraces[0] - trace), 100 * Rounding * scale, where);
        }
    }

    [Fact]
    public void Quadrature_of_the_whole_order_has_the_moments_of_the_matrix()
    {
        Points points = ReferenceCases.B5.At();
        int p = points.Network.ParameterCount;
        QuadratureRequest request = new()
        {
            Probes = 1,
            Iterations = p,
            Seed = 3,
            Step = 7,
            ReplicaNumbers = [2],
        };
        double[] found = new double[2 * p];
        _backend.LanczosQuadrature(points, request, found);
        double[] probe = new double[p];
        Hesse.Replicas.NormalDeviates.Fill(3, 0, 7, 2, Hesse.Replicas.RandomStream.ProbeVectors, probe);
        double[] image = new Measurement(_backend, points).HessianVectorProduct(probe);
        double squares = Dot(probe, probe);

        found[p..].Sum().ShouldBe(1, 1e-12);
        Dot(found[..p], found[p..]).ShouldBe(Dot(probe, image) / squares, 1e-11);
        Dot([.. found[..p].Select(x => x * x)], found[p..]).ShouldBe(Dot(image, image) / squares, 1e-11);
        found[..p].Max().ShouldBe(ReferenceCases.B5.Largest[0], 1e-9);
    }

    private double[] Probabilities(Points points)
    {
        double[] logits = new Measurement(_backend, points).Logits;
        int width = points.Network.OutputWidth;
        return
        [
            .. Enumerable
                .Range(0, points.Samples)
                .Select(n =>
                    Math.Exp(logits[(n * width) + points.Data.Labels![n]])
                    / logits[(n * width)..((n + 1) * width)].Sum(Math.Exp)
                ),
        ];
    }
}
