using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Networks;

namespace Hesse.Backends.Cuda;

/// <summary>
/// Forward and backward pass over a data set of nets that do not fit in shared memory, by cuBLAS' products for all replicas at once with a
/// kernel behind each product that finishes it (large_pass.cu). Rows of samples, (R,rows,samples), as factors.cuh has them.
/// </summary>
internal sealed class LargePass<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Threads = 256;
    private const int MostPieces = 1024;

    private readonly CudaDevice _device;
    private readonly BlasContext _blas;
    private readonly Network _network;
    private readonly KernelModule _module;
    private readonly DeviceSamples<T> _data;
    private readonly int _samples; // numbers of a row
    private readonly long _rows; // of a replica
    private readonly int[] _activations; // row of a_l, l = 0 .. L-1
    private readonly int[] _deltas; // row of delta_l, l = 1 .. L
    private readonly int[] _backs; // row of W_{l+1}^T delta_{l+1}, l = 1 .. L-1

    /// <summary>Compiles the kernels.</summary>
    /// <param name="device">The current device.</param>
    /// <param name="blas">Its cuBLAS.</param>
    /// <param name="shape">The net, in device memory.</param>
    /// <param name="data">The data set.</param>
    /// <param name="samples">Numbers of a row: samples that are worked on at once.</param>
    /// <param name="rows">Rows of a replica: those of factors.cuh, or <see cref="ForwardRows"/>.</param>
    public LargePass(
        CudaDevice device,
        BlasContext blas,
        KernelShape shape,
        DeviceSamples<T> data,
        int samples,
        long rows
    )
    {
        _device = device;
        _blas = blas;
        _network = shape.Network;
        _data = data;
        _samples = samples;
        _rows = rows;
        int next = 0;
        int Take(int units)
        {
            next += units;
            return next - units;
        }

        int layers = _network.Layers;
        int hidden = 0;
        foreach (int width in _network.Widths[1..^1])
        {
            hidden += width;
        }

        _activations = [.. Enumerable.Range(0, layers).Select(l => Take(_network.Widths[l]))];
        _deltas = [.. Enumerable.Range(1, layers).Select(l => Take(_network.Widths[l]))];
        // phi' and phi'' lie between.
        next += 2 * hidden;
        _backs = [.. Enumerable.Range(1, layers - 1).Select(l => Take(_network.Widths[l]))];
        _module = device.Module(
            new KernelProgram(
                [.. shape.Definitions.Where(definition => definition.Name != "THREADS"), ("THREADS", $"{Threads}")],
                "large_pass.cu"
            )
        );
    }

    /// <summary>Rows of a replica of which losses are wanted alone: a_l, l = 0 .. L-1, and delta_l, l = 1 .. L.</summary>
    public static long ForwardRows(Network network)
    {
        long rows = 0;
        for (int l = 1; l <= network.Layers; l++)
        {
            rows += network.Widths[l - 1] + network.Widths[l];
        }

        return rows;
    }

    /// <summary>Forward pass of `count` samples from number `first` on, to the outputs z_L.</summary>
    /// <param name="arrays">Parameters (R,P), samples of the set on the device, rows and turned targets.</param>
    /// <param name="replicas">R</param>
    /// <param name="first">The first sample.</param>
    /// <param name="count">Samples, at most as many as a row has numbers.</param>
    /// <param name="keep">Whether phi' and phi'' are wanted as well.</param>
    /// <param name="logits">(R,N,C) or 0.</param>
    public void Forward(LargeArrays arrays, int replicas, int first, int count, bool keep, nint logits)
    {
        Launch(
            "take_samples",
            (long)count * _network.Widths[0],
            replicas,
            arrays.Inputs,
            arrays.Targets,
            arrays.Rows,
            Stride,
            _samples,
            arrays.Turned,
            _data.OwnData ? 1 : 0,
            _data.Samples,
            first,
            count
        );
        int layers = _network.Layers;
        for (int l = 1; l <= layers; l++)
        {
            int to = l == layers ? _deltas[l - 1] : _activations[l];
            _blas.Multiply<T>(
                _network.Widths[l],
                _samples,
                _network.Widths[l - 1],
                Weights(arrays, l, transposed: false),
                Row(arrays, _activations[l - 1]),
                Row(arrays, to),
                replicas
            );
            if (l < layers)
            {
                Launch(
                    "hidden_layer",
                    (long)count * _network.Widths[l],
                    replicas,
                    arrays.Parameters,
                    arrays.Rows,
                    Stride,
                    _samples,
                    l,
                    count,
                    keep ? 1 : 0
                );
            }
        }

        Launch(
            "output_layer",
            (long)count * _network.OutputWidth,
            replicas,
            arrays.Parameters,
            arrays.Rows,
            Stride,
            _samples,
            logits,
            count
        );
    }

    /// <summary>All factors of all samples, deltas divided by a number.</summary>
    public void Fill(LargeArrays arrays, int replicas, int divisor)
    {
        Forward(arrays, replicas, 0, _samples, keep: true, logits: 0);
        Launch("output_deltas", _samples, replicas, arrays.Rows, Stride, _samples, arrays.Turned, _samples, divisor);
        for (int l = _network.Layers; l > 1; l--)
        {
            _blas.Multiply<T>(
                _network.Widths[l - 1],
                _samples,
                _network.Widths[l],
                Weights(arrays, l, transposed: true),
                Row(arrays, _deltas[l - 1]),
                Row(arrays, _backs[l - 2]),
                replicas
            );
            Launch(
                "hidden_deltas",
                (long)_samples * _network.Widths[l - 1],
                replicas,
                arrays.Rows,
                Stride,
                _samples,
                l - 1,
                _samples
            );
        }
    }

    /// <summary>Gradients (R,P) from the factors: dW_l = delta_l a_{l-1}^T.</summary>
    public void Gradient(LargeArrays arrays, int replicas, DeviceMemory gradients)
    {
        for (int l = 1; l <= _network.Layers; l++)
        {
            _blas.Multiply<T>(
                _network.Widths[l],
                _network.Widths[l - 1],
                _samples,
                Row(arrays, _deltas[l - 1]),
                Row(arrays, _activations[l - 1]) with
                {
                    Transposed = true,
                },
                Weights(arrays with { Parameters = gradients.Address }, l, transposed: false),
                replicas
            );
        }

        Launch("bias_gradients", _network.ParameterCount, replicas, arrays.Rows, Stride, _samples, gradients.Address);
    }

    /// <summary>Adds losses and right answers of the `count` samples of the last forward pass, which began at number `first`. (R) each.</summary>
    public void AddLosses(LargeArrays arrays, int replicas, int first, int count, nint losses, nint rights) =>
        _device.Launch(
            _module,
            "add_losses",
            (1, replicas),
            Threads,
            0,
            arrays.Rows,
            Stride,
            _samples,
            arrays.Turned,
            losses,
            rights,
            first,
            count
        );

    private long Stride => _rows * _samples;

    private BlasFactor Row(LargeArrays arrays, int row) =>
        new(arrays.Rows + (nint)((long)row * _samples * Unsafe.SizeOf<T>()), Stride);

    private BlasFactor Weights(LargeArrays arrays, int layer, bool transposed) =>
        new(
            arrays.Parameters + (nint)((long)_network.WeightOffset(layer) * Unsafe.SizeOf<T>()),
            _network.ParameterCount,
            transposed
        );

    private void Launch(string kernel, long elements, int replicas, params ReadOnlySpan<KernelArgument> arguments) =>
        _device.Launch(
            _module,
            kernel,
            (Math.Clamp((elements + Threads - 1) / Threads, 1, MostPieces), replicas),
            Threads,
            0,
            arguments
        );
}

/// <summary>Where the arrays of a <see cref="LargePass{T}"/> lie.</summary>
/// <param name="Parameters">(R,P)</param>
/// <param name="Inputs">(sets,N,d)</param>
/// <param name="Targets">(sets,N,columns)</param>
/// <param name="Rows">(R,rows,samples)</param>
/// <param name="Turned">(R,columns,samples)</param>
internal sealed record LargeArrays(nint Parameters, nint Inputs, nint Targets, nint Rows, nint Turned);
