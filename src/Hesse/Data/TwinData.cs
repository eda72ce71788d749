using Hesse.Replicas;

namespace Hesse.Data;

/// <summary>
/// The samples of an experiment with one training sample replaced by an independent draw: generated data draws again what it drew for
/// that row, with random numbers of the twin's own; otherwise a test sample takes the place. Rows differ from twin to twin.
/// </summary>
internal sealed class TwinData : IDataSource
{
    private readonly IDataSource _source;
    private readonly ulong _seed;
    private readonly int _twin;

    /// <summary>Twin number 0, 1, ... of the samples.</summary>
    public TwinData(IDataSource source, ulong seed, int twin)
    {
        _source = source;
        _seed = seed;
        _twin = twin;
    }

    /// <inheritdoc/>
    public int Dimension => _source.Dimension;

    /// <inheritdoc/>
    public int Outputs => _source.Outputs;

    /// <inheritdoc/>
    public int Samples => _source.Samples;

    /// <inheritdoc/>
    public int TestSamples => _source.TestSamples;

    /// <inheritdoc/>
    public bool PerReplica => _source.PerReplica;

    /// <inheritdoc/>
    public string ContentHash => _source.ContentHash;

    /// <summary>Whether there is something to draw from.</summary>
    public static bool CanRedraw(IDataSource source) => source is GaussData || source.TestSamples > 0;

    /// <summary>The row that this twin replaces.</summary>
    /// <param name="replica">The replica; 0 for a shared set.</param>
    public int Row(int replica) => Order(Samples, replica, RandomStream.TwinRows);

    /// <inheritdoc/>
    public DataSet Training(int first, int count)
    {
        DataSet data = _source.Training(first, count);
        DataSet? test = _source is GaussData ? null : _source.Test(first, count);
        double[] inputs = [.. data.Inputs];
        int[]? labels = data.Labels is null ? null : [.. data.Labels];
        double[]? targets = data.Targets is null ? null : [.. data.Targets];
        for (int set = 0; set < data.Sets; set++)
        {
            int replica = PerReplica ? first + set : 0;
            int row = Row(replica);
            int to = (set * data.Samples) + row;
            Span<double> input = inputs.AsSpan(to * Dimension, Dimension);
            if (_source is GaussData gauss)
            {
                labels![to] = gauss.Redraw(row, (uint)_twin, (uint)replica, input);
                continue;
            }

            int from = Order(TestSamples, replica, RandomStream.TwinDraws);
            test!.InputsOf(set).Slice(from * Dimension, Dimension).CopyTo(input);
            if (labels is not null)
            {
                labels[to] = test.LabelsOf(set)[from];
            }

            if (targets is not null)
            {
                test.TargetsOf(set).Slice(from * data.Outputs, data.Outputs).CopyTo(targets.AsSpan(to * data.Outputs));
            }
        }

        return new DataSet(data.Samples, Dimension, data.Outputs, data.Sets, inputs, labels, targets);
    }

    /// <inheritdoc/>
    public DataSet? Test(int first, int count) => _source.Test(first, count);

    // Distinct for distinct twins as long as there are as many rows.
    private int Order(int rows, int replica, RandomStream stream) =>
        new EpochOrder(new EpochDomain(rows), _seed, replica, 0, stream).RowAt(_twin % rows);
}
