using System.Numerics;
using Hesse.Networks;

namespace Hesse.Backends.Cuda;

/// <summary>
/// Losses and right answers of replicas whose parameters are on a device (evaluation.cu). Kept from one observation to the next with its
/// memory and the data set, so that an observation is one launch and one copy: where losses are asked for at every step, allocations and
/// copies of the data would cost more than the steps. Nets that fit in no shared memory pass by cuBLAS where it is asked for.
/// </summary>
internal sealed unsafe class Evaluation<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // Of a net that cuBLAS passes: wide enough for its products, little beside the weights.
    private const int MostLargeSamples = 256;

    private readonly CudaDevice _device;
    private readonly Network _network;
    private readonly KernelShape _shape;
    private readonly KernelModule? _module;
    private readonly LargePass<T>? _large; // in the place of the kernel
    private readonly (DeviceMemory Inputs, DeviceMemory Targets)? _given;
    private readonly DeviceArrays _arrays; // losses and rights (2,room), buffer, turned targets, inputs and targets unless they are given
    private readonly T[] _sums;
    private readonly long _numbers; // of a replica's buffer
    private readonly int _together; // samples of a pass
    private readonly int _room;
    private int _first = -1; // of the replicas whose own samples are there; of a shared set 0

    /// <summary>Takes memory for as many replicas as fit.</summary>
    /// <param name="device">The current device.</param>
    /// <param name="network">The net.</param>
    /// <param name="precision">The format T.</param>
    /// <param name="samples">The data set.</param>
    /// <param name="count">The most replicas that are asked for at once.</param>
    /// <param name="notice">Is told when memory is short.</param>
    /// <param name="given">The samples of all replicas where they are on the device already.</param>
    public Evaluation(
        CudaDevice device,
        Network network,
        Precision precision,
        DeviceSamples<T> samples,
        int count,
        Action<string> notice,
        (DeviceMemory Inputs, DeviceMemory Targets)? given = null
    )
    {
        _device = device;
        _network = network;
        Samples = samples;
        _given = given;
        _shape = KernelShape.Choose(
            network,
            precision,
            samples.Samples,
            static shape => 2 * shape.Row,
            device.Properties
        );
        _together = Math.Min(samples.Samples, MostLargeSamples);
        if (_shape.InDeviceMemory && device.Blas is { } blas)
        {
            long rows = LargePass<T>.ForwardRows(network);
            _large = new LargePass<T>(device, blas, _shape, samples, _together, rows);
            _numbers = rows * _together;
        }
        else
        {
            _module = device.Module(new KernelProgram(_shape.Definitions, "evaluation.cu"));
            _numbers = _shape.BlockNumbers + (2 * _shape.Row);
        }

        _arrays = DeviceArrays.AllocateWave(
            device,
            count,
            replicas =>
                [
                    2L * replicas * sizeof(T),
                    _shape.InDeviceMemory ? replicas * _numbers * sizeof(T) : 0,
                    _large is null ? 0 : (long)replicas * _shape.TargetColumns * _together * sizeof(T),
                    .. given is null ? samples.Bytes(replicas) : [],
                ],
            notice,
            out _room
        );
        _sums = new T[2 * _room];
    }

    /// <summary>The data set.</summary>
    public DeviceSamples<T> Samples { get; }

    /// <summary>Mean loss and share of right answers, samples ascending in every sum. (R) each, either may be empty.</summary>
    /// <param name="parameters">(R,P)</param>
    /// <param name="first">Place of the first replica in the data set, and in given samples.</param>
    /// <param name="count">R</param>
    /// <param name="loss">(R)</param>
    /// <param name="accuracy">(R)</param>
    public void Run(DeviceMemory parameters, int first, int count, Span<double> loss, Span<double> accuracy)
    {
        double n = Samples.Samples;
        for (int from = 0; from < count; from += _room)
        {
            int part = Math.Min(_room, count - from);
            (nint inputs, nint targets) = SamplesOf(first + from, part);
            Sum(parameters.Address + ((nint)from * _network.ParameterCount * sizeof(T)), inputs, targets, part);
            _device.Download<T>(_arrays[0], _sums.AsSpan(0, 2 * part));
            for (int i = 0; i < part; i++)
            {
                if (!loss.IsEmpty)
                {
                    loss[from + i] = double.CreateChecked(_sums[i]) / n;
                }

                if (!accuracy.IsEmpty)
                {
                    accuracy[from + i] = double.CreateChecked(_sums[part + i]) / n;
                }
            }
        }
    }

    public void Dispose() => _arrays.Dispose();

    // Losses and right answers of `count` replicas to array 0.
    private void Sum(nint parameters, nint inputs, nint targets, int count)
    {
        nint losses = _arrays[0].Address;
        nint rights = losses + ((nint)count * sizeof(T));
        if (_large is null)
        {
            _device.Launch(
                _module!,
                "evaluation",
                (count, 1),
                _shape.Threads,
                _shape.InDeviceMemory ? 0 : (int)_numbers * sizeof(T),
                parameters,
                inputs,
                targets,
                losses,
                rights,
                _arrays[1],
                Samples.Samples,
                Samples.OwnData ? 1 : 0
            );
            return;
        }

        LargeArrays arrays = new(parameters, inputs, targets, _arrays[1].Address, _arrays[2].Address);
        for (int first = 0; first < Samples.Samples; first += _together)
        {
            int some = Math.Min(_together, Samples.Samples - first);
            _large.Forward(arrays, count, first, some, keep: false, logits: 0);
            _large.AddLosses(arrays, count, first, some, losses, rights);
        }
    }

    private (nint Inputs, nint Targets) SamplesOf(int first, int count)
    {
        int place = Samples.OwnData ? first : 0;
        if (_given is { } given)
        {
            long[] before = Samples.OwnData ? Samples.Bytes(place) : [0, 0];
            return (given.Inputs.Address + (nint)before[0], given.Targets.Address + (nint)before[1]);
        }

        // What is there serves the same replicas again, if it was theirs alone: a part at a time overwrites it.
        if (_first != place || (Samples.OwnData && count < _room))
        {
            Samples.Upload(_device, _arrays[3], _arrays[4], place, count);
            _first = place;
        }

        return (_arrays[3].Address, _arrays[4].Address);
    }
}
