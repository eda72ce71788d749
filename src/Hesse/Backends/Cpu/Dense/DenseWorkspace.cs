using System.Numerics;
using System.Numerics.Tensors;
using Hesse.Data;
using Hesse.Networks;

namespace Hesse.Backends.Cpu.Dense;

/// <summary>Names of the scratch arrays that operations share.</summary>
internal enum DenseScratch
{
    /// <summary>Packed panels of a matrix product.</summary>
    Product,

    /// <summary>A vector of P elements or several.</summary>
    Vector,

    /// <summary>Another.</summary>
    Second,

    /// <summary>A tile of a symmetric matrix.</summary>
    Tile,

    /// <summary>A whole matrix.</summary>
    Matrix,

    /// <summary>Another.</summary>
    SecondMatrix,

    /// <summary>R z of all layers.</summary>
    DirectionalPreactivations,

    /// <summary>R a of all layers.</summary>
    DirectionalActivations,

    /// <summary>R delta of all layers.</summary>
    DirectionalDeltas,

    /// <summary>Sample-major deltas of all layers.</summary>
    DeltaRows,

    /// <summary>S_m of all layers.</summary>
    Curvature,

    /// <summary>W^T S of all layers.</summary>
    CurvatureBelow,

    /// <summary>J_{l,m}</summary>
    Jacobian,

    /// <summary>D_{l,m}</summary>
    ActivationJacobian,

    /// <summary>K_{l,m}</summary>
    CrossCurvature,

    /// <summary>One column of D_{l,m}, sample-major.</summary>
    JacobianRows,

    /// <summary>[a_{l-1}; 1] in tiles.</summary>
    PackedActivations,

    /// <summary>A panel of the right-hand factor.</summary>
    Panel,
}

/// <summary>The net of the last call with its data loaded, and scratch arrays that grow to what was ever needed.</summary>
internal sealed unsafe class DenseWorkspace<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly AlignedBuffer<T>?[] _scratch = new AlignedBuffer<T>?[Enum.GetValues<DenseScratch>().Length];
    private DenseNet<T>? _net;
    private DataSet? _data;
    private int _set;

    /// <summary>Scratch of at least this many elements; contents are what the last user left.</summary>
    public T* Take(DenseScratch name, long length)
    {
        AlignedBuffer<T>? buffer = _scratch[(int)name];
        if (buffer is null || buffer.Length < length)
        {
            buffer?.Dispose();
            buffer = _scratch[(int)name] = new(length);
        }

        return buffer.Pointer;
    }

    /// <summary>The net with the parameters of a replica and its samples.</summary>
    public DenseNet<T> Load(Points points, int replica)
    {
        int set = points.Data.Sets == 1 ? 0 : replica;
        if (_net is null || _net.Network != points.Network || _net.Capacity != points.Samples)
        {
            _net?.Dispose();
            _net = new(points.Network, points.Samples);
            _data = null;
        }

        TensorPrimitives.ConvertTruncating(
            points.ParametersOf(replica),
            new Span<T>(_net.Parameters, points.Network.ParameterCount)
        );
        if (_data != points.Data || _set != set)
        {
            LoadSamples(_net, points.Data, set);
            _data = points.Data;
            _set = set;
        }

        return _net;
    }

    public void Dispose()
    {
        _net?.Dispose();
        foreach (AlignedBuffer<T>? buffer in _scratch)
        {
            buffer?.Dispose();
        }
    }

    private static void LoadSamples(DenseNet<T> net, DataSet data, int set)
    {
        int dimension = data.Dimension;
        ReadOnlySpan<double> inputs = data.InputsOf(set);
        nint rowStride = net.RowStride(0);
        for (int n = 0; n < net.Samples; n++)
        {
            Span<T> row = new(net.Rows(0) + (n * rowStride), dimension);
            TensorPrimitives.ConvertTruncating(inputs.Slice(n * dimension, dimension), row);
        }

        net.ToColumns(net.Rows(0), rowStride, dimension, net.Activations(0));
        OutputValues<T> output = net.Output;
        for (int n = 0; n < net.Samples; n++)
        {
            if (net.Network.Loss == Loss.CrossEntropy)
            {
                output.Labels[n] = T.CreateTruncating(data.LabelsOf(set)[n]);
                continue;
            }

            ReadOnlySpan<double> targets = data.TargetsOf(set).Slice(n * output.Width, output.Width);
            for (int c = 0; c < output.Width; c++)
            {
                output.Targets[(c * output.Stride) + n] = T.CreateTruncating(targets[c]);
            }
        }
    }
}
