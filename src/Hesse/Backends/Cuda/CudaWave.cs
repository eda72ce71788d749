using System.Numerics;
using Hesse.Data;
using Hesse.Replicas;

namespace Hesse.Backends.Cuda;

/// <summary>
/// Replicas in training on one device. All of them stay there where they fit; else parts of them take turns, their state coming and
/// going with each call. Which of the two changes no number.
/// </summary>
internal sealed partial class CudaWave<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // Steps of one launch: the numbers of the update rule of every group for all of them lie on the device.
    private const int MostSteps = 4096;
    private const int LeastSteps = 64;
    private const int MostRows = 1 << 20;

    private readonly CudaDevice _device;
    private readonly TrainingProblem _problem; // what all replicas share
    private readonly UpdateNumbers[] _rules; // of each group
    private readonly BatchIndices _indices;
    private readonly KernelShape _shape;
    private readonly KernelModule? _training;
    private readonly LargeTraining<T>? _large; // in the place of the kernel
    private readonly DeviceSamples<T> _samples;
    private readonly Action<string> _notice;
    private readonly DeviceArrays _arrays; // parameters, state, numbers, buffer, inputs, targets, places
    private readonly int[] _places; // number in the experiment and group of each replica (R,2)
    private readonly int _steps; // of a launch at most
    private readonly int _offset; // place in the wave, and in its data, of the first replica
    private readonly int _count;
    private readonly int _room; // replicas on the device at once
    private readonly T[] _parameters; // (R,P), when not all are on the device
    private readonly T[] _state; // (R,states,P), likewise
    private readonly long _blockNumbers;

    /// <summary>Brings replicas offset .. offset + count - 1 of a wave to a device.</summary>
    public unsafe CudaWave(
        CudaDevice device,
        Wave wave,
        DeviceSamples<T> samples,
        int offset,
        int count,
        Action<string> notice
    )
    {
        _device = device;
        TrainingProblem problem = wave.Problem;
        _problem = problem;
        _rules = [.. wave.Groups.Select(group => UpdateNumbers.Of(group.Problem.Optimizer)!)];
        UpdateNumbers rule = Rule;
        _steps = Math.Clamp(MostRows / _rules.Length, LeastSteps, MostSteps);
        _places = new int[2 * count];
        for (int replica = 0; replica < count; replica++)
        {
            _places[2 * replica] = wave.Numbers[offset + replica];
            _places[(2 * replica) + 1] = wave.GroupOf(offset + replica);
        }

        _samples = samples;
        _offset = offset;
        _count = count;
        _notice = notice;
        _indices = new BatchIndices(problem.Seed, samples.Samples, problem.Batch);
        int batch = _indices.LargestBatch;
        _shape = KernelShape.Choose(
            problem.Network,
            problem.Precision,
            batch,
            shape => Own(shape, rule, batch),
            device.Properties
        );
        device.MakeCurrent();
        IEnumerable<(string, string)> definitions =
        [
            .. _shape.Definitions,
            ("BATCH", $"{batch}"),
            ("BATCH_ORDER", $"{(int)_indices.Order}"),
            ("RULE", rule.Rule),
            ("STATES", $"{rule.States}"),
            ("NUMBERS", $"{rule.Count}"),
            ("RESCALE_WEIGHTS", problem.Optimizer.RescaleWeights ? "1" : "0"),
        ];
        if (_shape.InDeviceMemory && device.Blas is { } blas && !rule.LooksAhead && !problem.Optimizer.RescaleWeights)
        {
            _large = new LargeTraining<T>(device, blas, problem.Network, _indices, definitions);
            _blockNumbers = _large.Stride;
        }
        else
        {
            _training = device.Module(new KernelProgram(definitions, "training.cu"));
            _blockNumbers = _shape.BlockNumbers + Own(_shape, rule, batch);
        }

        int p = problem.Network.ParameterCount;
        _arrays = DeviceArrays.AllocateWave(
            device,
            count,
            replicas =>
                [
                    (long)replicas * p * sizeof(T),
                    (long)replicas * rule.States * p * sizeof(T),
                    (long)_rules.Length * _steps * rule.Count * sizeof(T),
                    _shape.InDeviceMemory ? replicas * _blockNumbers * sizeof(T) : 0,
                    .. samples.Bytes(replicas),
                    2L * replicas * sizeof(int),
                ],
            notice,
            out _room
        );
        _parameters = new T[(long)count * p];
        _state = _room < count ? new T[(long)count * rule.States * p] : [];
        double[] point = new double[p];
        for (int replica = 0; replica < count; replica++)
        {
            wave.InitialPoint(offset + replica, point);
            for (int i = 0; i < p; i++)
            {
                _parameters[((long)replica * p) + i] = T.CreateChecked(point[i]);
            }
        }

        if (_room == count)
        {
            device.Upload<T>(_parameters, _arrays[0]);
            device.Clear(_arrays[1]);
            samples.Upload(device, _arrays[4], _arrays[5], offset, count);
            device.Upload<int>(_places, _arrays[6]);
        }
    }

    private bool IsResident => _room == _count;

    // Of all groups but for its numbers.
    private UpdateNumbers Rule => _rules[0];

    /// <summary>Makes updates.</summary>
    /// <param name="step">Updates made before.</param>
    /// <param name="steps">How many.</param>
    public void Advance(int step, int steps)
    {
        _device.MakeCurrent();
        for (int from = 0; from < _count; from += _room)
        {
            int count = Math.Min(_room, _count - from);
            Fetch(from, count, state: true);
            for (int done = 0; done < steps; done += _steps)
            {
                Launch(count, step + done, Math.Min(_steps, steps - done));
            }

            Store(from, count);
        }

        _device.Synchronize();
    }

    public void Dispose()
    {
        _onTraining?.Dispose();
        _onOther?.Dispose();
        _arrays.Dispose();
    }

    // What the training kernel adds to a block's memory: state, the point ahead, the gradient of a batch in pieces.
    private static long Own(KernelShape shape, UpdateNumbers rule, int batch) =>
        shape.Weights * (rule.States + (rule.LooksAhead ? 1 : 0) + (batch > shape.Samples ? 1 : 0));

    private void Fetch(int from, int count, bool state)
    {
        if (IsResident)
        {
            return;
        }

        int p = _problem.Network.ParameterCount;
        _device.Upload<T>(_parameters.AsSpan(from * p, count * p), _arrays[0]);
        if (state)
        {
            _device.Upload<T>(_state.AsSpan(from * p * Rule.States, count * p * Rule.States), _arrays[1]);
            _samples.Upload(_device, _arrays[4], _arrays[5], _offset + from, count);
            _device.Upload<int>(_places.AsSpan(2 * from, 2 * count), _arrays[6]);
        }
    }

    private void Store(int from, int count)
    {
        if (IsResident)
        {
            return;
        }

        int p = _problem.Network.ParameterCount;
        _device.Download<T>(_arrays[0], _parameters.AsSpan(from * p, count * p));
        _device.Download<T>(_arrays[1], _state.AsSpan(from * p * Rule.States, count * p * Rule.States));
    }

    private void Launch(int count, int step, int steps)
    {
        T[] numbers = new T[_rules.Length * steps * Rule.Count];
        Span<double> row = stackalloc double[Rule.Count];
        for (int at = 0; at < _rules.Length * steps; at++)
        {
            _rules[at / steps].At(step + (at % steps), row);
            for (int i = 0; i < row.Length; i++)
            {
                numbers[(at * row.Length) + i] = T.CreateChecked(row[i]);
            }
        }

        _device.Upload<T>(numbers, _arrays[2]);
        if (_large is not null)
        {
            _large.Advance(_arrays, _samples, _problem.Seed, count, step, steps);
            return;
        }

        EpochDomain domain = _indices.Domain;
        _device.Launch(
            _training!,
            "training",
            (count, 1),
            _shape.Threads,
            _shape.InDeviceMemory ? 0 : (int)_blockNumbers * _shape.NumberBytes,
            _arrays[0],
            _arrays[1],
            _arrays[4],
            _arrays[5],
            _arrays[2],
            _arrays[3],
            _problem.Seed,
            _arrays[6],
            _samples.Samples,
            _samples.OwnData ? 1 : 0,
            (int)domain.Left,
            (int)domain.Right,
            domain.Rounds,
            step,
            steps
        );
    }
}
