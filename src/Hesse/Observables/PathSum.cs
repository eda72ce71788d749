using Hesse.Backends;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Observables;

/// <summary>
/// sum over the steps j = 0 .. t-1 of eta_j^2 x_j for each replica of a wave, where x_j is the value at the latest of a quantity's own times
/// that is not after j (before the first, the value at the first). Exact where every step is observed.
/// </summary>
/// <param name="wave">Replicas that are trained by sgd, whose step size is eta.</param>
internal sealed class PathSum(Wave wave)
{
    /// <summary>Numbers that are kept of a replica.</summary>
    public const int Space = 4;

    private readonly double[] _sums = new double[wave.Count];
    private readonly double[] _values = new double[wave.Count];
    private readonly int[] _steps = new int[wave.Count]; // the next that is not in the sum
    private readonly bool[] _begun = new bool[wave.Count];

    /// <summary>Names what is kept of a replica.</summary>
    /// <param name="r">Place in the wave.</param>
    /// <param name="transfer">Takes it or gives it back.</param>
    public void Transfer(int r, StateTransfer transfer)
    {
        transfer.Number(ref _sums[r]);
        transfer.Number(ref _values[r]);
        transfer.Number(ref _steps[r]);
        transfer.Number(ref _begun[r]);
    }

    /// <summary>Takes the value at a step, later than the last one given, and tells the sum up to there.</summary>
    /// <param name="r">Place of the replica in the wave.</param>
    /// <param name="step">The step.</param>
    /// <param name="value">x</param>
    public double At(int r, int step, double value)
    {
        Schedule stepSize = ((SgdSpec)wave.ProblemOf(r).Optimizer).StepSize;
        double x = _begun[r] ? _values[r] : value;
        _begun[r] = true;
        for (; _steps[r] < step; _steps[r]++)
        {
            double eta = stepSize.At(_steps[r]);
            _sums[r] += eta * eta * x;
        }

        _values[r] = value;
        return _sums[r];
    }
}
