using System.Numerics;
using Hesse.Networks;

namespace Hesse.Backends.Cuda;

/// <summary>
/// Some replicas of a set of points on a device: their parameters and samples, the factors of their passes (factors.cuh), and arrays of the
/// operation at hand.
/// </summary>
internal sealed class PointsBatch<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // parameters, inputs, targets, factors, block memory or turned targets, then the operation's own
    private const int Own = 5;
    private const int ProductRows = 32;
    private const int ProductColumns = 64;
    private const int ProductThreads = 128;

    private readonly DeviceArrays _arrays;
    private readonly DeviceSamples<T> _samples;
    private readonly KernelShape _shape;
    private readonly KernelModule _passes;
    private readonly LargePass<T>? _large; // in the place of sample_pass.cu

    /// <summary>Brings as many replicas to a device as fit.</summary>
    /// <param name="device">The current device.</param>
    /// <param name="points">The points.</param>
    /// <param name="samples">Their data set.</param>
    /// <param name="first">The first replica.</param>
    /// <param name="most">How many are left to do.</param>
    /// <param name="sizes">Bytes of the operation's arrays for a number of replicas.</param>
    /// <param name="notice">Is told when memory is short.</param>
    public unsafe PointsBatch(
        CudaDevice device,
        Points points,
        DeviceSamples<T> samples,
        int first,
        int most,
        Func<int, long[]> sizes,
        Action<string> notice
    )
    {
        Device = device;
        Network = points.Network;
        First = first;
        _samples = samples;
        _shape = KernelShape.Choose(points.Network, points.Precision, samples.Samples, _ => 0, device.Properties);
        int p = points.Network.ParameterCount;
        long rows = FactorRows(points.Network);
        if (_shape.InDeviceMemory && device.Blas is { } blas)
        {
            _large = new LargePass<T>(device, blas, _shape, samples, samples.Samples, rows);
        }

        _arrays = DeviceArrays.AllocateWave(
            device,
            most,
            replicas =>
                [
                    (long)replicas * p * sizeof(T),
                    .. samples.Bytes(replicas),
                    replicas * rows * samples.Samples * sizeof(T),
                    _large is not null ? (long)replicas * _shape.TargetColumns * samples.Samples * sizeof(T)
                    : _shape.InDeviceMemory ? replicas * _shape.BlockNumbers * sizeof(T)
                    : 0,
                    .. sizes(replicas),
                ],
            notice,
            out int count
        );
        Count = count;
        Take(points.Parameters.Span.Slice(first * p, count * p), Parameters);
        samples.Upload(device, _arrays[1], _arrays[2], first, count);
        _passes = Module("sample_pass.cu", "gradient.cu", "per_sample_gradients.cu", "gram.cu");
    }

    /// <summary>Where it is.</summary>
    public CudaDevice Device { get; }

    /// <summary>The net.</summary>
    public Network Network { get; }

    /// <summary>Which of the points its first replica is.</summary>
    public int First { get; }

    /// <summary>Replicas of this batch.</summary>
    public int Count { get; }

    /// <summary>N</summary>
    public int Samples => _samples.Samples;

    /// <summary>p</summary>
    public int ParameterCount => Network.ParameterCount;

    /// <summary>(R,P)</summary>
    public DeviceMemory Parameters => _arrays[0];

    /// <summary>(R,FACTOR_ROWS,N), after <see cref="Pass"/>.</summary>
    public DeviceMemory Factors => _arrays[3];

    /// <summary>Array number i of the operation.</summary>
    public DeviceMemory this[int i] => _arrays[Own + i];

    /// <summary>Tiles of product.cuh over a matrix of rows x columns.</summary>
    public static long Tiles(long rows, long columns) =>
        (rows + ProductRows - 1) / ProductRows * ((columns + ProductColumns - 1) / ProductColumns);

    /// <summary>Tiles of the matrices [W_l b_l] of all layers.</summary>
    public long LayerTiles
    {
        get
        {
            long tiles = 0;
            for (int l = 1; l <= Network.Layers; l++)
            {
                tiles += Tiles(Network.Widths[l], Inputs(l));
            }

            return tiles;
        }
    }

    /// <summary>d_{l-1} + [bias_l]</summary>
    public int Inputs(int layer) => Network.Widths[layer - 1] + (Network.HasBias(layer) ? 1 : 0);

    /// <summary>The kernels of some files, compiled for the net's shape.</summary>
    public KernelModule Module(params string[] files) => Device.Module(new KernelProgram(_shape.Definitions, files));

    /// <summary>Forward and backward pass of all samples, deltas divided by a number: fills the factors.</summary>
    public void Pass(int divisor)
    {
        if (_large is null)
        {
            Launch(Factors, 0, divisor);
        }
        else
        {
            _large.Fill(Large, Count, divisor);
        }
    }

    /// <summary>The forward pass alone, to logits (R,N,C).</summary>
    public void Logits(DeviceMemory logits)
    {
        if (_large is null)
        {
            Launch(0, logits, 1);
        }
        else
        {
            _large.Forward(Large, Count, 0, Samples, keep: false, logits.Address);
        }
    }

    /// <summary>Gradients of the mean loss, (R,P), after <see cref="Pass"/> with divisor N.</summary>
    public void Gradient(DeviceMemory gradients)
    {
        if (_large is null)
        {
            Launch("gradient", LayerTiles, ProductThreads, Factors, gradients, Samples);
        }
        else
        {
            _large.Gradient(Large, Count, gradients);
        }
    }

    /// <summary>Mean losses. (R)</summary>
    public void Evaluate(Precision precision, Span<double> losses, Action<string> notice)
    {
        using Evaluation<T> evaluation = new(
            Device,
            Network,
            precision,
            _samples,
            Count,
            notice,
            (_arrays[1], _arrays[2])
        );
        evaluation.Run(Parameters, first: 0, Count, losses, []);
    }

    /// <summary>A kernel of the passes' program over (pieces, R).</summary>
    public void Launch(string kernel, long pieces, int threads, params ReadOnlySpan<KernelArgument> arguments) =>
        Device.Launch(_passes, kernel, (pieces, Count), threads, 0, arguments);

    /// <summary>Copies numbers to the device, rounded.</summary>
    public void Take(ReadOnlySpan<double> numbers, DeviceMemory to)
    {
        T[] narrow = new T[numbers.Length];
        for (int i = 0; i < narrow.Length; i++)
        {
            narrow[i] = T.CreateChecked(numbers[i]);
        }

        Device.Upload<T>(narrow, to);
    }

    /// <summary>Copies an array to the host, widened.</summary>
    public void Give(DeviceMemory from, Span<double> results)
    {
        if (typeof(T) == typeof(double))
        {
            Device.Download(from, results);
            return;
        }

        T[] narrow = new T[results.Length];
        Device.Download<T>(from, narrow);
        for (int i = 0; i < narrow.Length; i++)
        {
            results[i] = double.CreateChecked(narrow[i]);
        }
    }

    public void Dispose() => _arrays.Dispose();

    private LargeArrays Large =>
        new(Parameters.Address, _arrays[1].Address, _arrays[2].Address, Factors.Address, _arrays[4].Address);

    private void Launch(KernelArgument factors, KernelArgument logits, int divisor)
    {
        int pieces = (Samples + _shape.Samples - 1) / _shape.Samples;
        Device.Launch(
            _passes,
            "sample_pass",
            (_shape.InDeviceMemory ? 1 : pieces, Count),
            _shape.Threads,
            _shape.InDeviceMemory ? 0 : (int)_shape.BlockNumbers * _shape.NumberBytes,
            Parameters,
            _arrays[1],
            _arrays[2],
            factors,
            logits,
            _arrays[4],
            Samples,
            _samples.OwnData ? 1 : 0,
            divisor
        );
    }

    // FACTOR_ROWS of factors.cuh.
    private static long FactorRows(Network network)
    {
        long units = 0;
        long hidden = 0;
        for (int l = 0; l <= network.Layers; l++)
        {
            units += network.Widths[l];
            hidden += l > 0 && l < network.Layers ? network.Widths[l] : 0;
        }

        int probabilities =
            network.Loss == Loss.CrossEntropy ? network.OutputWidth
            : network.Loss == Loss.Logistic ? 2
            : 0;
        // a_0 .. a_{L-1} and delta_1 .. delta_L share the hidden units; three more rows each.
        return units + (4 * hidden) + probabilities;
    }
}
