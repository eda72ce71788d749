using Hesse.Backends.Cpu.Updates;
using Hesse.Backends.Stepwise;
using Hesse.Networks;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Optimizers;

/// <summary>
/// SGD-PH: m &lt;- mu m + g (first m = g), theta &lt;- theta - eta m, but for the biases of the K hidden layers that have any
/// theta &lt;- theta - eta tau (1 - beta^(floor(t / K) + 1)) m / (d + epsilon). Update t = 0, 1, ... visits hidden bias number t mod K:
/// d &lt;- beta d + (1 - beta) |H_bb 1| with its own block of the mini-batch's Hessian; d is 0 before the first visit. Without
/// hidden biases it is <see cref="Momentum"/>. Y. Sun, H. Yong, L. Zhang, SGD-PH (their code, where normalisation layers have such
/// parameters too).
/// </summary>
internal sealed class SgdPartialHessian : IStepwiseRule
{
    private readonly SgdPartialHessianSpec _spec;
    private readonly (int From, int To)[] _blocks; // (K) places of hidden biases
    private readonly double[] _gradient; // (R,P)
    private readonly double[] _momentum; // (R,P) m
    private readonly double[] _rowSums; // (R,P) d, used at hidden biases
    private readonly double[] _direction; // (1,P) ones on the block of the step
    private readonly double[] _product; // (R,1,P)

    public SgdPartialHessian(StepwiseReplicas replicas, SgdPartialHessianSpec spec)
    {
        _spec = spec;
        Network network = replicas.Problem.Network;
        _blocks =
        [
            .. Enumerable
                .Range(1, network.Layers - 1)
                .Where(network.HasBias)
                .Select(layer => (network.BiasOffset(layer), network.WeightOffset(layer + 1))),
        ];
        int length = replicas.Parameters.Length;
        _gradient = new double[length];
        _momentum = new double[length];
        _rowSums = new double[length];
        _direction = new double[replicas.ParameterCount];
        _product = new double[_blocks.Length == 0 ? 0 : length];
    }

    public void Transfer(int replica, int step, StateTransfer transfer)
    {
        int p = _direction.Length;
        transfer.Numbers(_momentum.AsSpan(replica * p, p));
        transfer.Numbers(_rowSums.AsSpan(replica * p, p));
    }

    public void Update(StepwiseReplicas replicas)
    {
        var points = replicas.At(replicas.Parameters, replicas.MiniBatch);
        replicas.Backend.Gradient(points, _gradient);
        if (_blocks.Length > 0)
        {
            (int from, int to) = _blocks[replicas.Step % _blocks.Length];
            _direction.AsSpan().Clear();
            _direction.AsSpan(from..to).Fill(1);
            replicas.Backend.HessianVectorProducts(points, _direction, _product);
        }

        for (int replica = 0; replica < replicas.Count; replica++)
        {
            Update(replica, replicas.Step, replicas.ParametersOf(replica));
        }

        replicas.FinishUpdate();
    }

    public void Dispose() { }

    private void Update(int replica, int step, Span<double> theta)
    {
        int p = theta.Length;
        Span<double> m = _momentum.AsSpan(replica * p, p);
        ReadOnlySpan<double> g = _gradient.AsSpan(replica * p, p);
        double eta = _spec.StepSize.At(step);
        double mu = _spec.Momentum.At(step);
        for (int i = 0; i < p; i++)
        {
            m[i] = (mu * m[i]) + g[i];
        }

        int next = 0;
        foreach ((int from, int to) in _blocks)
        {
            Plain(next, from, theta, m, eta);
            next = to;
        }

        Plain(next, p, theta, m, eta);
        SecondOrder(replica, step, theta, m, eta);
    }

    private static void Plain(int from, int to, Span<double> theta, ReadOnlySpan<double> m, double eta)
    {
        for (int i = from; i < to; i++)
        {
            theta[i] -= eta * m[i];
        }
    }

    private void SecondOrder(int replica, int step, Span<double> theta, ReadOnlySpan<double> m, double eta)
    {
        double beta = _spec.Beta.At(step);
        double epsilon = _spec.Epsilon.At(step);
        for (int block = 0; block < _blocks.Length; block++)
        {
            double weight = BiasCorrection.Weight(beta, (step / _blocks.Length) + 1);
            bool visited = step % _blocks.Length == block;
            for (int i = _blocks[block].From; i < _blocks[block].To; i++)
            {
                ref double d = ref _rowSums[(replica * theta.Length) + i];
                if (visited)
                {
                    d = (beta * d) + ((1 - beta) * Math.Abs(_product[(replica * theta.Length) + i]));
                }

                theta[i] -= eta * _spec.Scale.At(step) * weight * m[i] / (d + epsilon);
            }
        }
    }
}
