using Hesse.Stores;

namespace Hesse.Statistics;

/// <summary>
/// summary.csv: one line for each quantity, step and number. Matrices (a Hessian, a Gram matrix) and vectors beyond
/// 65,536 numbers are not summarised: their lines would outgrow the arrays.
/// </summary>
internal static class SummaryTable
{
    private const long LongestVector = 65_536;

    // Bytes of one slice of columns with all replicas: bounds the memory however many replicas there are.
    private const long SliceBytes = 96L << 20;

    /// <summary>Whether an array of elements of so many dimensions and numbers has lines in the table.</summary>
    public static bool Summarises(int dimensions, long elements) => dimensions <= 1 && elements <= LongestVector;

    /// <summary>Writes the table from the merged arrays.</summary>
    /// <param name="files">The disk.</param>
    /// <param name="path">Where the table goes.</param>
    /// <param name="arraysFolder">Where the arrays lie.</param>
    /// <param name="arrays">Which arrays, in the order of the lines.</param>
    /// <param name="levels">Quantile levels.</param>
    /// <param name="seed">Seed of the resamples.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="stop">Gives up between columns.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static FileRecord Write(
        IFiles files,
        string path,
        string arraysFolder,
        IReadOnlyList<ArrayRecord> arrays,
        IReadOnlyList<double> levels,
        ulong seed,
        int threads,
        CancellationToken stop
    )
    {
        using CsvFile table = new(files, path);
        table.Add("quantity").Add("step").Add("index").Add("n").Add("diverged").Add("mean").Add("sd");
        foreach (double level in levels)
        {
            table.Add("q" + CsvFile.Number(level));
        }

        table.Add("ci-low").Add("ci-high").EndLine();
        Bootstrap? bootstrap = null;
        foreach (ArrayRecord array in arrays)
        {
            ArrayLayout layout = ArrayLayout.Of(array);
            if (!Summarises(layout.ElementShape.Count, layout.ElementCount))
            {
                continue;
            }

            using ArrayReader reader = new(files, Path.Combine(arraysFolder, array.File));
            bootstrap ??= new Bootstrap(seed, reader.Rows);
            Write(table, reader, layout, levels, bootstrap, threads, stop);
        }

        return table.Finish(Path.GetFileName(path));
    }

    private static void Write(
        CsvFile table,
        ArrayReader reader,
        ArrayLayout layout,
        IReadOnlyList<double> levels,
        Bootstrap bootstrap,
        int threads,
        CancellationToken stop
    )
    {
        string name = layout.Part is null ? layout.Quantity : $"{layout.Quantity}.{layout.Part}";
        int width = (int)
            Math.Min(reader.Columns, Math.Max(1, SliceBytes / (sizeof(double) * Math.Max(1, reader.Rows))));
        double[] block = new double[(long)reader.Rows * width];
        for (long first = 0; first < reader.Columns; first += width)
        {
            int columns = (int)Math.Min(width, reader.Columns - first);
            reader.ReadColumns(first, columns, block);
            ColumnSummary[] summaries = ReplicaStatistics.Summarise(
                block.AsMemory(0, reader.Rows * columns),
                columns,
                levels,
                bootstrap,
                threads,
                stop
            );
            for (int c = 0; c < columns; c++)
            {
                (long time, long index) = Math.DivRem(first + c, layout.ElementCount);
                ColumnSummary summary = summaries[c];
                table
                    .Add(name)
                    .Add((long)layout.Times[(int)time])
                    .Add(index)
                    .Add((long)summary.Count)
                    .Add((long)summary.Diverged);
                table.Add(summary.Mean).Add(summary.StandardDeviation);
                foreach (double quantile in summary.Quantiles)
                {
                    table.Add(quantile);
                }

                table.Add(summary.IntervalLow).Add(summary.IntervalHigh).EndLine();
            }
        }
    }
}
