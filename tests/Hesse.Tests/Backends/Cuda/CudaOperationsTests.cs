using Hesse.Backends;
using Hesse.Backends.Cuda;
using Hesse.Backends.Reference;
using Hesse.Networks;

namespace Hesse.Tests.Backends.Cuda;

/// <summary>
/// Every operation that has a kernel against the reference, at widths and numbers of samples around those of registers, warps and tiles,
/// one layer to five, one class and one sample.
/// </summary>
[Collection(OneCudaDevice.Name)]
public sealed class CudaOperationsTests(CudaFixture fixture)
{
    // Both sides compute in double; they differ in the order of a few sums and in elementary functions.
    private const double DoublePrecision = 1e-12;

    // Relative to the largest entry: some ten roundings of 6e-8 on the way through five layers.
    private const double SinglePrecision = 4e-6;

    public static TheoryData<int[], Activation, Loss, int, Precision> Cases
    {
        get
        {
            TheoryData<int[], Activation, Loss, int, Precision> cases = [];
            foreach (Precision precision in new[] { Precision.Float32, Precision.Float64 })
            {
                cases.Add([5, 4], Activation.Relu, Loss.CrossEntropy, 17, precision);
                cases.Add([1, 16, 1], Activation.Sigmoid, Loss.Logistic, 33, precision);
                cases.Add([15, 2, 3], Activation.Tanh, Loss.CrossEntropy, 16, precision);
                cases.Add([2, 1, 17, 1], Activation.Gelu, Loss.CrossEntropy, 1, precision);
                cases.Add([3, 2, 4, 3, 1, 2], Activation.Silu, Loss.Mse, 2, precision);
                cases.Add([2, 3, 2], Activation.Softplus, Loss.HalfSquaredError, 257, precision);
                cases.Add([257, 1], Activation.Identity, Loss.Logistic, 15, precision);
            }

            return cases;
        }
    }

    [CudaTheory]
    [MemberData(nameof(Cases))]
    public void Operations_give_what_the_reference_gives(
        int[] widths,
        Activation activation,
        Loss loss,
        int samples,
        Precision precision
    )
    {
        bool[] bias = [true, false, true, true, true];
        Points points = Points(widths, bias[..(widths.Length - 1)], activation, loss, samples, precision);
        using ReferenceBackend reference = new();
        CudaBackend cuda = fixture.Backend;
        int r = points.Replicas;
        int n = points.Samples;
        int p = points.Network.ParameterCount;
        int c = points.Network.OutputWidth;
        int least = Math.Min(n, p);
        Same(r, (it, result) => it.Loss(points, result));
        Same(r * n * c, (it, result) => it.Logits(points, result));
        Same(r * p, (it, result) => it.Gradient(points, result));
        Same(r * n * p, (it, result) => it.PerSampleGradients(points, result));
        Same(r * n, (it, result) => it.PerSampleGradientNorms(points, result));
        Same(r * n * n, (it, result) => it.Gram(points, result));
        Same(r * p, (it, result) => it.SecondMomentDiagonal(points, result));
        double[] own = Enumerable.Range(0, r * 3 * p).Select(i => Math.Sin((i + 2.0) * i)).ToArray();
        Same(r * 3 * p, (it, result) => it.HessianVectorProducts(points, own, result));
        Same(r * 3 * p, (it, result) => it.HessianVectorProducts(points, own.AsSpan(0, 3 * p), result));
        Same(r * 3 * p, (it, result) => it.GgnVectorProducts(points, own, result));
        Same(r * p * p, (it, result) => it.Hessian(points, result));
        Same(r * p * p, (it, result) => it.Ggn(points, result));
        Same(r * p, (it, result) => it.HessianDiagonal(points, result));
        Same(r, (it, result) => it.FrobeniusNorm(points, result));
        Same(r * p, (it, result) => it.HessianSpectrum(points, result));
        Same(r * p, (it, result) => it.GgnSpectrum(points, result));
        Same(r * p, (it, result) => it.LayerSpectra(points, result));
        Same(r * p, (it, result) => it.ResidualSpectrum(points, result));
        Same(r * least, (it, result) => it.SecondMomentSpectrum(points, result));
        Same(r * least, (it, result) => it.GradientCovarianceSpectrum(points, result));
        Same(r, (it, result) => it.CovarianceCurvatureTrace(points, result));
        Same(r * n * 3, (it, result) => it.PerSampleGradientProjections(points, own, result));
        Same(r * n * 3, (it, result) => it.PerSampleGradientProjections(points, own.AsSpan(0, 3 * p), result));
        Same(r * 2, (it, result) => Extremes(it, points, 1, result));
        Same(r * least, (it, result) => FirstOfRows(1 + p, result, it.SecondMomentEigenpairs, points, least));
        Same(r * 4, (it, result) => Moments(it, points, result));

        void Same(int length, Action<IBackend, double[]> operation)
        {
            double[] expected = new double[length];
            double[] found = new double[length];
            operation(reference, expected);
            operation(cuda, found);
            double scale = Math.Max(1e-3, expected.Max(Math.Abs));
            double tolerance = precision == Precision.Float64 ? DoublePrecision : SinglePrecision;
            for (int i = 0; i < length; i++)
            {
                found[i].ShouldBe(expected[i], tolerance * scale, operation.Method.Name);
            }
        }
    }

    [CudaTheory]
    [InlineData(Precision.Float64)]
    [InlineData(Precision.Float32)]
    public void Eigenpairs_beyond_the_dense_limit_are_those_of_the_reference(Precision precision)
    {
        Points points = Points([30, 17, 8, 3], [true, true, true], Activation.Tanh, Loss.CrossEntropy, 20, precision);
        int p = points.Network.ParameterCount;
        p.ShouldBeGreaterThan(EigenpairRequest.ExactUpTo);
        using ReferenceBackend reference = new();
        double[] expected = new double[points.Replicas * 4];
        double[] found = new double[expected.Length];
        Extremes(reference, points, 2, expected);
        double[] rows = Extremes(fixture.Backend, points, 2, found);
        // Of symmetric matrices an eigenvalue is off by the square of its vector's error; rounding of the products remains.
        double tolerance = precision == Precision.Float64 ? DoublePrecision : SinglePrecision;
        for (int i = 0; i < found.Length; i++)
        {
            found[i].ShouldBe(expected[i], tolerance * expected.Max(Math.Abs));
            rows[(i * (4 + p)) + 3].ShouldBe(1, "converged");
            rows.AsSpan((i * (4 + p)) + 4, p).ToArray().Sum(x => x * x).ShouldBe(1, 1e-12);
        }
    }

    // Room for one replica, and for two matrices of order p or two bases beyond it.
    [CudaTheory]
    [InlineData(1L, 20)]
    [InlineData(2L * 8 * 60 * (60 + 2), 20)]
    [InlineData(1L, 70)]
    public void What_the_processor_holds_of_eigenpairs_comes_in_parts_with_the_same_bits(long bytes, int samples)
    {
        using CudaBackend parts = new(LibraryUse.None, null, 1, null, bytes);
        Points points = Points(
            [4, 6, 4],
            [true, false],
            Activation.Tanh,
            Loss.CrossEntropy,
            samples,
            Precision.Float64
        );
        int p = points.Network.ParameterCount;
        foreach (EigenpairMethod method in new[] { EigenpairMethod.Exact, EigenpairMethod.Lanczos })
        {
            EigenpairRequest request = CudaFailureTests.Request(points.Replicas, method);
            double[] expected = new double[points.Replicas * request.Count * (EigenpairRequest.Heading + p)];
            double[] found = new double[expected.Length];
            fixture.Backend.HessianEigenpairs(points, request, expected);
            parts.HessianEigenpairs(points, request, found);
            found.ShouldBe(expected, $"{method}");
        }

        double[] whole = new double[points.Replicas * 3 * (1 + p)];
        double[] some = new double[whole.Length];
        fixture.Backend.SecondMomentEigenpairs(points, 3, whole);
        parts.SecondMomentEigenpairs(points, 3, some);
        some.ShouldBe(whole);
    }

    [CudaFact]
    public void The_hessian_is_symmetric_and_replicas_together_give_the_bits_of_each_alone()
    {
        Points points = Points(
            [2, 3, 2],
            [true, true],
            Activation.Softplus,
            Loss.HalfSquaredError,
            40,
            Precision.Float64
        );
        int p = points.Network.ParameterCount;
        double[] all = new double[points.Replicas * p * p];
        fixture.Backend.Hessian(points, all);
        double[] spectra = new double[points.Replicas * p];
        fixture.Backend.HessianSpectrum(points, spectra);
        for (int replica = 0; replica < points.Replicas; replica++)
        {
            Points alone = RandomProblems.Alone(points, replica);
            double[] own = new double[p * p];
            fixture.Backend.Hessian(alone, own);
            own.ShouldBe(all[(replica * p * p)..((replica + 1) * p * p)]);
            double[] spectrum = new double[p];
            fixture.Backend.HessianSpectrum(alone, spectrum);
            spectrum.ShouldBe(spectra[(replica * p)..((replica + 1) * p)]);
            for (int i = 0; i < p; i++)
            {
                for (int j = 0; j < i; j++)
                {
                    own[(i * p) + j].ShouldBe(own[(j * p) + i]);
                }
            }
        }
    }

    [CudaFact]
    public void A_diverged_replica_is_NaN_and_leaves_the_others_untouched()
    {
        Points calm = Points(
            [2, 3, 2],
            [true, true],
            Activation.Softplus,
            Loss.HalfSquaredError,
            40,
            Precision.Float64
        );
        int p = calm.Network.ParameterCount;
        double[] parameters = calm.Parameters.ToArray();
        parameters[p + 3] = double.NaN;
        Points wild = new(calm.Network, parameters, calm.Data, Precision.Float64);
        double[] expected = new double[calm.Replicas * p];
        double[] found = new double[calm.Replicas * p];
        fixture.Backend.HessianSpectrum(calm, expected);
        fixture.Backend.HessianSpectrum(wild, found);
        found[..p].ShouldBe(expected[..p]);
        found[p..(2 * p)].ShouldAllBe(x => double.IsNaN(x));
        found[(2 * p)..].ShouldBe(expected[(2 * p)..]);
    }

    // The largest and the smallest eigenvalues, `each` of both; the rows that they begin.
    private static double[] Extremes(IBackend backend, Points points, int each, double[] eigenvalues)
    {
        EigenpairRequest request = new()
        {
            Largest = each,
            Smallest = each,
            Tolerance = points.Precision == Precision.Float64 ? 1e-9 : 1e-5,
            Seed = 3,
            Step = 0,
            ReplicaNumbers = [.. Enumerable.Range(5, points.Replicas)],
        };
        return FirstOfRows(
            4 + points.Network.ParameterCount,
            eigenvalues,
            (it, _, rows) => backend.HessianEigenpairs(it, request, rows),
            points,
            2 * each
        );
    }

    private delegate void PairsOf(Points points, int count, Span<double> rows);

    private static double[] FirstOfRows(int length, double[] firsts, PairsOf operation, Points points, int count)
    {
        double[] rows = new double[firsts.Length * length];
        operation(points, count, rows);
        for (int i = 0; i < firsts.Length; i++)
        {
            firsts[i] = rows[i * length];
        }

        return rows;
    }

    // sum w theta and sum w theta^2 of two probes: v^T H v and ||H v||^2.
    private static void Moments(IBackend backend, Points points, double[] moments)
    {
        const int iterations = 5;
        QuadratureRequest request = new()
        {
            Probes = 2,
            Iterations = iterations,
            Seed = 3,
            Step = 0,
            ReplicaNumbers = [.. Enumerable.Range(5, points.Replicas)],
        };
        double[] rules = new double[points.Replicas * 4 * iterations];
        backend.LanczosQuadrature(points, request, rules);
        for (int i = 0; i < moments.Length; i++)
        {
            (int replica, int probe, int power) = (i / 4, i / 2 % 2, 1 + (i % 2));
            int at = (replica * 4 * iterations) + (probe * iterations);
            moments[i] = Enumerable
                .Range(at, iterations)
                .Sum(node => rules[node + (2 * iterations)] * Math.Pow(rules[node], power));
        }
    }

    private static Points Points(
        int[] widths,
        bool[] bias,
        Activation activation,
        Loss loss,
        int samples,
        Precision precision
    )
    {
        const int replicas = 3;
        Points wide = RandomProblems.Make(widths, bias, activation, loss, samples, replicas, 11, ownData: samples < 20);

        // What single precision can hold, so that both sides start from the same numbers.
        double[] parameters = Array.ConvertAll(wide.Parameters.ToArray(), x => (double)(float)x);
        double[] inputs = Array.ConvertAll(wide.Data.Inputs, x => (double)(float)x);
        double[]? targets = wide.Data.Targets is null
            ? null
            : Array.ConvertAll(wide.Data.Targets, x => (double)(float)x);
        Hesse.Data.DataSet data = new(
            samples,
            wide.Data.Dimension,
            wide.Data.Outputs,
            wide.Data.Sets,
            inputs,
            wide.Data.Labels,
            targets
        );
        return new Points(wide.Network, parameters, data, precision);
    }
}
