using Hesse.Specs;

namespace Hesse.Replicas;

/// <summary>
/// The row numbers of every mini-batch, as a pure function of (seed, replica, step, place in the batch): nothing is stored.
/// epochs: each epoch visits every row once (<see cref="EpochOrder"/>) in ceil(N/B) batches, the last one shorter when B does not
/// divide N; with-replacement: independent draws; sequential: row (t B + b) mod N; full: row b.
/// </summary>
public sealed class BatchIndices
{
    private readonly ulong _seed;
    private readonly uint _worker; // of the stream's word

    /// <summary>Describes the mini-batches of an experiment.</summary>
    /// <param name="seed">Seed of the experiment.</param>
    /// <param name="samples">N, at least 1.</param>
    /// <param name="batch">Size and order; a size above N means N when the order is epochs.</param>
    /// <param name="worker">Which worker of a distributed training draws; 0 draws the numbers of a plain one.</param>
    /// <exception cref="HesseException">N or the size is below 1, or the size is absent where the order needs one.</exception>
    public BatchIndices(ulong seed, int samples, BatchSpec batch, int worker = 0)
    {
        if (samples < 1)
        {
            throw new HesseException(ExitCode.BadData, "training needs at least one sample");
        }

        if (batch.Order != BatchOrder.Full && batch.Size is null or < 1)
        {
            throw new HesseException(ExitCode.BadData, "training.batch.size must be at least 1");
        }

        _seed = seed;
        _worker = (uint)worker;
        Samples = samples;
        Order = batch.Order;
        LargestBatch = Order switch
        {
            BatchOrder.Full => samples,
            BatchOrder.Epochs => Math.Min(batch.Size!.Value, samples),
            _ => batch.Size!.Value,
        };
        BatchesPerEpoch = (int)(((long)samples + LargestBatch - 1) / LargestBatch);
        Domain = new EpochDomain(samples);
    }

    /// <summary>N</summary>
    public int Samples { get; }

    /// <summary>The order in which rows are visited.</summary>
    public BatchOrder Order { get; }

    /// <summary>B: the size of every batch but the last of an epoch.</summary>
    public int LargestBatch { get; }

    /// <summary>ceil(N/B)</summary>
    public int BatchesPerEpoch { get; }

    internal EpochDomain Domain { get; }

    /// <summary>B_t, the same in every replica.</summary>
    public int BatchSize(int step) =>
        Order == BatchOrder.Epochs
            ? Math.Min(LargestBatch, Samples - (step % BatchesPerEpoch * LargestBatch))
            : LargestBatch;

    /// <summary>The row at place b = 0 .. B_t-1 of the mini-batch of step t.</summary>
    /// <param name="replica">Index of the replica in the experiment.</param>
    /// <param name="step">Updates made before this one.</param>
    /// <param name="b">Place in the mini-batch.</param>
    public int Row(int replica, int step, int b) =>
        Order switch
        {
            BatchOrder.Epochs => EpochOrder(replica, step / BatchesPerEpoch)
                .RowAt((step % BatchesPerEpoch * LargestBatch) + b),
            BatchOrder.WithReplacement => UniformDeviates.Below(DrawnWord(replica, step, b), Samples),
            BatchOrder.Sequential => SequentialRow(step, b),
            _ => b,
        };

    /// <summary>All rows of the mini-batch of a step, in its order. (B_t)</summary>
    public void CopyRows(int replica, int step, Span<int> rows)
    {
        if (Order != BatchOrder.Epochs)
        {
            for (int b = 0; b < rows.Length; b++)
            {
                rows[b] = Row(replica, step, b);
            }

            return;
        }

        EpochOrder order = EpochOrder(replica, step / BatchesPerEpoch);
        int first = step % BatchesPerEpoch * LargestBatch;
        for (int b = 0; b < rows.Length; b++)
        {
            rows[b] = order.RowAt(first + b);
        }
    }

    /// <summary>The order of one epoch of a replica.</summary>
    internal EpochOrder EpochOrder(int replica, int epoch) =>
        new(Domain, _seed, replica, epoch, RandomStream.BatchEpochs.OfWorker(_worker));

    /// <summary>The four words behind the draws 4 * block .. 4 * block + 3 of a mini-batch.</summary>
    internal (uint, uint, uint, uint) DrawnWords(int replica, int step, int block) =>
        Philox4x32.Block(
            _seed,
            (uint)block,
            (uint)step,
            (uint)replica,
            RandomStream.BatchWithReplacement.OfWorker(_worker)
        );

    internal int SequentialRow(int step, int b) => (int)((((long)step * LargestBatch) + b) % Samples);

    private uint DrawnWord(int replica, int step, int b)
    {
        (uint x0, uint x1, uint x2, uint x3) = DrawnWords(replica, step, b / 4);
        return (b % 4) switch
        {
            0 => x0,
            1 => x1,
            2 => x2,
            _ => x3,
        };
    }
}
