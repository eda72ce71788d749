using Hesse.Backends;
using Hesse.Backends.Stepwise;
using Hesse.Optimizers;
using Hesse.Specs;

namespace Hesse.Observables;

/// <summary>
/// An optimizer as theta - (d + A g) with a diagonal A, and what it divides by, from the state of a snapshot's replicas: of an
/// <see cref="UpdateRule"/> that makes the updates alone, or of preconditioned-sgd.
/// </summary>
internal sealed class OptimizerForms
{
    private readonly Snapshot _snapshot;
    private readonly UpdateRule? _rule;
    private readonly PreconditionedSgdSpec? _preconditioned;
    private readonly double[] _state; // of one parameter

    private OptimizerForms(Snapshot snapshot)
    {
        _snapshot = snapshot;
        _rule = RuleOf(snapshot.Problem!);
        _preconditioned = PreconditionedOf(snapshot.Problem!);
        _state = new double[_rule?.StateCount ?? 1];
    }

    /// <summary>Whether the optimizer divides by a root of second moments, or by another diagonal.</summary>
    public static bool HasPreconditioner(TrainingProblem problem) =>
        PreconditionedOf(problem) is not null
        || (RuleOf(problem) is { } rule && rule.Preconditioner(1, new double[rule.StateCount]) is not null);

    /// <summary>The diagonal P by which the last update divided. (R,P)</summary>
    /// <param name="snapshot">At step 1 or later.</param>
    public static double[] Preconditioners(Snapshot snapshot)
    {
        OptimizerForms forms = new(snapshot);
        double[] diagonal = new double[snapshot.Parameters.Length];
        for (int i = 0; i < diagonal.Length; i++)
        {
            diagonal[i] = forms._rule is { } rule
                ? rule.Preconditioner(snapshot.Step, forms.State(i))!.Value
                : forms.Divisor(snapshot.Step - 1, forms.State(i)[0]);
        }

        return diagonal;
    }

    /// <summary>Whether the next update is of this form.</summary>
    public static bool IsAffine(TrainingProblem problem) =>
        !problem.Optimizer.RescaleWeights
        && (
            PreconditionedOf(problem) is not null
            || (RuleOf(problem) is { } rule && rule.Affine(0, 0, new double[rule.StateCount], 0, 1) is not null)
        );

    /// <summary>d and the diagonal of A of the update that follows the snapshot.</summary>
    /// <param name="snapshot">The replicas.</param>
    /// <param name="mean">Expected mini-batch gradient. (R,P)</param>
    /// <param name="variances">Variances of its entries; empty where it is not random. (R,P)</param>
    /// <param name="drift">(R,P)</param>
    /// <param name="scale">(R,P)</param>
    public static void Affine(
        Snapshot snapshot,
        ReadOnlySpan<double> mean,
        ReadOnlySpan<double> variances,
        Span<double> drift,
        Span<double> scale
    )
    {
        OptimizerForms forms = new(snapshot);
        double[] source = forms._preconditioned is null ? [] : forms.Source(mean, variances);
        for (int i = 0; i < mean.Length; i++)
        {
            double variance = variances.IsEmpty ? 0 : variances[i];
            AffineUpdate update = forms._rule is { } rule
                ? rule.Affine(snapshot.Step, snapshot.Parameters.Span[i], forms.State(i), mean[i], variance)!.Value
                : new AffineUpdate(0, forms.Scale(forms.State(i)[0], source[i]));
            drift[i] = update.Drift;
            scale[i] = update.Scale;
        }
    }

    private static UpdateRule? RuleOf(TrainingProblem problem) =>
        StepwiseRules.Of(problem) is null ? UpdateRule.Create(problem.Optimizer) : null;

    private static PreconditionedSgdSpec? PreconditionedOf(TrainingProblem problem) =>
        problem.Workers is null ? problem.Optimizer as PreconditionedSgdSpec : null;

    // The numbers of element i of (R,P); good until the next call.
    private ReadOnlySpan<double> State(int i)
    {
        int p = _snapshot.Network.ParameterCount;
        for (int k = 0; k < _state.Length; k++)
        {
            _state[k] = _snapshot.OptimizerState.Span[(((i / p * _state.Length) + k) * p) + (i % p)];
        }

        return _state;
    }

    // s of preconditioned-sgd at theta, with the expected square of the mini-batch gradient in the place of its square. (R,P)
    private double[] Source(ReadOnlySpan<double> mean, ReadOnlySpan<double> variances)
    {
        double[] source = new double[mean.Length];
        switch (_preconditioned!.From)
        {
            case PreconditionerSource.SecondMoment:
                _snapshot.Backend.SecondMomentDiagonal(_snapshot.DoublePoints, source);
                break;
            case PreconditionerSource.HessianDiagonal:
                _snapshot.Backend.HessianDiagonal(_snapshot.DoublePoints, source);
                foreach (ref double value in source.AsSpan())
                {
                    value = Math.Abs(value);
                }

                break;
            default:
                for (int i = 0; i < source.Length; i++)
                {
                    source[i] = (mean[i] * mean[i]) + (variances.IsEmpty ? 0 : variances[i]);
                }

                break;
        }

        return source;
    }

    private double Scale(double v, double source)
    {
        int step = _snapshot.Step;
        double decay = step == 0 ? 0 : _preconditioned!.Decay.At(step);
        return _preconditioned!.StepSize.At(step) / Divisor(step, (decay * v) + ((1 - decay) * source));
    }

    private double Divisor(int step, double v) =>
        (_preconditioned!.From == PreconditionerSource.HessianDiagonal ? v : Math.Sqrt(v))
        + _preconditioned.Epsilon.At(step);
}
