using System.Numerics;
using Hesse.Networks;

namespace Hesse.Backends.Cpu.Lanes;

/// <summary>What one worker needs to train blocks of replicas, allocated once.</summary>
internal sealed class LaneScratch<V, T> : IDisposable
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // Samples worked on at once. Larger batches go through in pieces of equal size; the gradient's sums go on from piece to piece,
    // so the numbers do not depend on this, only the cache's load does: 25 samples of 50-30-30-10 take 25 x 190 registers, 152 KB with AVX2.
    private const int LargestPiece = 32;

    private readonly int[] _rows;
    private readonly int[] _evaluationRows;

    public LaneScratch(Network network, int largestBatch)
    {
        int capacity = Piece(largestBatch);
        Network = new LaneNetwork<V, T>(network, capacity);
        Loss = new LaneLoss<V, T>(network, capacity);
        Gradient = new AlignedBuffer<T>((long)network.ParameterCount * V.Count);
        _rows = new int[largestBatch * V.Count];
        _evaluationRows = new int[capacity * V.Count];
    }

    public LaneNetwork<V, T> Network { get; }

    public LaneLoss<V, T> Loss { get; }

    /// <summary>(P, lanes)</summary>
    public AlignedBuffer<T> Gradient { get; }

    /// <summary>Row numbers of a mini-batch. (B, lanes)</summary>
    public Span<int> Rows => _rows;

    /// <summary>Row numbers of a piece of an evaluation. (capacity, lanes)</summary>
    public Span<int> EvaluationRows => _evaluationRows;

    /// <summary>
    /// Numbers that a replica of this shape keeps in a core's cache: parameters, gradient, and the values, sums and deltas of a piece.
    /// </summary>
    public static long Footprint(Network network, int largestBatch)
    {
        long units = network.InputWidth;
        for (int layer = 1; layer <= network.Layers; layer++)
        {
            units += 2L * network.Widths[layer];
        }

        return (2L * network.ParameterCount) + (Piece(largestBatch) * units);
    }

    /// <summary>Numbers of a lane that one such object takes.</summary>
    public static long Length(Network network, int largestBatch)
    {
        long capacity = Piece(largestBatch);
        int classes = network.OutputWidth;
        long units =
            network.InputWidth + (network.Loss == Hesse.Networks.Loss.CrossEntropy ? 1 : classes) + classes + 3;
        int widest = 1;
        for (int layer = 1; layer <= network.Layers; layer++)
        {
            bool values = layer < network.Layers && network.Activation != Activation.Relu;
            units += (values ? 3L : 2L) * network.Widths[layer];
            widest = layer < network.Layers ? Math.Max(widest, network.Widths[layer]) : widest;
        }

        // Row numbers too.
        return network.ParameterCount + (capacity * (units + widest + 1)) + largestBatch;
    }

    public void Dispose()
    {
        Network.Dispose();
        Loss.Dispose();
        Gradient.Dispose();
    }

    private static int Piece(int batch)
    {
        int pieces = (batch + LargestPiece - 1) / LargestPiece;
        // Never below 16: evaluation uses the same buffers.
        return Math.Max(16, (batch + pieces - 1) / pieces);
    }
}
