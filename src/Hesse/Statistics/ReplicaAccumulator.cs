namespace Hesse.Statistics;

/// <summary>
/// Moments of one number over consecutive replicas, blocks of <see cref="Block"/> at a time, joined in a binary tree that is fixed by the
/// indices of the blocks: blocks 2i and 2i + 1, then pairs 2i and 2i + 1, and so on, a missing right half passing the left one on. However
/// the blocks are shared out, accumulators of neighbouring parts merge to the same bits as one that saw them all.
/// </summary>
/// <param name="firstBlock">Index of the first block: replica r stands in block r / <see cref="Block"/>.</param>
internal sealed class ReplicaAccumulator(int firstBlock = 0)
{
    /// <summary>Replicas of one block, those of a chunk: parts of a run begin at multiples of it.</summary>
    public const int Block = Planning.ReplicaRange.BlockSize;

    // The largest whole subtrees of what is there, by replicas; siblings are never both in it.
    private readonly List<Subtree> _subtrees = [];
    private int _next = firstBlock;

    /// <summary>Of all replicas so far.</summary>
    public ReplicaMoments Total
    {
        get
        {
            if (_subtrees.Count == 0)
            {
                return default;
            }

            ReplicaMoments total = _subtrees[^1].Moments;
            for (int i = _subtrees.Count - 2; i >= 0; i--)
            {
                total = _subtrees[i].Moments.And(total);
            }

            return total;
        }
    }

    /// <summary>The moments of replicas 0, 1, ...</summary>
    public static ReplicaMoments Of(ReadOnlySpan<double> values)
    {
        ReplicaAccumulator all = new();
        all.Add(values);
        return all.Total;
    }

    /// <summary>Adds the replicas that follow; only the last of an experiment may leave a block unfilled.</summary>
    public void Add(ReadOnlySpan<double> values)
    {
        for (int first = 0; first < values.Length; first += Block)
        {
            ReadOnlySpan<double> block = values.Slice(first, Math.Min(Block, values.Length - first));
            Append(new Subtree(_next, 1, ReplicaMoments.Of(block)));
        }
    }

    /// <summary>Adds the part that follows.</summary>
    /// <exception cref="ArgumentException">The part begins at another block than the one behind the last.</exception>
    public void Merge(ReplicaAccumulator following)
    {
        foreach (Subtree subtree in following._subtrees)
        {
            Append(subtree);
        }
    }

    private void Append(Subtree subtree)
    {
        if (subtree.First != _next)
        {
            throw new ArgumentException($"block {subtree.First} does not follow block {_next - 1}", nameof(subtree));
        }

        _next += subtree.Blocks;
        while (_subtrees.Count > 0 && _subtrees[^1].IsLeftOf(subtree))
        {
            Subtree left = _subtrees[^1];
            _subtrees.RemoveAt(_subtrees.Count - 1);
            subtree = new Subtree(left.First, 2 * left.Blocks, left.Moments.And(subtree.Moments));
        }

        _subtrees.Add(subtree);
    }

    /// <summary>Blocks First .. First + Blocks - 1, Blocks a power of two that divides First.</summary>
    private readonly record struct Subtree(int First, int Blocks, ReplicaMoments Moments)
    {
        public bool IsLeftOf(Subtree right) => Blocks == right.Blocks && First % (2 * Blocks) == 0;
    }
}
