namespace Hesse.Observables;

/// <summary>How far some consecutive replicas are measured.</summary>
/// <param name="Step">The step at which they were measured last, or are being measured; -1 before the first.</param>
/// <param name="Quantities">Quantities due at that step that are measured in all of them.</param>
/// <param name="Replicas">Replicas, from the first on, in which the next quantity is measured as well.</param>
internal sealed record MeasurementPlace(int Step, int Quantities, int Replicas);

/// <summary>What an observation kept of some replicas.</summary>
/// <param name="Observation">Its number in the wave.</param>
/// <param name="Of">Bytes by place in the wave.</param>
internal sealed record KeptBefore(int Observation, IReadOnlyDictionary<int, byte[]> Of);

/// <summary>
/// How far each replica of a wave is measured at the step that the wave has come to: quantity by quantity, replicas ascending. Never
/// changes, so that another thread may save what it tells of while a measurement goes on.
/// </summary>
internal sealed class MeasurementProgress
{
    private readonly int[] _quantities; // of those due, how many are measured; all when diverged

    /// <summary>Nothing is measured.</summary>
    /// <param name="replicas">R</param>
    public MeasurementProgress(int replicas)
        : this(-1, new int[replicas], kept: null) { }

    private MeasurementProgress(int step, int[] quantities, KeptBefore? kept)
    {
        Step = step;
        _quantities = quantities;
        Kept = kept;
    }

    /// <summary>The step at which the wave was measured last, or is being measured; -1 before the first.</summary>
    public int Step { get; }

    /// <summary>
    /// What an observation kept of the replicas that it measures now, before it did: it changes while they are measured. Null where
    /// nothing is kept.
    /// </summary>
    public KeptBefore? Kept { get; }

    /// <summary>Whether a quantity is measured, or never will be, in a replica.</summary>
    public bool Has(int replica, int quantity) => _quantities[replica] > quantity;

    /// <summary>The same at this step; nothing at a new one.</summary>
    public MeasurementProgress At(int step) =>
        step == Step ? this : new MeasurementProgress(step, new int[_quantities.Length], kept: null);

    /// <summary>These replicas have diverged: nothing is left to measure.</summary>
    public MeasurementProgress Diverged(IReadOnlyList<int> replicas) =>
        replicas.Count == 0 ? this : With([.. replicas], int.MaxValue);

    /// <summary>The next replicas are being measured.</summary>
    /// <param name="kept">What their observation kept of them until now.</param>
    public MeasurementProgress Measuring(KeptBefore? kept) => new(Step, _quantities, kept);

    /// <summary>A quantity is measured in these replicas.</summary>
    public MeasurementProgress Measured(ReadOnlySpan<int> replicas, int quantity) => With(replicas, quantity + 1);

    /// <summary>Consecutive replicas are put to a place; all replicas of a wave to the same step.</summary>
    public MeasurementProgress Continued(MeasurementPlace place, int first, int count)
    {
        int[] quantities = [.. _quantities];
        for (int r = 0; r < count; r++)
        {
            quantities[first + r] = r < place.Replicas ? place.Quantities + 1 : place.Quantities;
        }

        return new MeasurementProgress(place.Step, quantities, kept: null);
    }

    /// <summary>The place of consecutive replicas.</summary>
    public MeasurementPlace PlaceOf(int first, int count)
    {
        int least = int.MaxValue;
        int behind = 0;
        for (int r = first; r < first + count; r++)
        {
            if (_quantities[r] < least)
            {
                (least, behind) = (_quantities[r], r - first);
            }
        }

        return new MeasurementPlace(Step, least, behind);
    }

    private MeasurementProgress With(ReadOnlySpan<int> replicas, int quantities)
    {
        int[] changed = [.. _quantities];
        foreach (int replica in replicas)
        {
            changed[replica] = quantities;
        }

        return new MeasurementProgress(Step, changed, kept: null);
    }
}
