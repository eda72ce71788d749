using System.Numerics;
using System.Numerics.Tensors;
using Hesse.Backends.Cpu.Dense;

namespace Hesse.Backends.Cpu.Lanes;

/// <summary>
/// Puts vectors of doubles a lane side by side, and takes them apart again, in blocks: one number at a time costs as much as a sixth
/// of a product.
/// </summary>
internal sealed unsafe class LaneVectors<V, T> : IDisposable
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // Rows that are transposed at a time.
    private const int Block = 8;

    private readonly int _length;
    private readonly nint _stride;
    private readonly AlignedBuffer<T> _rows; // (lanes, stride): numbers of a lane, then padding

    /// <summary>Takes the memory for vectors of one length.</summary>
    public LaneVectors(int length)
    {
        _length = length;
        _stride = DenseNet<T>.Padded(length);
        _rows = new AlignedBuffer<T>(V.Count * (long)_stride);
    }

    /// <summary>Fills (length, lanes).</summary>
    /// <param name="vectors">Lane k's vector begins at from + k * distance; a distance of 0 gives the same to all.</param>
    /// <param name="from">Where lane 0's begins.</param>
    /// <param name="distance">From one lane's vector to the next one's.</param>
    /// <param name="lanes">(length, lanes)</param>
    public void Gather(ReadOnlySpan<double> vectors, int from, int distance, T* lanes)
    {
        int rows = distance == 0 ? 1 : V.Count;
        for (int lane = 0; lane < rows; lane++)
        {
            TensorPrimitives.ConvertTruncating(vectors.Slice(from + (lane * distance), _length), Row(lane));
        }

        if (distance == 0)
        {
            for (int i = 0; i < _length; i++)
            {
                V.Store(V.Broadcast(_rows.Pointer[i]), lanes + (i * (nint)V.Count));
            }

            return;
        }

        T** begin = stackalloc T*[V.Count];
        for (int lane = 0; lane < V.Count; lane++)
        {
            begin[lane] = _rows.Pointer + (lane * _stride);
        }

        LaneGather.Rows(begin, V.Count, _length, lanes, V.Count);
    }

    /// <summary>Takes (length, lanes) apart.</summary>
    /// <param name="lanes">(length, lanes)</param>
    /// <param name="vectors">Lane k's vector begins at from + k * distance.</param>
    /// <param name="from">Where lane 0's begins.</param>
    /// <param name="distance">From one lane's vector to the next one's.</param>
    public void Scatter(T* lanes, Span<double> vectors, int from, int distance)
    {
        T** begin = stackalloc T*[Block];
        for (int i = 0; i < _length; i += Block)
        {
            int count = Math.Min(Block, _length - i);
            for (int row = 0; row < count; row++)
            {
                begin[row] = lanes + ((i + row) * (nint)V.Count);
            }

            LaneGather.Rows(begin, count, V.Count, _rows.Pointer + i, _stride);
        }

        for (int lane = 0; lane < V.Count; lane++)
        {
            TensorPrimitives.ConvertTruncating(Row(lane), vectors.Slice(from + (lane * distance), _length));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _rows.Dispose();

    private Span<T> Row(int lane) => new(_rows.Pointer + (lane * _stride), _length);
}
