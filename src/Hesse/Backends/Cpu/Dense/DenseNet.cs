using System.Numerics;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Networks;

namespace Hesse.Backends.Cpu.Dense;

/// <summary>
/// One net with its samples, and what forward and backward leave behind. Arrays are feature-major: row = feature, unit stride
/// along the samples, <see cref="Stride"/> elements a row, so that forward, backward and everything per sample vectorise over
/// samples whatever the widths. Sums over samples read the sample-major copies <see cref="Rows"/>.
/// Allocated once for a network and a number of samples.
/// </summary>
internal sealed unsafe class DenseNet<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // Elements before the first row of a sample-major copy, so that a kernel may read a register that begins before it.
    private static readonly int Margin = 64 / sizeof(T);

    private readonly AlignedBuffer<T> _parameters;
    private readonly AlignedBuffer<T> _ones;
    private readonly AlignedBuffer<T>[] _preactivations;
    private readonly AlignedBuffer<T>[] _activations;
    private readonly AlignedBuffer<T>[] _rows;
    private readonly AlignedBuffer<T>[] _deltas;
    private readonly AlignedBuffer<T>?[] _slopes;
    private readonly AlignedBuffer<T>?[] _bends;
    private readonly AlignedBuffer<T>?[] _backs;

    /// <summary>Allocates for a network and at most this many samples.</summary>
    public DenseNet(Network network, int capacity)
    {
        Network = network;
        Capacity = capacity;
        Samples = capacity;
        Stride = Padded(Math.Max(1, capacity));
        int layers = network.Layers;
        ReadOnlySpan<int> widths = network.Widths;
        _parameters = new(network.ParameterCount);
        Parameters = _parameters.Pointer;
        _ones = new(64);
        _ones.Span.Fill(T.One);
        _preactivations = new AlignedBuffer<T>[layers];
        _activations = new AlignedBuffer<T>[layers];
        _rows = new AlignedBuffer<T>[layers];
        _deltas = new AlignedBuffer<T>[layers];
        _slopes = new AlignedBuffer<T>?[layers];
        _bends = new AlignedBuffer<T>?[layers];
        _backs = new AlignedBuffer<T>?[layers];
        for (int layer = 0; layer < layers; layer++)
        {
            _activations[layer] = new(widths[layer] * Stride);
            _rows[layer] = new(Margin + (Math.Max(1, capacity) * RowStride(layer)));
            _preactivations[layer] = new(widths[layer + 1] * Stride);
            _deltas[layer] = new(widths[layer + 1] * Stride);
        }

        Output = new(network.OutputWidth, Stride);
    }

    /// <summary>Numbers of such an object, with slopes.</summary>
    public static long Length(Network network, int capacity)
    {
        ReadOnlySpan<int> widths = network.Widths;
        long stride = Padded(Math.Max(1, capacity));
        long length = network.ParameterCount + (((3L * network.OutputWidth) + 4) * stride);
        for (int layer = 0; layer < network.Layers; layer++)
        {
            length += (widths[layer] + (2L * widths[layer + 1]) + (layer > 0 ? widths[layer] : 0)) * stride;
            length += Margin + (Math.Max(1, capacity) * RowStrideOf(widths[layer]));
        }

        return length;
    }

    /// <summary>The net.</summary>
    public Network Network { get; }

    /// <summary>Room for so many samples.</summary>
    public int Capacity { get; }

    /// <summary>N, at most <see cref="Capacity"/>.</summary>
    public int Samples { get; set; }

    /// <summary>Elements between the rows of feature-major arrays.</summary>
    public nint Stride { get; }

    /// <summary>Targets, probabilities and losses at the output.</summary>
    public OutputValues<T> Output { get; }

    /// <summary>theta, (P) in the network's flat order; an own array unless set to the caller's.</summary>
    public T* Parameters { get; set; }

    /// <summary>1 in every element of a register, for sums by multiplication.</summary>
    public T* Ones => _ones.Pointer;

    /// <summary>W_l, l = 1 .. L, (d_l x d_{l-1}).</summary>
    public Matrix<T> Weights(int layer) => new(Parameters + Network.WeightOffset(layer), Network.Widths[layer - 1]);

    /// <summary>W_l^T, (d_{l-1} x d_l).</summary>
    public Matrix<T> WeightsTransposed(int layer) =>
        new(Parameters + Network.WeightOffset(layer), 1, Network.Widths[layer - 1]);

    /// <summary>z_l, l = 1 .. L, (d_l x N).</summary>
    public T* Preactivations(int layer) => _preactivations[layer - 1].Pointer;

    /// <summary>a_l, l = 0 .. L-1, (d_l x N).</summary>
    public T* Activations(int layer) => _activations[layer].Pointer;

    /// <summary>a_l, l = 0 .. L-1, (N x d_l), <see cref="RowStride"/> elements a row.</summary>
    public T* Rows(int layer) => _rows[layer].Pointer + Margin;

    /// <summary>
    /// a_l, l = 0 .. L-1, (N x d_l), as a product reads it: the copy of <see cref="Rows"/>, or for the inputs the caller's own rows.
    /// </summary>
    public Matrix<T> RowMatrix(int layer) =>
        layer == 0 && InputRows.Start is not null ? InputRows : new(Rows(layer), RowStride(layer));

    /// <summary>Where the inputs' rows lie if not in <see cref="Rows"/>.</summary>
    public Matrix<T> InputRows { get; set; }

    /// <summary>Elements between the samples of <see cref="Rows"/>.</summary>
    public nint RowStride(int layer) => RowStrideOf(Network.Widths[layer]);

    /// <summary>delta_l, l = 1 .. L, (d_l x N).</summary>
    public T* Deltas(int layer) => _deltas[layer - 1].Pointer;

    /// <summary>phi'(z_l), l = 1 .. L-1, (d_l x N).</summary>
    public T* Slopes(int layer) => (_slopes[layer] ??= new(Network.Widths[layer] * Stride)).Pointer;

    /// <summary>phi''(z_l), l = 1 .. L-1, (d_l x N).</summary>
    public T* Bends(int layer) => (_bends[layer] ??= new(Network.Widths[layer] * Stride)).Pointer;

    /// <summary>W_{l+1}^T delta_{l+1}, l = 1 .. L-1, (d_l x N).</summary>
    public T* Backs(int layer) => (_backs[layer] ??= new(Network.Widths[layer] * Stride)).Pointer;

    /// <summary>A feature-major array of layer l as one span, padding included: element-wise work takes it in one call.</summary>
    public Span<T> Whole(T* array, int layer) => new(array, checked((int)(Network.Widths[layer] * Stride)));

    /// <summary>Copies a feature-major array (width x N) to sample-major order.</summary>
    public void ToRows(T* columns, int width, T* rows, nint rowStride) =>
        Transpose(columns, Stride, width, Samples, rows, rowStride);

    /// <summary>Copies a sample-major array (N x width) to feature-major order.</summary>
    public void ToColumns(T* rows, nint rowStride, int width, T* columns) =>
        Transpose(rows, rowStride, Samples, width, columns, Stride);

    // to[j,i] = from[i,j]; eight rows at a time fill half a cache line of every row of the other side.
    private static void Transpose(T* from, nint fromStride, int rows, int columns, T* to, nint toStride)
    {
        const int Block = 8;
        T** block = stackalloc T*[Block];
        for (int row = 0; row < rows; row += Block)
        {
            int count = Math.Min(Block, rows - row);
            for (int i = 0; i < count; i++)
            {
                block[i] = from + ((row + i) * fromStride);
            }

            LaneGather.Rows(block, count, columns, to + row, toStride);
        }
    }

    /// <summary>
    /// Length of a row in whole cache lines; an odd number of them for long rows, so that rows under each other never fall
    /// into the same sets of a cache.
    /// </summary>
    public static nint Padded(int length)
    {
        int line = 64 / sizeof(T);
        nint lines = (length + line - 1) / line;
        return (lines >= 8 ? lines | 1 : lines) * line;
    }

    private static nint RowStrideOf(int width)
    {
        // Odd however short: hundreds of rows pass through the cache column by column, and an even stride uses half of its sets.
        nint line = 64 / sizeof(T);
        return (((width + line - 1) / line) | 1) * line;
    }

    public void Dispose()
    {
        _parameters.Dispose();
        _ones.Dispose();
        Output.Dispose();
        foreach (
            AlignedBuffer<T>?[] buffers in new[]
            {
                _preactivations,
                _activations,
                _rows,
                _deltas,
                _slopes,
                _bends,
                _backs,
            }
        )
        {
            foreach (AlignedBuffer<T>? buffer in buffers)
            {
                buffer?.Dispose();
            }
        }
    }
}
