using Hesse.Backends;

namespace Hesse.Observables;

/// <summary>
/// Parameters and optimizer state of a wave at the step at which they were last read and, where a quantity looks at neighbouring
/// steps, at the one before.
/// </summary>
internal sealed class WavePoints
{
    private readonly IReplicas _replicas;

    /// <summary>Nothing is read yet.</summary>
    /// <param name="replicas">The wave.</param>
    /// <param name="parameters">P</param>
    /// <param name="wanted">What will be measured.</param>
    public WavePoints(IReplicas replicas, int parameters, IReadOnlyList<IQuantity> wanted)
    {
        _replicas = replicas;
        KeepsPrevious = wanted.Any(quantity => quantity.Neighbour != 0);
        long points = (long)replicas.Count * parameters;
        long states = wanted.Any(quantity => quantity.NeedsOptimizerState) ? points * replicas.StateCount : 0;
        Now = new WavePoint(new double[points], new double[states]);
        Previous = KeepsPrevious ? new WavePoint(new double[points], new double[states]) : Now;
    }

    /// <summary>Whether a quantity looks at neighbouring steps.</summary>
    public bool KeepsPrevious { get; }

    /// <summary>As last read.</summary>
    public WavePoint Now { get; private set; }

    /// <summary>As read before that.</summary>
    public WavePoint Previous { get; private set; }

    /// <summary>Reads the replicas as they are.</summary>
    public void Read()
    {
        if (KeepsPrevious && Now.Step != _replicas.Step)
        {
            (Now, Previous) = (Previous, Now);
        }

        Now.Step = _replicas.Step;
        _replicas.CopyParameters(Now.Parameters);
        if (Now.State.Length > 0)
        {
            _replicas.CopyState(Now.State);
        }
    }
}

/// <summary>A wave at a step.</summary>
/// <param name="Parameters">(R,P)</param>
/// <param name="State">(R,S,P), S vectors of the update rule; empty when no quantity reads them.</param>
internal sealed record WavePoint(double[] Parameters, double[] State)
{
    /// <summary>The step; no step at all before anything is read.</summary>
    public int Step { get; set; } = int.MinValue;
}
