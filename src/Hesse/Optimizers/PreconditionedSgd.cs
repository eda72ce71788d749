using Hesse.Backends;
using Hesse.Backends.Stepwise;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Optimizers;

/// <summary>
/// theta &lt;- theta - eta g / (d + epsilon), element-wise, g of the mini-batch. v_0 = s_0, v &lt;- decay v + (1 - decay) s with
/// from gradient: s = g^2, d = sqrt v; second-moment: s = diag M over all training samples, d = sqrt v; hessian-diagonal: s = |diag H| of the training loss, d = v.
/// The diagonal preconditioner A of arXiv 1907.10732 is diag(1 / (d + epsilon)); its form is not given there.
/// </summary>
internal sealed class PreconditionedSgd : IStepwiseRule
{
    private readonly PreconditionedSgdSpec _spec;
    private readonly int _length; // P
    private readonly double[] _gradient; // (R,P)
    private readonly double[] _source; // (R,P) s
    private readonly double[] _mean; // (R,P) v

    public PreconditionedSgd(StepwiseReplicas replicas, PreconditionedSgdSpec spec)
    {
        _spec = spec;
        _length = replicas.ParameterCount;
        _gradient = new double[replicas.Parameters.Length];
        _source = new double[replicas.Parameters.Length];
        _mean = new double[replicas.Parameters.Length];
    }

    // v
    public int StateCount => 1;

    public void CopyState(Span<double> state) => _mean.CopyTo(state);

    public void Transfer(int replica, int step, StateTransfer transfer) =>
        transfer.Numbers(_mean.AsSpan(replica * _length, _length));

    public void Update(StepwiseReplicas replicas)
    {
        replicas.Backend.Gradient(replicas.At(replicas.Parameters, replicas.MiniBatch), _gradient);
        FillSource(replicas);
        int step = replicas.Step;
        double eta = _spec.StepSize.At(step);
        double epsilon = _spec.Epsilon.At(step);
        double decay = step == 0 ? 0 : _spec.Decay.At(step);
        bool root = _spec.From != PreconditionerSource.HessianDiagonal;
        Span<double> theta = replicas.Parameters.Span;
        for (int i = 0; i < theta.Length; i++)
        {
            _mean[i] = (decay * _mean[i]) + ((1 - decay) * _source[i]);
            double scale = root ? Math.Sqrt(_mean[i]) : _mean[i];
            theta[i] -= eta * _gradient[i] / (scale + epsilon);
        }

        replicas.FinishUpdate();
    }

    public void Dispose() { }

    private void FillSource(StepwiseReplicas replicas)
    {
        Points whole = replicas.At(replicas.Parameters, replicas.Training);
        switch (_spec.From)
        {
            case PreconditionerSource.SecondMoment:
                replicas.Backend.SecondMomentDiagonal(whole, _source);
                break;
            case PreconditionerSource.HessianDiagonal:
                replicas.Backend.HessianDiagonal(whole, _source);
                foreach (ref double value in _source.AsSpan())
                {
                    value = Math.Abs(value);
                }

                break;
            default:
                for (int i = 0; i < _source.Length; i++)
                {
                    _source[i] = _gradient[i] * _gradient[i];
                }

                break;
        }
    }
}
