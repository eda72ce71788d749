using System.Numerics;
using Hesse.Data;
using Hesse.Networks;

namespace Hesse.Backends.Cpu.Lanes;

/// <summary>A data set in training precision: rows of inputs, and class numbers or rows of targets.</summary>
internal sealed unsafe class LaneSamples<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly DataSet _source;
    private readonly AlignedBuffer<T> _inputs; // (sets, N, d)
    private readonly AlignedBuffer<T> _targets; // (sets, N, columns)
    private readonly bool _shared;

    /// <summary>Converts a set, which need not be in the form that the loss reads.</summary>
    public LaneSamples(DataSet source, Network network)
    {
        _source = source;
        DataSet data = source.ForNetwork(network);
        _shared = data.Sets == 1;
        Samples = data.Samples;
        Dimension = data.Dimension;
        TargetColumns = network.Loss == Loss.CrossEntropy ? 1 : network.OutputWidth;
        _inputs = new AlignedBuffer<T>(data.Inputs.LongLength);
        for (long i = 0; i < data.Inputs.LongLength; i++)
        {
            _inputs.Pointer[i] = T.CreateChecked(data.Inputs[i]);
        }

        _targets = new AlignedBuffer<T>((long)data.Sets * data.Samples * TargetColumns);
        for (long i = 0; i < _targets.Length; i++)
        {
            _targets.Pointer[i] =
                network.Loss == Loss.CrossEntropy
                    ? T.CreateChecked(data.Labels![i])
                    : T.CreateChecked(data.Targets![i]);
        }
    }

    /// <summary>N</summary>
    public int Samples { get; }

    /// <summary>d</summary>
    public int Dimension { get; }

    /// <summary>1 for class numbers, else C.</summary>
    public int TargetColumns { get; }

    /// <summary>Whether this is that set.</summary>
    public bool Holds(DataSet data) => ReferenceEquals(data, _source);

    /// <summary>Row of replica r of the wave. (d)</summary>
    public T* Inputs(int replica, int row) =>
        _inputs.Pointer + ((((_shared ? 0L : replica) * Samples) + row) * Dimension);

    /// <summary>Class number or target row. (columns)</summary>
    public T* Targets(int replica, int row) =>
        _targets.Pointer + ((((_shared ? 0L : replica) * Samples) + row) * TargetColumns);

    public void Dispose()
    {
        _inputs.Dispose();
        _targets.Dispose();
    }
}
