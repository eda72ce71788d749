using System.Globalization;
using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Networks;
using Hesse.Optimizers;

namespace Hesse.Observables;

/// <summary>
/// preconditioned-sharpness: the largest eigenvalue of P^(-1/2) H P^(-1/2), which is that of P^(-1) H, with the diagonal P of
/// <see cref="UpdateRule.Preconditioner"/> after t updates; NaN at t = 0, where nothing was divided by yet. Parts residual,
/// iterations and converged as of sharpness. J. Cohen et al., arXiv 2207.14484: full-batch Adam hovers at
/// (2 + 2 beta1) / ((1 - beta1) eta).
/// </summary>
internal sealed class PreconditionedSharpness : IQuantity
{
    private double _tolerance = 1e-6;
    private EigenpairMethod _method;

    public string Name => "preconditioned-sharpness";

    public bool NeedsParameters => true;

    public bool NeedsOptimizerState => true;

    public bool ReadsRule => true;

    public string? NeedsTraining => "the state of an optimizer";

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [];

    public IReadOnlyList<QuantityPart> Parts(Network network, int samples) =>
        [new(null, []), new("residual", []), new("iterations", []), new("converged", [])];

    public long WorkSpace(Network network) => HessianEigenpairs.Space(network, 1) + network.ParameterCount;

    public IEnumerable<ThreadSpace> HeldByThread(Network network, int samples, Precision precision) =>
        ThreadSpace.OfEigenpairs(network, samples, 1, _method);

    public long HostSpace(Network network, int samples) => HessianEigenpairs.DeviceSpace(network, 1, _method);

    public IQuantity With(IReadOnlyDictionary<string, string> options) =>
        new PreconditionedSharpness
        {
            _tolerance = double.Parse(options["tolerance"], CultureInfo.InvariantCulture),
            _method = HessianEigenpairs.Method(options),
        };

    public void Check(TrainingProblem problem)
    {
        if (!OptimizerForms.HasPreconditioner(problem))
        {
            throw new HesseException(
                ExitCode.BadData,
                $"observe: {Name} needs an optimizer that divides by a diagonal: rmsprop, adam, adamw, adagrad, adapnm or preconditioned-sgd, without workers"
            );
        }
    }

    public void CheckTimes(IReadOnlyList<int> times)
    {
        if (times is [0])
        {
            throw new HesseException(
                ExitCode.BadData,
                $"{Name} has no value at step 0, before the first division; observe it later too"
            );
        }
    }

    public void Evaluate(Snapshot snapshot, Span<double> values)
    {
        if (snapshot.Step == 0)
        {
            values.Fill(double.NaN);
            return;
        }

        int p = snapshot.Network.ParameterCount;
        double[] diagonal = OptimizerForms.Preconditioners(snapshot);
        for (int i = 0; i < diagonal.Length; i++)
        {
            diagonal[i] = 1 / Math.Sqrt(diagonal[i]);
        }

        double[] pairs = HessianEigenpairs.Of(snapshot, 1, 0, _tolerance, diagonal, method: _method);
        for (int r = 0; r < snapshot.Replicas; r++)
        {
            pairs
                .AsSpan(r * (EigenpairRequest.Heading + p), EigenpairRequest.Heading)
                .CopyTo(values[(r * EigenpairRequest.Heading)..]);
        }
    }
}
