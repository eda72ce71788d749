using Hesse.Stores;

namespace Hesse.Reports;

/// <summary>One array of a stored setting over its finished replicas, merged or still in chunks.</summary>
internal sealed class StoredArray
{
    // Numbers held at once while rows are read and columns picked from them.
    private const int BlockNumbers = 1 << 22;
    private readonly IFiles _files;
    private readonly IReadOnlyList<(string Path, int Rows)> _pieces;

    /// <summary>Describes an array.</summary>
    /// <param name="files">The disk.</param>
    /// <param name="layout">Its shape but for the replicas.</param>
    /// <param name="pieces">Its files with the number of rows that count of each, in the order of the replicas.</param>
    public StoredArray(IFiles files, ArrayLayout layout, IReadOnlyList<(string Path, int Rows)> pieces)
    {
        _files = files;
        _pieces = pieces;
        Layout = layout;
        Replicas = pieces.Sum(piece => piece.Rows);
    }

    /// <summary>Quantity, part, steps and shape of one replica's value.</summary>
    public ArrayLayout Layout { get; }

    /// <summary>R, the finished replicas.</summary>
    public int Replicas { get; }

    /// <summary>Steps.</summary>
    public IReadOnlyList<int> Times => Layout.Times;

    /// <summary>Numbers of one replica at one step.</summary>
    public int Width => checked((int)Layout.ElementCount);

    /// <summary>Some numbers of every replica at one step, given by their flat index. (R, indices)</summary>
    public double[] Read(int time, IReadOnlyList<int> indices)
    {
        double[] values = new double[Replicas * indices.Count];
        VisitRows((long)time * Width, Width, (row, numbers) => Pick(numbers, indices, values, row));
        return values;
    }

    /// <summary>A scalar of every replica at some of the steps, given by their position. (R, times)</summary>
    public double[] ReadTimes(IReadOnlyList<int> times)
    {
        double[] values = new double[Replicas * times.Count];
        VisitRows(0, Times.Count, (row, numbers) => Pick(numbers, times, values, row));
        return values;
    }

    /// <summary>All numbers of one replica after the other at one step.</summary>
    /// <param name="time">Position of the step.</param>
    /// <param name="visit">Is given the replica's position and its numbers, valid during the call.</param>
    public void Visit(int time, Action<int, ReadOnlyMemory<double>> visit) =>
        VisitRows((long)time * Width, Width, visit);

    private static void Pick(ReadOnlyMemory<double> numbers, IReadOnlyList<int> indices, double[] values, int row)
    {
        ReadOnlySpan<double> source = numbers.Span;
        Span<double> target = values.AsSpan(row * indices.Count, indices.Count);
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = source[indices[i]];
        }
    }

    private void VisitRows(long first, int width, Action<int, ReadOnlyMemory<double>> visit)
    {
        int rowsAtOnce = Math.Clamp(BlockNumbers / Math.Max(1, width), 1, 1024);
        double[] block = new double[(long)rowsAtOnce * width];
        int before = 0;
        foreach ((string path, int rows) in _pieces)
        {
            using ArrayReader reader = new(_files, path);
            for (int row = 0; row < rows; row += rowsAtOnce)
            {
                int taken = Math.Min(rowsAtOnce, rows - row);
                reader.ReadRows(row, taken, first, width, block);
                int offset = before + row;
                Parallel.For(0, taken, i => visit(offset + i, block.AsMemory(i * width, width)));
            }

            before += rows;
        }
    }
}
