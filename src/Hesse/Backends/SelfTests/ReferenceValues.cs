namespace Hesse.Backends.SelfTests;

/// <summary>Values of small nets and trainings that were computed elsewhere (PyTorch, float64), printed with 12 to 15 digits.</summary>
internal static class ReferenceValues
{
    // Rounding of the last printed digit.
    private const double Tolerance = 1e-10;

    public static IEnumerable<SelfTestResult> Results(IBackend backend)
    {
        foreach (ReferenceCase it in ReferenceCases.All)
        {
            (double[] found, double[] expected) = Curvature(backend, it);
            yield return Compare(it.Name, found, expected);
        }

        foreach (ReferenceTrajectory it in ReferenceTrajectories.All)
        {
            (double[] found, double[] expected) = Training(backend, it);
            yield return Compare($"200 updates of {it.Name}", found, expected);
        }
    }

    private static SelfTestResult Compare(string name, double[] found, double[] expected) =>
        new(
            "reference values",
            name,
            // Number by number, each against its own size.
            Enumerable.Range(0, expected.Length).Max(i => SelfTest.Error([found[i]], [expected[i]], floor: 1e-2)),
            Tolerance
        );

    private static (double[] Found, double[] Expected) Curvature(IBackend backend, ReferenceCase it)
    {
        Points points = it.At();
        int p = it.Parameters.Length;
        int n = it.Data.Samples;
        int rank = Math.Min(n, p);
        double unbiased = n / (n - 1.0);
        double[] spectrum = ClosedForms.Answer(p, results => backend.HessianSpectrum(points, results));
        double[] ggn = ClosedForms.Answer(p, results => backend.GgnSpectrum(points, results));
        double[] moment = ClosedForms.Answer(rank, results => backend.SecondMomentSpectrum(points, results));
        double[] covariance = ClosedForms.Answer(rank, results => backend.GradientCovarianceSpectrum(points, results));
        double[] ones = [.. Enumerable.Repeat(1.0, p)];
        double[] product = ClosedForms.Answer(p, results => backend.HessianVectorProducts(points, ones, results));
        List<(double Found, double? Expected)> pairs =
        [
            (ClosedForms.Answer(1, results => backend.Loss(points, results))[0], it.Loss),
            (
                ClosedForms.Answer(p, results => backend.Gradient(points, results)).Sum(g => g * g),
                it.SquaredGradientNorm
            ),
            (spectrum[0], it.Smallest),
            (spectrum.Sum(), it.Trace),
            (ClosedForms.Answer(p, results => backend.HessianDiagonal(points, results)).Sum(), it.Trace),
            (ClosedForms.Answer(1, results => backend.FrobeniusNorm(points, results))[0], it.Frobenius),
            (product.Sum(), it.SumOfRowSums),
            (Math.Sqrt(product.Sum(x => x * x)), it.NormOfRowSums),
            (ggn[^1], it.LargestGgn),
            (ggn.Sum(), it.GgnTrace),
            (moment.Sum(), it.SecondMomentTrace),
            (moment[^1], it.LargestSecondMoment),
            (covariance.Sum() * unbiased, it.UnbiasedCovarianceTrace),
            (covariance[^1] * unbiased, it.LargestUnbiasedCovariance),
        ];
        pairs.AddRange(it.Largest.Select((value, k) => (spectrum[^(k + 1)], (double?)value)));
        pairs.RemoveAll(pair => pair.Expected is null);
        return ([.. pairs.Select(pair => pair.Found)], [.. pairs.Select(pair => pair.Expected!.Value)]);
    }

    private static (double[] Found, double[] Expected) Training(IBackend backend, ReferenceTrajectory it)
    {
        using IReplicas replicas = backend.CreateReplicas(
            ReferenceTrajectories.Problem(it.Order, it.Optimizer),
            first: 0,
            count: 1
        );
        List<double> found = [];
        foreach (int step in ReferenceTrajectories.Steps)
        {
            replicas.Advance(step - replicas.Step);
            found.AddRange(
                ClosedForms.Answer(1, loss => replicas.LossAndAccuracy(ReferenceTrajectories.Data, loss, []))
            );
        }

        double[] parameters = ClosedForms.Answer(
            ReferenceTrajectories.Network.ParameterCount,
            results => replicas.CopyParameters(results)
        );
        return (
            [.. found, parameters.Sum(), parameters.Sum(theta => theta * theta)],
            [.. it.Losses, it.Sum, it.SquaredNorm]
        );
    }
}
