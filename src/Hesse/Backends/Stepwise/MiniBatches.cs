using Hesse.Data;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Backends.Stepwise;

/// <summary>
/// The samples of each step's mini-batches as a data set, for operations on whole sets. Its arrays are used again: a set is good
/// until the next step's is asked for.
/// </summary>
internal sealed class MiniBatches
{
    private readonly StepwiseReplicas _replicas;
    private readonly DataSet _data;
    private readonly BatchIndices _indices;
    private readonly int[]? _share;
    private readonly int _sets;
    private readonly BatchCursor[] _cursors; // (sets)
    private readonly int[] _rows; // (sets, largest batch)
    private readonly Arrays _full;
    private readonly Arrays _last; // of an epoch whose last batch is shorter
    private readonly Action<int, int> _gather;
    private DataSet? _current;
    private int _step = -1;

    /// <summary>Mini-batches of the replicas of a wave.</summary>
    /// <param name="replicas">The wave.</param>
    /// <param name="data">The samples: one set, or one a replica.</param>
    /// <param name="indices">Which rows a step takes, of the share.</param>
    /// <param name="share">Row numbers of the training set to which the indices point; null for all rows.</param>
    public MiniBatches(StepwiseReplicas replicas, DataSet data, BatchIndices indices, int[]? share)
    {
        _replicas = replicas;
        _data = data;
        _indices = indices;
        _share = share;
        // Rows that do not depend on the replica, of a set that all share, are gathered once for all.
        bool common = indices.Order is BatchOrder.Sequential or BatchOrder.Full;
        _sets = common ? _data.Sets : replicas.Count;
        _cursors = [.. Enumerable.Range(replicas.First, _sets).Select(replica => new BatchCursor(indices, replica))];
        _rows = new int[_sets * indices.LargestBatch];
        int shorter = indices.BatchSize(indices.BatchesPerEpoch - 1);
        _full = new Arrays(_data, _sets * indices.LargestBatch);
        _last = shorter == indices.LargestBatch ? _full : new Arrays(_data, _sets * shorter);
        _gather = Gather;
    }

    /// <summary>The samples of the update that follows <paramref name="step"/> updates: (B_t) in one set, or in one a replica.</summary>
    public DataSet At(int step)
    {
        if (_indices.Order == BatchOrder.Full && _share is null)
        {
            return _data;
        }

        bool same = _indices.Order == BatchOrder.Full && _current is not null;
        if (!same && (step != _step || _current is null))
        {
            _step = step;
            _replicas.Backend.Split(_sets, _gather);
            Arrays arrays = Of(step);
            // A new object for the new samples: who keeps what it derived from a set tells sets apart by it.
            _current = DataSet.OfCheckedRows(
                _data,
                _indices.BatchSize(step),
                _sets,
                arrays.Inputs,
                arrays.Labels,
                arrays.Targets
            );
        }

        return _current!;
    }

    private Arrays Of(int step) => _indices.BatchSize(step) == _indices.LargestBatch ? _full : _last;

    private void Gather(int thread, int set)
    {
        Span<int> rows = _rows.AsSpan(set * _indices.LargestBatch, _indices.LargestBatch);
        int size = _cursors[set].Fill(_step, rows);
        Arrays to = Of(_step);
        int d = _data.Dimension;
        int c = _data.Outputs;
        for (int b = 0; b < size; b++)
        {
            int row = _share is null ? rows[b] : _share[rows[b]];
            int at = (set * size) + b;
            _data.InputsOf(set).Slice(row * d, d).CopyTo(to.Inputs.AsSpan(at * d));
            if (to.Labels is not null)
            {
                to.Labels[at] = _data.LabelsOf(set)[row];
            }

            if (to.Targets is not null)
            {
                _data.TargetsOf(set).Slice(row * c, c).CopyTo(to.Targets.AsSpan(at * c));
            }
        }
    }

    private sealed class Arrays(DataSet like, int rows)
    {
        public double[] Inputs { get; } = new double[(long)rows * like.Dimension];

        public int[]? Labels { get; } = like.Labels is null ? null : new int[rows];

        public double[]? Targets { get; } = like.Targets is null ? null : new double[(long)rows * like.Outputs];
    }
}
