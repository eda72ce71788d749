using Hesse.Networks;

namespace Hesse.Observables;

/// <summary>distance-from-initialization: ||theta_t - theta_0||.</summary>
internal sealed class DistanceFromInitialization : IQuantity
{
    public string Name => "distance-from-initialization";

    public bool NeedsParameters => true;

    public bool NeedsInitialParameters => true;

    public IReadOnlyList<long> ElementShape(Network network, int samples) => [];

    public void Evaluate(Snapshot snapshot, Span<double> values)
    {
        if (snapshot.InitialParameters.Length == 0)
        {
            throw new HesseException(ExitCode.Usage, $"{Name} needs the initial parameters; give --initial-params");
        }

        int p = snapshot.Network.ParameterCount;
        for (int r = 0; r < snapshot.Replicas; r++)
        {
            ReadOnlySpan<double> now = snapshot.Parameters.Span.Slice(r * p, p);
            ReadOnlySpan<double> start = snapshot.InitialParameters.Span.Slice(r * p, p);
            double squares = 0;
            for (int i = 0; i < p; i++)
            {
                double step = now[i] - start[i];
                squares = Math.FusedMultiplyAdd(step, step, squares);
            }

            values[r] = Math.Sqrt(squares);
        }
    }
}
