using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Eigen;
using Hesse.Networks;
using Hesse.Observables;
using Hesse.Tests.Backends;

namespace Hesse.Tests.Observables;

/// <summary>Estimates of trace and diagonal against the exact values.</summary>
[Trait("Category", "Numerical")]
public sealed class TraceTests
{
    // Of a sum of some hundred numbers.
    private const double Rounding = 1e-11;

    [Theory]
    [InlineData("hutchinson")]
    [InlineData("hutch++")]
    public void Estimates_are_unbiased_and_their_standard_errors_are_right(string method)
    {
        // 40 replicas at one point: independent estimates of one number.
        (double exact, double[] estimates, double[] errors) = Repeat("trace", method, 40);
        double mean = estimates.Average();
        double spread = Math.Sqrt(estimates.Sum(x => (x - mean) * (x - mean)) / 39);
        Math.Abs(mean - exact).ShouldBeLessThan(4 * spread / Math.Sqrt(40));
        // A standard deviation from 40 numbers has a relative error of 1 / sqrt(78) = 0.11, each standard error that of 30 probes.
        double expected = Math.Sqrt(errors.Average(x => x * x));
        (spread / expected).ShouldBeInRange(0.6, 1.5);
        estimates.Distinct().Count().ShouldBe(40);
    }

    [Fact]
    public void Hutch_plus_plus_scatters_less_where_few_eigenvalues_are_large()
    {
        double[] plain = Repeat("trace", "hutchinson", 8).Errors;
        double[] better = Repeat("trace", "hutch++", 8).Errors;
        better.Average().ShouldBeLessThan(0.5 * plain.Average());
    }

    [Fact]
    public void Hutch_plus_plus_is_exact_where_the_sketch_holds_the_whole_range()
    {
        ReferenceCase it = ReferenceCases.A1;
        Dictionary<string, double[]> found = QuantityValues.Of("trace", it, Options("hutch++", 30));
        found[""][0].ShouldBe(QuantityValues.Of("trace", it)[""][0], Rounding);
        found["standard-error"][0].ShouldBe(0, Rounding);
    }

    [Theory]
    [InlineData("trace")]
    [InlineData("hessian-diagonal")]
    public void Rademacher_vectors_make_diagonal_matrices_exact(string quantity)
    {
        // One input, one sample, no bias: every output has its own weight and H = 2/C x^2 I.
        Network network = new([1, 6], [false], Activation.Identity, Loss.Mse);
        Hesse.Data.DataSet data = new(1, 1, 6, 1, [1.7], null, [1.0, 2, 3, 4, 5, 6]);
        Points points = new(network, new double[6], data, Precision.Float64);
        Dictionary<string, double[]> found = QuantityValues.Of(quantity, points, Options("hutchinson", 3));
        double entry = 2.0 / 6 * 1.7 * 1.7;
        double expected = quantity == "trace" ? 6 * entry : entry;
        found[""].ShouldAllBe(value => Math.Abs(value - expected) < Rounding);
        found["standard-error"].ShouldAllBe(error => error < Rounding);
    }

    [Fact]
    public void Entries_of_the_diagonal_lie_within_their_standard_errors()
    {
        Points points = Case(1);
        double[] exact = QuantityValues.Of("hessian-diagonal", points)[""];
        Dictionary<string, double[]> found = QuantityValues.Of("hessian-diagonal", points, Options("hutchinson", 400));
        double squares = 0;
        for (int i = 0; i < exact.Length; i++)
        {
            // Entries whose row is zero have no error; the others are a mean of 400.
            double error = found["standard-error"][i];
            Math.Abs(found[""][i] - exact[i]).ShouldBeLessThan((6 * error) + Rounding);
            squares += error == 0 ? 0 : Math.Pow((found[""][i] - exact[i]) / error, 2) / exact.Length;
        }

        squares.ShouldBeInRange(0.5, 1.8);
    }

    [Fact]
    public void Hutch_plus_plus_with_99_products_is_within_5_percent_and_better_than_hutchinson()
    {
        // Spectrum 1/(i+1), n = 80, in a random basis; 30 replicas are 30 trials. Settings of pytorch-hessian-eigenthings' tests.
        Points points = Rotated(80, 30);
        using CpuBackend backend = new(1);
        double exact = Enumerable.Range(1, 80).Sum(i => 1.0 / i);
        QuantityValues
            .Of("trace", points, Options("exact", 2), backend: backend)[""]
            .ShouldAllBe(trace => Math.Abs(trace - exact) < 1e-9);
        QuantityValues
            .Of("trace", points, Options("hutch++", 33), backend: backend)[""]
            .ShouldAllBe(trace => Math.Abs(trace - exact) < 0.05 * exact);
        double better = Error("hutch++", 20);
        double plain = Error("hutchinson", 60);
        better.ShouldBeLessThan(plain);

        double Error(string method, int probes) =>
            QuantityValues
                .Of("trace", points, Options(method, probes), backend: backend)[""]
                .Average(trace => Math.Abs(trace - exact));
    }

    [Fact]
    public void One_probe_has_the_variance_of_its_formula()
    {
        // Rademacher: 2 (||A||_F^2 - sum a_ii^2) on H of B1; 1,500 replicas of means over two probes.
        const int replicas = 1500;
        ReferenceCase it = ReferenceCases.B1;
        Points one = it.At();
        double[] parameters = [.. Enumerable.Repeat(one.Parameters.ToArray(), replicas).SelectMany(point => point)];
        Points points = new(one.Network, parameters, one.Data, Precision.Float64);
        using CpuBackend backend = new(2);
        double[] found = QuantityValues.Of("trace", points, Options("hutchinson", 2), backend: backend)[""];
        double mean = found.Average();
        double variance = found.Sum(x => (x - mean) * (x - mean)) / (replicas - 1);
        // The relative standard error of a variance from 1,500 nearly normal numbers is 0.037.
        (2 * variance).ShouldBe(43.4086723303689, 0.15 * 43.4086723303689);
    }

    [Fact]
    public void Only_estimates_have_a_standard_error()
    {
        Network network = Case(1).Network;
        foreach (string name in new[] { "trace", "hessian-diagonal" })
        {
            Parts(name, "automatic").ShouldBe([null]);
            Parts(name, "exact").ShouldBe([null]);
            Parts(name, "hutchinson").ShouldBe([null, "standard-error"]);
        }

        string?[] Parts(string name, string method) =>
            [.. Quantities.Get(name).With(Options(method, 5)).Parts(network, 5).Select(part => part.Name)];
    }

    private static (double Exact, double[] Estimates, double[] Errors) Repeat(string name, string method, int times)
    {
        Points points = Case(times);
        using CpuBackend backend = new(1);
        double exact = QuantityValues.Of(name, points, backend: backend)[""][0];
        Dictionary<string, double[]> found = QuantityValues.Of(name, points, Options(method, 30), backend: backend);
        return (exact, found[""], found["standard-error"]);
    }

    // A 6-8-3 net, P = 83, at one point as often as asked for.
    private static Points Case(int replicas)
    {
        Points one = RandomProblems.Make([6, 8, 3], [true], Activation.Tanh, Loss.CrossEntropy, 9, 1, 1);
        double[] parameters = [.. Enumerable.Repeat(one.Parameters.ToArray(), replicas).SelectMany(point => point)];
        return new Points(one.Network, parameters, one.Data, Precision.Float64);
    }

    // A linear net without bias on n samples sqrt(n/2) / sqrt(i+1) q_i with orthonormal q_i: H = (2/n) X^T X has the eigenvalues 1/(i+1).
    private static Points Rotated(int n, int replicas)
    {
        Random random = new(3);
        KrylovBasis basis = new(n);
        double[] coefficients = new double[n];
        double[] inputs = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            double[] vector = [.. Enumerable.Range(0, n).Select(_ => random.NextDouble() - 0.5)];
            basis.Add(vector, basis.Orthogonalise(vector, coefficients.AsSpan(0, i)));
            for (int j = 0; j < n; j++)
            {
                inputs[(i * n) + j] = Math.Sqrt(n / 2.0 / (i + 1)) * basis[i][j];
            }
        }

        Network network = new([n, 1], [false], Activation.Identity, Loss.Mse);
        Hesse.Data.DataSet data = new(n, n, 1, 1, inputs, null, new double[n]);
        return new Points(network, new double[replicas * n], data, Precision.Float64);
    }

    private static Dictionary<string, string> Options(string method, int probes) =>
        new() { ["method"] = $"\"{method}\"", ["probes"] = $"{probes}" };
}
