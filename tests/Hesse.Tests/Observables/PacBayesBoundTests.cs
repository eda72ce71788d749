using Hesse.Backends;
using Hesse.Backends.Reference;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Observables;

namespace Hesse.Tests.Observables;

[Trait("Category", "Numerical")]
public sealed class PacBayesBoundTests
{
    // Sums of a few dozen terms in another order.
    private const double Rounding = 1e-10;
    private const int Samples = 9;
    private static readonly Network Net = new([3, 4, 2], [true], Activation.Relu, Loss.CrossEntropy);

    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(0, 2)]
    [InlineData(0.3, 0.05)]
    [InlineData(0.7, 0.4)]
    public void Inverse_divergence_solves_its_equation(double p, double bound)
    {
        double q = BernoulliDivergence.Inverse(p, bound);
        BernoulliDivergence.Of(p, q).ShouldBe(bound, Rounding);
        q.ShouldBeGreaterThan(p);
        if (p == 0)
        {
            q.ShouldBe(1 - Math.Exp(-bound), Rounding);
        }
    }

    [Fact]
    public void Inverse_divergence_at_the_ends()
    {
        BernoulliDivergence.Inverse(1, 0.1).ShouldBe(1);
        // The divergence is flat there: half of the digits.
        BernoulliDivergence.Inverse(0.4, 0).ShouldBe(0.4, 1e-7);
        BernoulliDivergence.Inverse(0.4, double.NaN).ShouldBe(double.NaN);
    }

    [Fact]
    public void Parts_are_the_sums_of_the_formula()
    {
        const double sigma = 2;
        double[] theta = Values(Net.ParameterCount, 3);
        double[] start = Values(Net.ParameterCount, 8);
        Dictionary<string, double[]> found = Bound(theta, start, ("prior", "2"), ("delta", "0.1"));
        double[] diagonal = new double[theta.Length];
        using ReferenceBackend reference = new();
        reference.HessianDiagonal(new Points(Net, theta, Data(), Precision.Float64), diagonal);

        double curvature = diagonal.Sum(h => Math.Log(Math.Max(h, 1 / (sigma * sigma)) * sigma * sigma) / 2);
        double norm = theta.Zip(start, (a, b) => (a - b) * (a - b) / (2 * sigma * sigma)).Sum();
        diagonal.Count(h => h * sigma * sigma > 1).ShouldBeGreaterThan(0);
        found["effective-curvature"][0].ShouldBe(curvature, Rounding);
        found["weighted-norm"][0].ShouldBe(norm, Rounding);
        found["divergence"][0].ShouldBe(curvature + norm, Rounding);
        found["layer-norm"].Sum().ShouldBe(norm, Rounding);
        int first = Net.WeightOffset(2);
        found["layer-norm"]
            [0]
            .ShouldBe(
                theta.Zip(start).Take(first).Sum(w => Math.Pow(w.First - w.Second, 2) / (2 * sigma * sigma)),
                Rounding
            );
        found["layer-curvature"].Sum().ShouldBe(curvature, Rounding);
        double allowed = (curvature + norm + Math.Log((Samples + 1) / 0.1)) / Samples;
        double gibbs = found["gibbs-error"][0];
        BernoulliDivergence.Of(gibbs, found[""][0]).ShouldBe(allowed, Rounding);
        found["pinsker"][0].ShouldBe(gibbs + Math.Sqrt(allowed / 2), Rounding);
        found["pinsker"][0].ShouldBeGreaterThan(found[""][0]);
        found["test-error"][0].ShouldBe(double.NaN);
    }

    [Fact]
    public void A_prior_as_sharp_as_the_point_costs_only_the_confidence()
    {
        double[] theta = Values(Net.ParameterCount, 3);
        Dictionary<string, double[]> found = Bound(theta, theta, ("prior", "1.0e-6"), ("delta", "0.05"));
        found["divergence"][0].ShouldBe(0);
        found["gibbs-error"][0].ShouldBe(found["train-error"][0], Rounding);
        found["gibbs-standard-error"][0].ShouldBe(0, Rounding);
        found[""]
            [0]
            .ShouldBe(BernoulliDivergence.Inverse(found["train-error"][0], Math.Log(10 / 0.05) / Samples), Rounding);
    }

    // Powers of two scale without rounding; the biases of the first layer go with its weights.
    [Theory]
    [InlineData("anisotropic", true)]
    [InlineData("isotropic", false)]
    public void Rescaling_a_relu_layer_changes_the_isotropic_bound_only(string covariance, bool same)
    {
        double[] theta = Values(Net.ParameterCount, 3);
        double[] start = Values(Net.ParameterCount, 8);
        (string, string)[] options = [("prior", "0.5"), ("covariance", $"\"{covariance}\"")];
        Dictionary<string, double[]> before = Bound(theta, start, options);
        Dictionary<string, double[]> after = Bound(Rescaled(theta), Rescaled(start), options);

        (Math.Abs(after[""][0] - before[""][0]) < Rounding).ShouldBe(same);
        (Math.Abs(after["divergence"][0] - before["divergence"][0]) < Rounding).ShouldBe(same);
        (Math.Abs(after["layer-norm"][1] - before["layer-norm"][1]) < Rounding).ShouldBe(same);
    }

    [Fact]
    public void Biases_that_start_at_zero_have_a_deviation_that_scales_with_the_weights_before_them()
    {
        double[] start = Values(Net.ParameterCount, 8);
        start.AsSpan(Net.BiasOffset(1), 4).Clear();
        start.AsSpan(Net.BiasOffset(2), 2).Clear();
        double[] before = PriorDeviations.Of(Net, start, 0.1, anisotropic: true);
        double[] after = PriorDeviations.Of(Net, Rescaled(start), 0.1, anisotropic: true);
        after.ShouldBe(Rescaled(before), Rounding);
        before.ShouldAllBe(sigma => sigma > 0);
    }

    private static double[] Rescaled(double[] values)
    {
        double[] scaled = [.. values];
        for (int j = 0; j < Net.WeightOffset(2); j++)
        {
            scaled[j] *= 4;
        }

        for (int j = Net.WeightOffset(2); j < Net.BiasOffset(2); j++)
        {
            scaled[j] /= 4;
        }

        return scaled;
    }

    private static Dictionary<string, double[]> Bound(
        double[] theta,
        double[] start,
        params (string Name, string Value)[] options
    )
    {
        Dictionary<string, string> all = Quantities.DefaultOptions(QuantityCatalogue.Find("pac-bayes-bound")!);
        foreach ((string name, string value) in options)
        {
            all[name] = value;
        }

        IQuantity quantity = Quantities.Get("pac-bayes-bound").With(all);
        IReadOnlyList<QuantityPart> parts = quantity.Parts(Net, Samples);
        int[] lengths = [.. parts.Select(part => (int)part.ElementShape.Aggregate(1L, (x, y) => x * y))];
        double[] values = new double[lengths.Sum()];
        using ReferenceBackend reference = new();
        quantity.Evaluate(
            new Snapshot
            {
                Backend = reference,
                Network = Net,
                Replicas = 1,
                Seed = 5,
                ReplicaNumbers = [2],
                Parameters = theta,
                InitialParameters = start,
                Training = Data(),
            },
            values
        );
        int from = 0;
        Dictionary<string, double[]> found = [];
        for (int i = 0; i < lengths.Length; i++)
        {
            found.Add(parts[i].Name ?? string.Empty, values[from..(from + lengths[i])]);
            from += lengths[i];
        }

        return found;
    }

    private static DataSet Data() =>
        new(Samples, 3, 2, 1, Values(Samples * 3, 1), [.. Enumerable.Range(0, Samples).Select(n => n % 2)], null);

    private static double[] Values(int count, int phase) =>
        [.. Enumerable.Range(0, count).Select(i => Math.Sin((1.7 * i) + phase) + 0.1)];
}
