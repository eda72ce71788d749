using Hesse.Data;

namespace Hesse.Backends;

/// <summary>
/// A wave whose groups are trained one after the other: for trainers that take one problem at a time. What is measured of it is
/// measured of all replicas at once, as of any wave.
/// </summary>
internal sealed class ReplicasInTurn : IReplicas
{
    private readonly IReplicas[] _parts;
    private readonly int[] _offsets; // place of each part's first replica
    private readonly Dictionary<DataSet, DataSet[]> _own = new(ReferenceEqualityComparer.Instance);

    private ReplicasInTurn(Wave wave, Func<ReplicaGroup, IReplicas> create)
    {
        Wave = wave;
        _parts = new IReplicas[wave.Groups.Count];
        _offsets = new int[_parts.Length];
        try
        {
            for (int part = 0, offset = 0; part < _parts.Length; offset += wave.Groups[part++].Count)
            {
                _offsets[part] = offset;
                _parts[part] = create(wave.Groups[part]);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The replicas of a wave; those of a single group as they are.</summary>
    /// <param name="wave">Which replicas.</param>
    /// <param name="create">The replicas of one group.</param>
    public static IReplicas Of(Wave wave, Func<ReplicaGroup, IReplicas> create) =>
        wave.Groups.Count == 1 ? create(wave.Groups[0]) : new ReplicasInTurn(wave, create);

    public Wave Wave { get; }

    public int Count => Wave.Count;

    public int Step => _parts[0].Step;

    public int StateBytes(int step) => _parts[0].StateBytes(step);

    public int StateCount => _parts[0].StateCount;

    public void SaveState(int replica, Span<byte> state) => PartOf(replica, out int own).SaveState(own, state);

    public void LoadState(int step, int replica, ReadOnlySpan<byte> state) =>
        PartOf(replica, out int own).LoadState(step, own, state);

    public void Advance(int steps)
    {
        foreach (IReplicas part in _parts)
        {
            part.Advance(steps);
        }
    }

    public void CopyParameters(Span<double> parameters) => Each(parameters, (part, own) => part.CopyParameters(own));

    public void CopyState(Span<double> state) => Each(state, (part, own) => part.CopyState(own));

    public void LossAndAccuracy(DataSet data, Span<double> loss, Span<double> accuracy)
    {
        for (int part = 0; part < _parts.Length; part++)
        {
            _parts[part]
                .LossAndAccuracy(
                    SetsOf(data, part),
                    loss.IsEmpty ? [] : loss.Slice(_offsets[part], _parts[part].Count),
                    accuracy.IsEmpty ? [] : accuracy.Slice(_offsets[part], _parts[part].Count)
                );
        }
    }

    public void Dispose()
    {
        foreach (IReplicas? part in _parts)
        {
            part?.Dispose();
        }
    }

    private delegate void Copy(IReplicas part, Span<double> own);

    private void Each(Span<double> values, Copy copy)
    {
        int length = values.Length / Count;
        for (int part = 0; part < _parts.Length; part++)
        {
            copy(_parts[part], values.Slice(_offsets[part] * length, _parts[part].Count * length));
        }
    }

    private IReplicas PartOf(int place, out int own)
    {
        int part = Wave.GroupOf(place);
        own = place - _offsets[part];
        return _parts[part];
    }

    // The same object for the same set each time: parts keep what they make of it.
    private DataSet SetsOf(DataSet data, int part)
    {
        if (data.Sets == 1)
        {
            return data;
        }

        if (!_own.TryGetValue(data, out DataSet[]? sets))
        {
            sets = [.. _parts.Select((one, i) => data.Part(_offsets[i], one.Count))];
            _own.Add(data, sets);
        }

        return sets[part];
    }
}
