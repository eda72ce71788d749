using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Networks;
using Hesse.Replicas;

namespace Hesse.Backends.Cuda;

/// <summary>
/// Training of nets that do not fit in shared memory by cuBLAS' products for all replicas at once, with a kernel behind each product that
/// finishes it (large_training.cu). Per replica a buffer of rows: mini-batch, z_l, a_l and delta_l of every layer, gradient.
/// </summary>
internal sealed class LargeTraining<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Threads = 256;
    private const int MostPieces = 1024;
    private const int Aligned = 4; // numbers: cuBLAS is faster on addresses of whole vectors

    private readonly CudaDevice _device;
    private readonly BlasContext _blas;
    private readonly Network _network;
    private readonly BatchIndices _indices;
    private readonly KernelModule _module;
    private readonly int _inputs;
    private readonly int _gradient;
    private readonly int[] _sums;
    private readonly int[] _hidden;
    private readonly int[] _deltas;

    /// <summary>Compiles the kernels.</summary>
    /// <param name="device">The current device, with cuBLAS.</param>
    /// <param name="blas">Its cuBLAS.</param>
    /// <param name="network">The net.</param>
    /// <param name="indices">The mini-batches.</param>
    /// <param name="definitions">Macros of the shape and of the update rule.</param>
    public LargeTraining(
        CudaDevice device,
        BlasContext blas,
        Network network,
        BatchIndices indices,
        IEnumerable<(string Name, string Value)> definitions
    )
    {
        _device = device;
        _blas = blas;
        _network = network;
        _indices = indices;
        int batch = indices.LargestBatch;
        long length = 0;
        int Take(long numbers)
        {
            long begin = length;
            length += (numbers + Aligned - 1) / Aligned * Aligned;
            return checked((int)begin);
        }

        int[] Layers(int count) => [.. Enumerable.Range(1, count).Select(l => Take((long)batch * network.Widths[l]))];

        _inputs = Take((long)batch * network.Widths[0]);
        int targets = Take((long)batch * (network.Loss == Loss.CrossEntropy ? 1 : network.OutputWidth));
        _sums = Layers(network.Layers);
        _hidden = Layers(network.Layers - 1);
        _deltas = Layers(network.Layers - 1);
        _gradient = Take(network.ParameterCount);
        Stride = length;
        _module = device.Module(
            new KernelProgram(
                [
                    .. definitions.Where(definition => definition.Name != "THREADS"),
                    ("THREADS", $"{Threads}"),
                    ("INPUTS_AT", $"{_inputs}"),
                    ("TARGETS_AT", $"{targets}"),
                    ("GRADIENT_AT", $"{_gradient}"),
                    ("SUMS_AT", string.Join(", ", _sums)),
                    // One layer has no hidden ones; an array of none is no C++.
                    ("HIDDEN_AT", string.Join(", ", _hidden.DefaultIfEmpty())),
                    ("DELTAS_AT", string.Join(", ", _deltas.DefaultIfEmpty())),
                    ("STRIDE", $"{length}ll"),
                ],
                "large_training.cu"
            )
        );
    }

    /// <summary>Numbers of a replica's buffer.</summary>
    public long Stride { get; }

    /// <summary>Makes updates of `count` replicas; nothing is waited for.</summary>
    /// <param name="arrays">Of <see cref="CudaWave{T}"/>: parameters, state, numbers of the steps, buffers, inputs, targets, places.</param>
    /// <param name="samples">The data set.</param>
    /// <param name="seed">Of the experiment.</param>
    /// <param name="count">Replicas.</param>
    /// <param name="step">Updates made before.</param>
    /// <param name="steps">How many.</param>
    public void Advance(DeviceArrays arrays, DeviceSamples<T> samples, ulong seed, int count, int step, int steps)
    {
        EpochDomain domain = _indices.Domain;
        for (int t = 0; t < steps; t++)
        {
            int size = _indices.BatchSize(step + t);
            _device.Launch(
                _module,
                "take_batch",
                (size, count),
                Threads,
                0,
                arrays[4],
                arrays[5],
                arrays[3],
                seed,
                arrays[6],
                samples.Samples,
                samples.OwnData ? 1 : 0,
                (int)domain.Left,
                (int)domain.Right,
                domain.Rounds,
                step + t
            );
            Differentiate(arrays[0], arrays[3], size, count);
            _device.Launch(
                _module,
                "update_parameters",
                (Pieces(_network.ParameterCount), count),
                Threads,
                0,
                arrays[0],
                arrays[1],
                arrays[3],
                arrays[2],
                arrays[6],
                steps,
                t,
                size,
                step + t
            );
        }
    }

    private static long Pieces(long elements) => Math.Clamp((elements + Threads - 1) / Threads, 1, MostPieces);

    private void Differentiate(DeviceMemory parameters, DeviceMemory buffers, int size, int count)
    {
        int layers = _network.Layers;
        for (int l = 1; l <= layers; l++)
        {
            // z_l = a_{l-1} W_l^T, rows of samples.
            _blas.Multiply<T>(
                size,
                _network.Widths[l],
                _network.Widths[l - 1],
                Part(buffers, Input(l)),
                Weights(parameters, l, transposed: true),
                Part(buffers, _sums[l - 1]),
                count
            );
            if (l < layers)
            {
                Finish("hidden_layer", (long)size * _network.Widths[l], count, parameters, buffers, l, size);
            }
        }

        Finish("output_layer", size, count, parameters, buffers, size);
        for (int l = layers; l >= 1; l--)
        {
            int delta = l == layers ? _sums[l - 1] : _deltas[l - 1];
            if (l > 1)
            {
                // delta_l W_l, which phi' makes delta_{l-1}.
                _blas.Multiply<T>(
                    size,
                    _network.Widths[l - 1],
                    _network.Widths[l],
                    Part(buffers, delta),
                    Weights(parameters, l, transposed: false),
                    Part(buffers, _deltas[l - 2]),
                    count
                );
                Finish("hidden_deltas", (long)size * _network.Widths[l - 1], count, buffers, l - 1, size);
            }

            // dW_l = delta_l^T a_{l-1}
            _blas.Multiply<T>(
                _network.Widths[l],
                _network.Widths[l - 1],
                size,
                Part(buffers, delta) with
                {
                    Transposed = true,
                },
                Part(buffers, Input(l)),
                Part(buffers, _gradient + _network.WeightOffset(l)),
                count
            );
        }
    }

    // Where a_{l-1} lies.
    private int Input(int layer) => layer == 1 ? _inputs : _hidden[layer - 2];

    private BlasFactor Part(DeviceMemory buffers, int at) =>
        new(buffers.Address + (nint)((long)at * Unsafe.SizeOf<T>()), Stride);

    private BlasFactor Weights(DeviceMemory parameters, int layer, bool transposed) =>
        new(
            parameters.Address + (nint)((long)_network.WeightOffset(layer) * Unsafe.SizeOf<T>()),
            _network.ParameterCount,
            transposed
        );

    private void Finish(string kernel, long elements, int count, params ReadOnlySpan<KernelArgument> arguments) =>
        _device.Launch(_module, kernel, (Pieces(elements), count), Threads, 0, arguments);
}
