using Hesse.Backends.Stepwise;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Optimizers;

/// <summary>
/// theta &lt;- theta - eta g of the mini-batch, eta = scale ||mu||^2 / |tr(H M^(b))| with the gradient mu and the Hessian H of the training loss and
/// M^(b) = c C + mu mu^T, the second moment of mini-batch gradients: c = 1/B with replacement, (N - B)/((N - 1) B) without, 0 for full batches. To second order
/// E f(theta - eta g) = f - eta ||mu||^2 + (eta^2/2) tr(H M^(b)), least at scale 1 and below f up to scale 2. Where the trace is negative that
/// expression has no minimum, and its magnitude bounds the step; where it is 0 the step is.
/// X. Li, Q. Gu, Y. Zhou, T. Chen, A. Banerjee, Hessian based analysis of SGD for deep nets, arXiv 1907.10732.
/// </summary>
internal sealed class AdaptiveSgd : IStepwiseRule
{
    private readonly AdaptiveSgdSpec _spec;
    private readonly BatchIndices _indices;
    private readonly double[] _ratios; // (R) ||mu||^2 / |tr(H M)|
    private readonly double[] _gradient; // (R,P)
    private readonly double[] _product; // (R,1,P) H mu
    private readonly double[] _traces; // (R)

    public AdaptiveSgd(StepwiseReplicas replicas, AdaptiveSgdSpec spec)
    {
        _spec = spec;
        _indices = new BatchIndices(replicas.Problem.Seed, replicas.Training.Samples, replicas.Problem.Batch);
        _ratios = new double[replicas.Count];
        _traces = new double[replicas.Count];
        _gradient = new double[replicas.Parameters.Length];
        _product = new double[replicas.Parameters.Length];
    }

    public void Transfer(int replica, int step, StateTransfer transfer) => transfer.Number(ref _ratios[replica]);

    public void Update(StepwiseReplicas replicas)
    {
        if (replicas.Step % _spec.Refresh == 0)
        {
            Refresh(replicas);
        }

        replicas.Backend.Gradient(replicas.At(replicas.Parameters, replicas.MiniBatch), _gradient);
        double scale = _spec.StepSize.At(replicas.Step);
        int p = replicas.ParameterCount;
        for (int replica = 0; replica < replicas.Count; replica++)
        {
            Span<double> theta = replicas.ParametersOf(replica);
            ReadOnlySpan<double> g = _gradient.AsSpan(replica * p, p);
            double eta = scale * _ratios[replica];
            for (int i = 0; i < p; i++)
            {
                theta[i] -= eta * g[i];
            }
        }

        replicas.FinishUpdate();
    }

    public void Dispose() { }

    private void Refresh(StepwiseReplicas replicas)
    {
        var points = replicas.At(replicas.Parameters, replicas.Training);
        replicas.Backend.Gradient(points, _gradient);
        replicas.Backend.HessianVectorProducts(points, _gradient, _product);
        double share = ShareOfCovariance(replicas.Step);
        if (share > 0)
        {
            replicas.Backend.CovarianceCurvatureTrace(points, _traces);
        }

        int p = replicas.ParameterCount;
        for (int replica = 0; replica < replicas.Count; replica++)
        {
            ReadOnlySpan<double> mu = _gradient.AsSpan(replica * p, p);
            double along = Product(mu, _product.AsSpan(replica * p, p));
            double trace = Math.Abs((share * _traces[replica]) + along);
            _ratios[replica] = trace == 0 ? 0 : Product(mu, mu) / trace;
        }
    }

    // c of a batch of this step's size.
    private double ShareOfCovariance(int step)
    {
        double samples = _indices.Samples;
        double size = _indices.BatchSize(step);
        return _indices.Order switch
        {
            BatchOrder.Full => 0,
            BatchOrder.WithReplacement => 1 / size,
            _ => samples > 1 ? (samples - size) / ((samples - 1) * size) : 0,
        };
    }

    // One chain in ascending order: the same bits on every machine.
    private static double Product(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
        {
            sum += x[i] * y[i];
        }

        return sum;
    }
}
