using System.Numerics.Tensors;
using Hesse.Backends.Stepwise;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Optimizers;

/// <summary>
/// d theta / dt = -grad f of the full training loss, one tick of time an update. rk4: the classic method of order 4 with inner steps
/// h = min(safety / lambda_1, what is left of the tick), lambda_1 the largest eigenvalue of the Hessian at the start and after every tenth inner step; stable for safety &lt; 2.785. adaptive: <see cref="DormandPrince"/>. central: as rk4, each inner step ended by <see cref="CentralFlow"/>. theta is kept in double between ticks, gradients are those of
/// the training precision. A replica whose flow leaves the numbers becomes NaN. The form of J. Cohen et al., arXiv 2103.00065.
/// </summary>
internal sealed class GradientFlow : IStepwiseRule
{
    // Sharpness moves slowly on the scale of its own inverse; ten inner steps are a factor 2.8 away from instability.
    private const int StepsPerSharpness = 10;

    // The inner step need not be known better.
    private const double SharpnessTolerance = 1e-3;

    private readonly StepwiseReplicas _replicas;
    private readonly GradientFlowSpec _spec;
    private readonly double[] _theta; // (R,P)
    private readonly double[] _stage; // (R,P)
    private readonly double[][] _slopes; // [stage] (R,P) gradients
    private readonly double[] _rest; // (R) time left of the tick
    private readonly double[] _steps; // (R) inner step
    private readonly bool _adaptive;
    private readonly FlowEigenpairs? _eigenpairs; // of rk4
    private readonly CentralFlow? _central; // of central
    private readonly double[] _sharpness; // (R) lambda_1
    private readonly int[] _taken; // (R) inner steps since it was computed

    public GradientFlow(StepwiseReplicas replicas, GradientFlowSpec spec)
    {
        _replicas = replicas;
        _spec = spec;
        _theta = replicas.Parameters.ToArray();
        _stage = new double[_theta.Length];
        _adaptive = spec.Method == FlowMethod.Adaptive;
        _slopes = [.. Enumerable.Range(0, _adaptive ? DormandPrince.Stages : 4).Select(_ => new double[_theta.Length])];
        _rest = new double[replicas.Count];
        _sharpness = new double[replicas.Count];
        _taken = new int[replicas.Count];
        _steps = new double[replicas.Count];
        Array.Fill(_steps, spec.Tick.At(0));
        _eigenpairs = spec.Method == FlowMethod.Rk4 ? new FlowEigenpairs(replicas, SharpnessTolerance) : null;
        _central = spec.Method == FlowMethod.Central ? new CentralFlow(replicas, spec) : null;
    }

    // Of central: diag Sigma.
    public int StateCount => _central is null ? 0 : 1;

    public void CopyState(Span<double> state) => (_central is null ? [] : _central.Variances).CopyTo(state);

    public void Transfer(int replica, int step, StateTransfer transfer)
    {
        int p = _replicas.ParameterCount;
        transfer.Numbers(_theta.AsSpan(replica * p, p));
        transfer.Number(ref _steps[replica]);
        transfer.Number(ref _sharpness[replica]);
        transfer.Number(ref _taken[replica]);
        _central?.Transfer(replica, transfer);
    }

    public void Update(StepwiseReplicas replicas)
    {
        Array.Fill(_rest, _spec.Tick.At(replicas.Step));
        if (_adaptive)
        {
            Embedded();
        }
        else
        {
            Classic();
        }

        _theta.CopyTo(replicas.Parameters);
        replicas.FinishUpdate();
        if (replicas.Problem.Optimizer.RescaleWeights)
        {
            replicas.Parameters.CopyTo(_theta);
        }
    }

    public void Dispose() { }

    private void Classic()
    {
        double safety = _spec.Safety.At(_replicas.Step);
        _central?.Begin();
        while (_rest.Any(rest => rest > 0))
        {
            RefreshSharpness();
            for (int replica = 0; replica < _rest.Length; replica++)
            {
                double largest = _sharpness[replica];
                _steps[replica] = largest > 0 ? Math.Min(safety / largest, _rest[replica]) : _rest[replica];
                _taken[replica] += _rest[replica] > 0 ? 1 : 0;
            }

            Slopes(_theta, 0);
            Stage([0.5]);
            Slopes(_stage, 1);
            Stage([0, 0.5]);
            Slopes(_stage, 2);
            Stage([0, 0, 1]);
            Slopes(_stage, 3);
            Stage([1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6]);
            _central?.Hold(_theta, _stage, _steps);
            _stage.CopyTo(_theta, 0);
            for (int replica = 0; replica < _rest.Length; replica++)
            {
                // x - x is 0, so the last step ends the tick.
                _rest[replica] -= _steps[replica];
            }
        }
    }

    private void Embedded()
    {
        double tolerance = _spec.Tolerance.At(_replicas.Step);
        double shortest = 1e-12 * _spec.Tick.At(_replicas.Step);
        double[] proposed = [.. _steps];
        Slopes(_theta, 0);
        while (_rest.Any(rest => rest > 0))
        {
            for (int replica = 0; replica < _rest.Length; replica++)
            {
                _steps[replica] = Math.Min(proposed[replica], _rest[replica]);
            }

            for (int stage = 1; stage < DormandPrince.Stages; stage++)
            {
                Stage(DormandPrince.Weights(stage));
                Slopes(_stage, stage);
            }

            // The last stage was taken at the new point.
            for (int replica = 0; replica < _rest.Length; replica++)
            {
                if (_rest[replica] > 0)
                {
                    proposed[replica] = Judge(replica, proposed[replica], tolerance, shortest);
                }
            }
        }

        proposed.CopyTo(_steps, 0);
    }

    /// <summary>Takes or refuses the step of a replica, and says how long the next may be.</summary>
    private double Judge(int replica, double proposed, double tolerance, double shortest)
    {
        int p = _replicas.ParameterCount;
        Span<double> theta = _theta.AsSpan(replica * p, p);
        ReadOnlySpan<double> next = _stage.AsSpan(replica * p, p);
        double taken = _steps[replica];
        double error = DormandPrince.Error(_slopes, replica * p, theta, next, taken, tolerance);
        double factor = DormandPrince.Factor(error);
        if (error <= 1)
        {
            next.CopyTo(theta);
            _slopes[^1].AsSpan(replica * p, p).CopyTo(_slopes[0].AsSpan(replica * p, p));
            _rest[replica] -= taken;
            // A step that the end of the tick cut short says nothing against a longer one.
            return taken < proposed ? Math.Max(proposed, taken * factor) : taken * factor;
        }

        if (taken * factor < shortest)
        {
            // No step is short enough: the flow ends here.
            theta.Fill(double.NaN);
            _rest[replica] = 0;
            return shortest;
        }

        return taken * factor;
    }

    /// <summary>Gradients at points, into the slopes of a stage.</summary>
    private void Slopes(double[] points, int stage) =>
        _replicas.Backend.Gradient(_replicas.At(points, _replicas.Training), _slopes[stage]);

    /// <summary>stage = theta - h sum_j weights_j slopes_j, j ascending.</summary>
    private void Stage(double[] weights)
    {
        int p = _replicas.ParameterCount;
        _replicas.Backend.Split(
            _replicas.Count,
            (_, replica) =>
            {
                Span<double> stage = _stage.AsSpan(replica * p, p);
                _theta.AsSpan(replica * p, p).CopyTo(stage);
                for (int j = 0; j < weights.Length; j++)
                {
                    if (weights[j] != 0)
                    {
                        double share = -_steps[replica] * weights[j];
                        TensorPrimitives.FusedMultiplyAdd(_slopes[j].AsSpan(replica * p, p), share, stage, stage);
                    }
                }
            }
        );
    }

    /// <summary>
    /// lambda_1 of the replicas whose is at the start or ten inner steps old; 0 of one that has left the numbers, whose ticks then take one step.
    /// </summary>
    private void RefreshSharpness()
    {
        int[] due = [.. Enumerable.Range(0, _replicas.Count).Where(IsDue)];
        if (_central is not null)
        {
            _central.Refresh(_theta, due, _sharpness);
            return;
        }

        _eigenpairs?.Find(_theta, due, 1, (replica, pair) => _sharpness[replica] = pair.IsEmpty ? 0 : pair[0]);
    }

    private bool IsDue(int replica) =>
        _rest[replica] > 0
        && (_taken[replica] % StepsPerSharpness == 0 || _central?.IsNear(_sharpness[replica]) == true);
}
