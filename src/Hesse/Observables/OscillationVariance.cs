using System.Numerics.Tensors;
using Hesse.Networks;
using Hesse.Optimizers;
using Hesse.Specs;

namespace Hesse.Observables;

/// <summary>
/// oscillation-variance: tr Sigma of <see cref="CentralFlow"/>, the variance of gradient descent's oscillation about the flow, its mean over the time
/// of the latest tick; 0 at t = 0. Sigma lies where H is 2/eta, so half of &lt;H, Sigma&gt; is tr Sigma / eta: part averaged-loss,
/// L(theta_t) + tr Sigma / eta, is what descent's loss is on average (J. Cohen et al., arXiv 2410.24206). NaN for any other training, so that
/// it may be observed in a sweep over both. (R)
/// </summary>
internal sealed class OscillationVariance : IQuantity
{
    public string Name => "oscillation-variance";

    public bool NeedsParameters => true;

    public bool NeedsOptimizerState => true;

    public bool ReadsRule => true;

    public string? NeedsTraining => "a central flow";

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [];

    public IReadOnlyList<QuantityPart> Parts(Network network, int samples) => [new(null, []), new("averaged-loss", [])];

    public void Evaluate(Snapshot snapshot, Span<double> values)
    {
        if (
            snapshot.Problem
            is not { Workers: null, Optimizer: GradientFlowSpec { Method: FlowMethod.Central, StepSize: { } stepSize } }
        )
        {
            values.Fill(double.NaN);
            return;
        }

        int p = snapshot.Network.ParameterCount;
        double[] loss = new double[snapshot.Replicas];
        snapshot.Backend.Loss(snapshot.DoublePoints, loss);
        double eta = stepSize.At(Math.Max(0, snapshot.Step - 1));
        for (int r = 0; r < snapshot.Replicas; r++)
        {
            double trace = TensorPrimitives.Sum(snapshot.OptimizerState.Span.Slice(r * p, p));
            values[2 * r] = trace;
            values[(2 * r) + 1] = loss[r] + (trace / eta);
        }
    }
}
