using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Reference;
using Hesse.Networks;
using Hesse.Observables;
using Hesse.Tests.Backends;

namespace Hesse.Tests.Observables;

/// <summary>principal-angles: what stands beside the cosines. The cosines themselves are tested through probe (ProbeVerbTests).</summary>
[Trait("Category", "Numerical")]
public sealed class PrincipalAnglesTests
{
    // Eigenvalues of order 1 in double: a few hundred roundings.
    private const double Rounding = 1e-11;

    private const int K = 15;

    [Fact]
    public void No_thread_holds_the_gram_matrix_of_mnist()
    {
        Network network = new([784, 128, 128, 10], [true], Activation.Relu, Loss.CrossEntropy);
        IQuantity angles = Quantities.Get("principal-angles").With(new Dictionary<string, string> { ["k"] = "15" });
        const int Samples = 50_000;
        long bytes = ThreadSpace.Sum(angles.HeldByThread(network, Samples, Precision.Float32));
        bytes.ShouldBeLessThan((long)Samples * Samples);
        // The samples and what they become are held, twice over: features and rows.
        bytes.ShouldBeGreaterThan(2L * Samples * 784 * sizeof(double));
    }

    [Theory]
    [InlineData("reference")]
    [InlineData("cpu")]
    public void The_eigenvalues_of_both_spaces_stand_beside_the_cosines(string name)
    {
        // N = 8, P = 32: M has eight eigenvalues.
        using IBackend backend = name == "cpu" ? new CpuBackend(1) : new ReferenceBackend();
        Points points = ReferenceCases.B1.At();
        Dictionary<string, string> options = new() { ["k"] = "15" };
        Dictionary<string, double[]> found = QuantityValues.Of("principal-angles", points, options, backend: backend);
        double[] hessian = QuantityValues.Of("hessian-spectrum", points, backend: backend)[""];
        double[] moment = QuantityValues.Of("second-moment-spectrum", points, backend: backend)[""];
        moment.Length.ShouldBe(8);
        found["hessian-eigenvalues"].ShouldBe([.. hessian.Reverse().Take(K)], Rounding);
        found["second-moment-eigenvalues"].ShouldBe([.. moment.Reverse(), .. new double[K - 8]], Rounding);
        found[""][..8].ShouldAllBe(cosine => cosine > 0);
        found[""][8..].ShouldAllBe(cosine => cosine == 0);
    }
}
