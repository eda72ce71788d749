using Hesse.Backends;
using Hesse.Networks;

namespace Hesse.Tests.Backends;

/// <summary>Identities that hold for every net, loss and point (docs/numerics.md 5), and derivatives by differences.</summary>
public abstract partial class BackendCases
{
    // Both sides are sums of some hundred products of numbers of the size of 1: rounding against the matrix's own size.
    private const double Rounding = 1e-12;

    // Central differences: truncation eps^2 and rounding 1e-16 / eps, best near eps = 1e-5; 1e-6 is what comparable tools ask for.
    private const double Differences = 1e-6;

    private static readonly double[] s_epsilons = [1e-4, 1e-5, 1e-6];

    public static TheoryData<Activation, Loss> Combinations
    {
        get
        {
            TheoryData<Activation, Loss> all = [];
            foreach (Activation activation in Enum.GetValues<Activation>())
            {
                foreach (Loss loss in Enum.GetValues<Loss>())
                {
                    all.Add(activation, loss);
                }
            }

            return all;
        }
    }

    public static TheoryData<Loss> Losses => [.. Enum.GetValues<Loss>()];

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Curvature_identities(Activation activation, Loss loss)
    {
        foreach (Points points in RandomProblems.Of(activation, loss))
        {
            CurvatureIdentities(points);
        }
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void Curvature_identities_of_wider_nets(Loss loss)
    {
        foreach (Points points in RandomProblems.Wide(loss))
        {
            CurvatureIdentities(points);
            GradientIdentities(points);
        }
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Per_sample_gradient_identities(Activation activation, Loss loss)
    {
        foreach (Points points in RandomProblems.Of(activation, loss))
        {
            GradientIdentities(points);
        }
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Gradient_and_hessian_are_derivatives(Activation activation, Loss loss)
    {
        foreach (Points points in RandomProblems.Of(activation, loss))
        {
            double[] v = ReferenceCases.S(points.Network.ParameterCount, 77);
            Measurement found = new(_backend, points);
            double slope = Dot(found.Gradient, v);
            string where = Describe(points);
            Below(BestDifference(points, v, m => m.Losses, [slope]), Differences, where);
            Below(BestDifference(points, v, m => m.Gradient, found.HessianVectorProduct(v)), Differences, where);
        }
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Gauss_newton_matrix_is_built_from_the_derivatives_of_the_logits(Activation activation, Loss loss)
    {
        foreach (Points points in RandomProblems.Of(activation, loss).Take(3))
        {
            double[] ggn = new Measurement(_backend, points).Ggn;
            double tolerance = Differences * Math.Max(1, Norm(ggn));
            Close(ggn, GaussNewtonFromDifferences(points), tolerance, Describe(points));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Replicas_together_give_the_bits_of_each_alone(bool ownData)
    {
        foreach (Loss loss in Enum.GetValues<Loss>())
        {
            int outputs = loss == Loss.Logistic ? 1 : 3;
            Points all = RandomProblems.Make([3, 5, outputs], [true], Activation.Tanh, loss, 4, 19, 3, ownData);
            SameAlone(all, replica => replica % 6 == 0);
        }
    }

    [Fact]
    public void A_diverged_replica_is_NaN_and_leaves_the_others_untouched()
    {
        Points healthy = RandomProblems.Make([3, 5, 3], [true], Activation.Relu, Loss.CrossEntropy, 4, 5, 3);
        double[] parameters = healthy.Parameters.ToArray();
        Array.Fill(parameters, double.NaN, 2 * healthy.Network.ParameterCount, healthy.Network.ParameterCount);
        Points sick = new(healthy.Network, parameters, healthy.Data, Precision.Float64);
        double[] v = ReferenceCases.S(healthy.Network.ParameterCount, 77);
        foreach (
            ((string operation, double[] expected), (_, double[] found)) in new Measurement(_backend, healthy)
                .Everything(v)
                .Zip(new Measurement(_backend, sick).Everything(v))
        )
        {
            int length = found.Length / 5;
            Others(found).SequenceEqual(Others(expected)).ShouldBeTrue(operation);
            found[(2 * length)..(3 * length)].ShouldContain(double.NaN, operation);

            IEnumerable<long> Others(double[] values) => values.Where((_, i) => i / length != 2).Select(Bits);
        }
    }

    [Fact]
    public void Permuting_replicas_permutes_the_results()
    {
        Points points = RandomProblems.Make([3, 4, 2], [true], Activation.Elu, Loss.Mse, 4, 3, 9);
        int p = points.Network.ParameterCount;
        double[] turned = [.. points.Parameters.ToArray()[p..], .. points.Parameters.ToArray()[..p]];
        double[] straight = new Measurement(_backend, points).HessianSpectrum;
        double[] found = new Measurement(
            _backend,
            new Points(points.Network, turned, points.Data, Precision.Float64)
        ).HessianSpectrum;
        found.ShouldBe([.. straight[p..], .. straight[..p]]);
    }

    [Fact]
    public void Vectors_may_be_shared_or_one_set_a_replica()
    {
        Points points = RandomProblems.Make([3, 4, 2], [true], Activation.Silu, Loss.Mse, 4, 3, 9);
        int p = points.Network.ParameterCount;
        double[] own = ReferenceCases.S(3 * 2 * p, 11);
        double[] together = new double[own.Length];
        _backend.HessianVectorProducts(points, own, together);
        for (int replica = 0; replica < 3; replica++)
        {
            double[] shared = own[(replica * 2 * p)..((replica + 1) * 2 * p)];
            double[] each = new Measurement(_backend, points).HessianVectorProduct(shared);
            together[(replica * 2 * p)..((replica + 1) * 2 * p)]
                .ShouldBe(each[(replica * 2 * p)..((replica + 1) * 2 * p)]);
            double[] projections = new double[3 * 4 * 2];
            _backend.PerSampleGradientProjections(points, own, projections);
            double[] alone = new double[projections.Length];
            _backend.PerSampleGradientProjections(points, shared, alone);
            projections[(replica * 8)..((replica + 1) * 8)].ShouldBe(alone[(replica * 8)..((replica + 1) * 8)]);
        }
    }

    [Fact]
    public void Replicas_with_their_own_weights_inputs_and_targets()
    {
        Points points = RandomProblems.Make([3, 5, 2], [true], Activation.Tanh, Loss.Mse, 8, 4, 0, ownData: true);
        Measurement found = new(_backend, points);
        Near(found.Losses, [0.95286911112751, 1.1385800027441, 1.1339222990324, 0.96630621910435]);
        double[] spectra = found.HessianSpectrum;
        double[] diagonal = found.HessianDiagonal;
        double[] traces = [9.946793622592, 9.430880990531, 6.758460397381, 7.847392685303];
        double[] largest = [3.09996080621, 3.34249326844, 3.39707785126, 3.51898743025];
        double[] smallest = [-0.917464750084, -0.819561276569, -1.07767988868, -1.11721795772];
        for (int replica = 0; replica < 4; replica++)
        {
            Near(diagonal[(32 * replica)..(32 * (replica + 1))].Sum(), traces[replica]);
            Near(spectra[(32 * replica) + 31], largest[replica]);
            Near(spectra[32 * replica], smallest[replica]);
        }
    }

    private void CurvatureIdentities(Points points)
    {
        string where = Describe(points);
        Measurement found = new(_backend, points);
        int p = points.Network.ParameterCount;
        double[] hessian = found.Hessian;
        double[] ggn = found.Ggn;
        double size = Math.Max(1, Norm(hessian) + Norm(ggn));
        int asymmetric = 0;
        double[] diagonal = new double[p];
        for (int i = 0; i < p; i++)
        {
            for (int j = 0; j < i; j++)
            {
                asymmetric += Bits(hessian[(i * p) + j]) != Bits(hessian[(j * p) + i]) ? 1 : 0;
                asymmetric += Bits(ggn[(i * p) + j]) != Bits(ggn[(j * p) + i]) ? 1 : 0;
            }

            diagonal[i] = hessian[(i * p) + i];
        }

        asymmetric.ShouldBe(0, where);
        Close(found.HessianDiagonal, diagonal, Rounding * size, where);

        found.HessianSpectrum.Sum().ShouldBe(found.HessianTrace, Rounding * size, where);
        found.HessianSpectrum.ShouldBeInOrder(SortDirection.Ascending, where);
        Norm(found.HessianSpectrum).ShouldBe(Norm(hessian), Rounding * size, where);
        Norm(found.GgnSpectrum).ShouldBe(Norm(ggn), Rounding * size, where);
        Below(-found.GgnSpectrum[0], Rounding * size, where);
        if (points.Network.Activation is Activation.Relu or Activation.LeakyRelu or Activation.Identity)
        {
            Enumerable.Range(0, p).Sum(i => ggn[(i * p) + i]).ShouldBe(found.HessianTrace, Rounding * size, where);
        }

        double[] v = ReferenceCases.S(p, 77);
        double[] u = ReferenceCases.S(p, 177);
        double[] both = found.HessianVectorProduct([.. v, .. u]);
        Close(both[..p], Times(hessian, v), Rounding * size, where);
        Dot(u, both[..p]).ShouldBe(Dot(v, both[p..]), Rounding * size * p, where);
        Close(found.GgnVectorProduct(v), Times(ggn, v), Rounding * size, where);
    }

    private void GradientIdentities(Points points)
    {
        string where = Describe(points);
        Measurement found = new(_backend, points);
        int p = points.Network.ParameterCount;
        int samples = points.Samples;
        double[] each = found.PerSampleGradients;
        double[] gram = found.Gram;
        double[] norms = found.PerSampleGradientNorms;
        double size = Math.Max(1, Norm(gram));
        double[] mean = new double[p];
        for (int n = 0; n < samples; n++)
        {
            for (int i = 0; i < p; i++)
            {
                mean[i] += each[(n * p) + i] / samples;
            }

            norms[n].ShouldBe(Math.Sqrt(gram[(n * samples) + n]), Rounding * size, where);
            double[] g = each[(n * p)..((n + 1) * p)];
            double[] along = ReferenceCases.S(2 * p, 41);
            for (int v = 0; v < 2; v++)
            {
                found
                    .PerSampleGradientProjections[(2 * n) + v]
                    .ShouldBe(Dot(g, along[(v * p)..((v + 1) * p)]), Rounding * size * p, where);
            }

            double[] products = [.. Enumerable.Range(0, samples).Select(m => Dot(g, each[(m * p)..((m + 1) * p)]))];
            Close(gram[(n * samples)..((n + 1) * samples)], products, Rounding * size, where);
        }

        Close(found.Gradient, mean, Rounding * size, where);
        double secondMoment = norms.Average(g => g * g);
        found.SecondMomentSpectrum.Sum().ShouldBe(secondMoment, Rounding * size, where);
        found.GradientCovarianceSpectrum.Sum().ShouldBe(secondMoment - Dot(mean, mean), Rounding * size, where);
        found.GradientCovarianceSpectrum.ShouldBeInOrder(SortDirection.Ascending, where);
        if (samples <= p)
        {
            // Rank at most N - 1.
            found.GradientCovarianceSpectrum[0].ShouldBe(0, Rounding * size, where);
        }
    }

    // The smallest relative distance over several eps between (f(theta + eps v) - f(theta - eps v)) / (2 eps) and the derivative.
    private double BestDifference(Points points, double[] v, Func<Measurement, double[]> f, double[] derivative)
    {
        double best = double.PositiveInfinity;
        foreach (double epsilon in s_epsilons)
        {
            double[] plus = f(new Measurement(_backend, Moved(points, v, epsilon)));
            double[] minus = f(new Measurement(_backend, Moved(points, v, -epsilon)));
            double distance = Norm([.. derivative.Select((d, i) => d - ((plus[i] - minus[i]) / (2 * epsilon)))]);
            best = Math.Min(best, distance / Math.Max(1, Norm(derivative)));
        }

        return best;
    }

    // (1/N) sum J^T (d2l/dz2) J with J from central differences of the logits and d2l/dz2 from the textbook.
    private double[] GaussNewtonFromDifferences(Points points)
    {
        const double Epsilon = 1e-5;
        int p = points.Network.ParameterCount;
        int classes = points.Network.OutputWidth;
        int rows = points.Samples * classes;
        double[] logits = new Measurement(_backend, points).Logits;
        double[] jacobian = new double[rows * p];
        for (int i = 0; i < p; i++)
        {
            double[] direction = new double[p];
            direction[i] = 1;
            double[] plus = new Measurement(_backend, Moved(points, direction, Epsilon)).Logits;
            double[] minus = new Measurement(_backend, Moved(points, direction, -Epsilon)).Logits;
            for (int row = 0; row < rows; row++)
            {
                jacobian[(row * p) + i] = (plus[row] - minus[row]) / (2 * Epsilon);
            }
        }

        double[] result = new double[p * p];
        for (int n = 0; n < points.Samples; n++)
        {
            double[] z = logits[(n * classes)..((n + 1) * classes)];
            double total = z.Sum(Math.Exp);
            for (int c = 0; c < classes; c++)
            {
                for (int d = 0; d < classes; d++)
                {
                    double same = c == d ? 1 : 0;
                    double second = points.Network.Loss switch
                    {
                        Loss.CrossEntropy => Math.Exp(z[c]) / total * (same - (Math.Exp(z[d]) / total)),
                        Loss.Mse => 2 * same / classes,
                        Loss.HalfSquaredError => same,
                        _ => Math.Exp(z[0]) / (1 + Math.Exp(z[0])) / (1 + Math.Exp(z[0])),
                    };
                    for (int i = 0; i < p && second != 0; i++)
                    {
                        double left = jacobian[(((n * classes) + c) * p) + i] * second / points.Samples;
                        for (int j = 0; j < p; j++)
                        {
                            result[(i * p) + j] += left * jacobian[(((n * classes) + d) * p) + j];
                        }
                    }
                }
            }
        }

        return result;
    }

    private void SameAlone(Points all, Func<int, bool> chosen)
    {
        double[] v = ReferenceCases.S(2 * all.Network.ParameterCount, 77);
        (string Operation, double[] Values)[] together = [.. new Measurement(_backend, all).Everything(v)];
        for (int replica = 0; replica < all.Replicas; replica++)
        {
            if (!chosen(replica))
            {
                continue;
            }

            int k = 0;
            foreach (
                (string operation, double[] alone) in new Measurement(
                    _backend,
                    RandomProblems.Alone(all, replica)
                ).Everything(v)
            )
            {
                double[] values = together[k++].Values;
                double[] own = values[(replica * alone.Length)..((replica + 1) * alone.Length)];
                own.Select(Bits).SequenceEqual(alone.Select(Bits)).ShouldBeTrue($"{operation} of replica {replica}");
            }
        }
    }

    private static Points Moved(Points points, double[] direction, double by) =>
        new(
            points.Network,
            points.Parameters.ToArray().Select((theta, i) => theta + (by * direction[i])).ToArray(),
            points.Data,
            points.Precision
        );

    private static string Describe(Points points) =>
        $"{string.Join('-', points.Network.Widths.ToArray())} {points.Network.Activation} {points.Network.Loss}, N = {points.Samples}";

    private static double[] Times(double[] matrix, double[] vector) =>
        [.. vector.Select((_, i) => Dot(matrix[(i * vector.Length)..((i + 1) * vector.Length)], vector))];

    private static void Close(double[] found, double[] expected, double tolerance, string where)
    {
        found.Length.ShouldBe(expected.Length, where);
        double worst = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            worst = Math.Max(worst, Math.Abs(found[i] - expected[i]));
        }

        Below(worst, tolerance, where);
    }

    // NaN is not below anything, which Shouldly's own comparison says it is.
    private static void Below(double value, double limit, string where) =>
        (value <= limit).ShouldBeTrue($"{where}: {value:R} is not below {limit:R}");

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double Norm(double[] a) => Math.Sqrt(Dot(a, a));

    private static long Bits(double value) => BitConverter.DoubleToInt64Bits(value);
}
