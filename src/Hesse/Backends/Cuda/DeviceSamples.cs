using System.Numerics;
using Hesse.Data;
using Hesse.Networks;

namespace Hesse.Backends.Cuda;

/// <summary>A data set in the kernels' format: rows of inputs, and class numbers or rows of targets.</summary>
internal sealed class DeviceSamples<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T[] _inputs; // (sets, N, d)
    private readonly T[] _targets; // (sets, N, columns)
    private readonly int _inputLength;
    private readonly int _targetLength;

    /// <summary>Converts a set; samples are those of replicas 0 .. of the set.</summary>
    public DeviceSamples(DataSet source, Network network)
    {
        Source = source;
        DataSet data = source.ForNetwork(network);
        Samples = data.Samples;
        OwnData = data.Sets > 1;
        int columns = network.Loss == Loss.CrossEntropy ? 1 : network.OutputWidth;
        _inputLength = data.Samples * data.Dimension;
        _targetLength = data.Samples * columns;
        _inputs = Array.ConvertAll(data.Inputs, T.CreateChecked);
        _targets =
            network.Loss == Loss.CrossEntropy
                ? Array.ConvertAll(data.Labels!, T.CreateChecked)
                : Array.ConvertAll(data.Targets!, T.CreateChecked);
    }

    /// <summary>The set it was made from.</summary>
    public DataSet Source { get; }

    /// <summary>N</summary>
    public int Samples { get; }

    /// <summary>Whether every replica has a set of its own.</summary>
    public bool OwnData { get; }

    /// <summary>Bytes of inputs and of targets for a number of replicas.</summary>
    public unsafe long[] Bytes(int replicas) =>
        [
            (long)(OwnData ? replicas : 1) * _inputLength * sizeof(T),
            (long)(OwnData ? replicas : 1) * _targetLength * sizeof(T),
        ];

    /// <summary>Copies the samples of some replicas to the device.</summary>
    public void Upload(CudaDevice device, DeviceMemory inputs, DeviceMemory targets, int first, int count)
    {
        (int from, int sets) = OwnData ? (first, count) : (0, 1);
        device.Upload<T>(_inputs.AsSpan(from * _inputLength, sets * _inputLength), inputs);
        device.Upload<T>(_targets.AsSpan(from * _targetLength, sets * _targetLength), targets);
    }
}
