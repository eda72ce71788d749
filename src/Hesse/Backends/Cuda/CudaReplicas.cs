using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hesse.Data;

namespace Hesse.Backends.Cuda;

/// <summary>A wave of replicas in training, shared out over the devices in consecutive parts.</summary>
internal sealed class CudaReplicas<T> : IReplicas
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly TrainingProblem _problem;
    private readonly DeviceSamples<T> _training;
    private readonly (int Offset, int Count, CudaWave<T> Wave)[] _parts;
    private DeviceSamples<T>? _other; // the last set evaluated that is not the training set

    public CudaReplicas(IReadOnlyList<CudaDevice> devices, Wave wave, Action<string> notice)
    {
        int count = wave.Count;
        _problem = wave.Problem;
        StateCount = UpdateNumbers.Of(_problem.Optimizer)!.States;
        Wave = wave;
        _training = new DeviceSamples<T>(wave.Training(), _problem.Network);
        int parts = Math.Min(devices.Count, count);
        _parts = new (int, int, CudaWave<T>)[parts];
        try
        {
            for (int part = 0; part < parts; part++)
            {
                int offset = (int)((long)count * part / parts);
                int own = (int)((long)count * (part + 1) / parts) - offset;
                _parts[part] = (offset, own, new CudaWave<T>(devices[part], wave, _training, offset, own, notice));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public Wave Wave { get; }

    public int Count => Wave.Count;

    public int Step { get; private set; }

    public int StateBytes(int step) => checked(Unsafe.SizeOf<T>() * _problem.Network.ParameterCount * (1 + StateCount));

    public void SaveState(int replica, Span<byte> state)
    {
        (int offset, _, CudaWave<T> wave) = PartOf(replica);
        wave.SaveState(replica - offset, MemoryMarshal.Cast<byte, T>(state));
    }

    public void LoadState(int step, int replica, ReadOnlySpan<byte> state)
    {
        (int offset, _, CudaWave<T> wave) = PartOf(replica);
        wave.LoadState(replica - offset, MemoryMarshal.Cast<byte, T>(state));
        Step = step;
    }

    public void Advance(int steps)
    {
        Devices.Each(_parts.Length, part => _parts[part].Wave.Advance(Step, steps));
        Step += steps;
    }

    public void CopyParameters(Span<double> parameters)
    {
        int p = _problem.Network.ParameterCount;
        foreach ((int offset, int count, CudaWave<T> wave) in _parts)
        {
            wave.CopyParameters(parameters.Slice(offset * p, count * p));
        }
    }

    public int StateCount { get; }

    public void CopyState(Span<double> state)
    {
        int length = StateCount * _problem.Network.ParameterCount;
        foreach ((int offset, int count, CudaWave<T> wave) in _parts)
        {
            wave.CopyState(state.Slice(offset * length, count * length));
        }
    }

    public void LossAndAccuracy(DataSet data, Span<double> loss, Span<double> accuracy)
    {
        DeviceSamples<T> samples = _training;
        if (!ReferenceEquals(data, _training.Source))
        {
            if (!ReferenceEquals(data, _other?.Source))
            {
                _other = new DeviceSamples<T>(data, _problem.Network);
            }

            samples = _other!;
        }

        foreach ((int offset, int count, CudaWave<T> wave) in _parts)
        {
            wave.LossAndAccuracy(
                samples,
                loss.IsEmpty ? [] : loss.Slice(offset, count),
                accuracy.IsEmpty ? [] : accuracy.Slice(offset, count)
            );
        }
    }

    private (int Offset, int Count, CudaWave<T> Wave) PartOf(int replica) =>
        _parts.First(part => replica < part.Offset + part.Count);

    public void Dispose()
    {
        foreach ((_, _, CudaWave<T>? wave) in _parts)
        {
            wave?.Dispose();
        }
    }
}
