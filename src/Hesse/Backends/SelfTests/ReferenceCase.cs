using Hesse.Data;
using Hesse.Networks;

namespace Hesse.Backends.SelfTests;

/// <summary>A net at one point with its samples, and what is known about it. Numbers computed in float64 with PyTorch.</summary>
internal sealed class ReferenceCase
{
    public required string Name { get; init; }

    public required Network Network { get; init; }

    public required double[] Parameters { get; init; }

    public required DataSet Data { get; init; }

    public double Loss { get; init; }

    /// <summary>Eigenvalues of the Hessian, the largest ones, descending.</summary>
    public double[] Largest { get; init; } = [];

    public double? Smallest { get; init; }

    public double Trace { get; init; }

    public double? Frobenius { get; init; }

    public double? SquaredGradientNorm { get; init; }

    /// <summary>Sum and norm of the row sums of H: H 1.</summary>
    public double? SumOfRowSums { get; init; }

    public double? NormOfRowSums { get; init; }

    public double? LargestGgn { get; init; }

    public double? GgnTrace { get; init; }

    /// <summary>Of M = (1/N) sum g_n g_n^T.</summary>
    public double? SecondMomentTrace { get; init; }

    public double? LargestSecondMoment { get; init; }

    /// <summary>Of the unbiased covariance, with 1/(N-1).</summary>
    public double? UnbiasedCovarianceTrace { get; init; }

    public double? LargestUnbiasedCovariance { get; init; }

    public Points At(Precision precision = Precision.Float64) => new(Network, Parameters, Data, precision);

    public override string ToString() => Name;
}
