using Hesse.Backends;
using Hesse.Backends.Stepwise;
using Hesse.Optimizers;

namespace Hesse.Observables;

/// <summary>The state of a snapshot's replicas as <see cref="UpdateRule"/> reads it, parameter by parameter.</summary>
/// <param name="snapshot">The replicas.</param>
/// <param name="rule">Their update rule.</param>
internal sealed class OptimizerForms(Snapshot snapshot, UpdateRule rule)
{
    private readonly double[] _state = new double[rule.StateCount]; // of the parameter that was asked for last

    /// <summary>The numbers of a parameter; good until the next call. (StateCount)</summary>
    public ReadOnlySpan<double> State(int replica, int parameter)
    {
        int p = snapshot.Network.ParameterCount;
        for (int k = 0; k < _state.Length; k++)
        {
            _state[k] = snapshot.OptimizerState.Span[(((replica * _state.Length) + k) * p) + parameter];
        }

        return _state;
    }

    /// <summary>Whether the update rule alone makes the updates, from one gradient each.</summary>
    public static bool Alone(TrainingProblem problem) => StepwiseRules.Of(problem) is null;

    /// <summary>Refuses a training whose updates are not those of an update rule alone.</summary>
    /// <exception cref="HesseException">65</exception>
    public static void Require(string quantity, TrainingProblem problem)
    {
        if (!Alone(problem))
        {
            throw new HesseException(
                ExitCode.BadData,
                $"observe: {quantity} reads the state of a plain update rule; this training has other updates"
            );
        }
    }
}
