namespace Hesse.Statistics;

/// <summary>Summaries of a matrix of replicas x numbers, column by column.</summary>
internal static class ReplicaStatistics
{
    private const int ColumnTile = 48;
    private const double LowLevel = 0.025;
    private const double HighLevel = 0.975;

    /// <summary>Summarises every column.</summary>
    /// <param name="values">(R, columns)</param>
    /// <param name="columns">Numbers of one replica.</param>
    /// <param name="levels">Quantile levels in [0, 1].</param>
    /// <param name="bootstrap">The resamples of R replicas.</param>
    /// <param name="threads">Columns are shared among so many threads; the numbers do not depend on it.</param>
    /// <param name="stop">Gives up between columns.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static ColumnSummary[] Summarise(
        ReadOnlyMemory<double> values,
        int columns,
        IReadOnlyList<double> levels,
        Bootstrap bootstrap,
        int threads,
        CancellationToken stop = default
    )
    {
        ColumnSummary[] summaries = new ColumnSummary[columns];
        int tiles = (columns + ColumnTile - 1) / ColumnTile;
        Parallel.For(
            0,
            tiles,
            new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, threads), CancellationToken = stop },
            () => new Tile(bootstrap, levels),
            (index, _, tile) =>
            {
                int first = index * ColumnTile;
                tile.Summarise(
                    values.Span,
                    columns,
                    summaries.AsSpan(first, Math.Min(ColumnTile, columns - first)),
                    first
                );
                return tile;
            },
            _ => { }
        );
        return summaries;
    }

    /// <summary>The value at level q of ascending values, between neighbours linearly; NaN of none.</summary>
    public static double Quantile(ReadOnlySpan<double> sorted, double level)
    {
        if (sorted.Length == 0)
        {
            return double.NaN;
        }

        double position = level * (sorted.Length - 1);
        int below = (int)Math.Floor(position);
        double low = sorted[below];
        double high = sorted[Math.Min(below + 1, sorted.Length - 1)];
        double share = position - below;
        double gap = high - low;
        // NumPy's lerp: from the nearer end, so that both ends are met exactly.
        return share < 0.5 ? low + (gap * share) : high - (gap * (1 - share));
    }

    /// <summary>Work space for some columns, reused from tile to tile by one thread.</summary>
    private sealed class Tile(Bootstrap bootstrap, IReadOnlyList<double> levels)
    {
        private readonly int _replicas = bootstrap.Replicas;
        private readonly double[] _packed = new double[bootstrap.Replicas * ColumnTile]; // (R, ColumnTile)
        private readonly double[] _sums = new double[Bootstrap.Resamples * ColumnTile]; // (Resamples, ColumnTile)
        private readonly double[] _column = new double[bootstrap.Replicas];
        private readonly double[] _means = new double[Bootstrap.Resamples];
        private readonly List<int> _left = [];
        private readonly List<int> _leftBefore = [];
        private readonly int[] _kept = new int[Bootstrap.Resamples];
        private bool _counted;

        public void Summarise(ReadOnlySpan<double> values, int columns, Span<ColumnSummary> summaries, int first)
        {
            for (int r = 0; r < _replicas; r++)
            {
                Span<double> row = _packed.AsSpan(r * ColumnTile, ColumnTile);
                row.Clear();
                values.Slice((r * columns) + first, summaries.Length).CopyTo(row);
                for (int c = 0; c < summaries.Length; c++)
                {
                    // A left-out replica adds nothing to a sum; its share of the resample is taken off below.
                    row[c] = double.IsFinite(row[c]) ? row[c] : 0;
                }
            }

            bootstrap.Sums(_packed, ColumnTile, _sums);
            for (int c = 0; c < summaries.Length; c++)
            {
                summaries[c] = Summarise(values, columns, first + c, c);
            }
        }

        private ColumnSummary Summarise(ReadOnlySpan<double> values, int columns, int column, int tileColumn)
        {
            for (int r = 0; r < _replicas; r++)
            {
                _column[r] = values[(r * columns) + column];
            }

            ReplicaMoments moments = ReplicaAccumulator.Of(_column);
            int count = 0;
            _left.Clear();
            for (int r = 0; r < _replicas; r++)
            {
                if (double.IsFinite(_column[r]))
                {
                    _column[count++] = _column[r];
                }
                else
                {
                    _left.Add(r);
                }
            }

            Span<double> kept = _column.AsSpan(0, count);
            kept.Sort();
            double[] quantiles = new double[levels.Count];
            for (int i = 0; i < quantiles.Length; i++)
            {
                quantiles[i] = Quantile(kept, levels[i]);
            }

            ReadOnlySpan<double> means = ResampledMeans(tileColumn);
            return new ColumnSummary(
                moments.Count,
                moments.Diverged,
                count == 0 ? double.NaN : moments.Mean,
                moments.StandardDeviation,
                quantiles,
                Quantile(means, LowLevel),
                Quantile(means, HighLevel)
            );
        }

        /// <summary>Means of the resamples that hold a finite value, ascending.</summary>
        private ReadOnlySpan<double> ResampledMeans(int tileColumn)
        {
            CountKept();
            int used = 0;
            for (int b = 0; b < Bootstrap.Resamples; b++)
            {
                if (_kept[b] > 0)
                {
                    _means[used++] = _sums[(b * ColumnTile) + tileColumn] / _kept[b];
                }
            }

            Span<double> means = _means.AsSpan(0, used);
            means.Sort();
            return means;
        }

        /// <summary>Draws of each resample that fell on a finite value. The columns of one step mostly leave out the same replicas.</summary>
        private void CountKept()
        {
            if (_counted && _left.SequenceEqual(_leftBefore))
            {
                return;
            }

            for (int b = 0; b < Bootstrap.Resamples; b++)
            {
                ReadOnlySpan<ushort> counts = bootstrap.Counts(b);
                int kept = _replicas;
                foreach (int r in _left)
                {
                    kept -= counts[r];
                }

                _kept[b] = kept;
            }

            _leftBefore.Clear();
            _leftBefore.AddRange(_left);
            _counted = true;
        }
    }
}
