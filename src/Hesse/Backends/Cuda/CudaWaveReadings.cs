using System.Numerics;
using Hesse.Networks;

namespace Hesse.Backends.Cuda;

// What is read of replicas in training, and put back.
internal sealed partial class CudaWave<T>
{
    private Evaluation<T>? _onTraining;
    private Evaluation<T>? _onOther; // on the last set that is not the training set

    /// <summary>The parameters, widened. (R,P)</summary>
    public void CopyParameters(Span<double> parameters)
    {
        if (IsResident)
        {
            _device.MakeCurrent();
            _device.Download<T>(_arrays[0], _parameters);
        }

        for (int i = 0; i < parameters.Length; i++)
        {
            parameters[i] = double.CreateChecked(_parameters[i]);
        }
    }

    /// <summary>The vectors of the update rule, widened. (R,states,P)</summary>
    public void CopyState(Span<double> state)
    {
        T[] all = _state;
        if (IsResident)
        {
            _device.MakeCurrent();
            all = new T[state.Length];
            _device.Download<T>(_arrays[1], all);
        }

        for (int i = 0; i < state.Length; i++)
        {
            state[i] = double.CreateChecked(all[i]);
        }
    }

    /// <summary>Parameters and vectors of the update rule of one replica. (1 + states, P)</summary>
    public void SaveState(int replica, Span<T> state)
    {
        int p = _problem.Network.ParameterCount;
        int length = p * Rule.States;
        if (!IsResident)
        {
            _parameters.AsSpan(replica * p, p).CopyTo(state);
            _state.AsSpan(replica * length, length).CopyTo(state[p..]);
            return;
        }

        _device.MakeCurrent();
        _device.Download(_arrays[0], state[..p], (long)replica * p);
        _device.Download(_arrays[1], state[p..], (long)replica * length);
    }

    /// <summary>Puts them back.</summary>
    public void LoadState(int replica, ReadOnlySpan<T> state)
    {
        int p = _problem.Network.ParameterCount;
        int length = p * Rule.States;
        if (!IsResident)
        {
            state[..p].CopyTo(_parameters.AsSpan(replica * p, p));
            state[p..].CopyTo(_state.AsSpan(replica * length, length));
            return;
        }

        _device.MakeCurrent();
        _device.Upload(state[..p], _arrays[0], (long)replica * p);
        _device.Upload(state[p..], _arrays[1], (long)replica * length);
    }

    /// <summary>Mean losses and shares of right answers. (R) each, either may be empty.</summary>
    public void LossAndAccuracy(DeviceSamples<T> samples, Span<double> loss, Span<double> accuracy)
    {
        _device.MakeCurrent();
        Evaluation<T> evaluation = EvaluationOf(samples);
        // Given samples begin with the wave's first replica, the set's with the first of all devices.
        int place = IsResident && ReferenceEquals(samples, _samples) ? 0 : _offset;
        for (int from = 0; from < _count; from += _room)
        {
            int count = Math.Min(_room, _count - from);
            Fetch(from, count, state: false);
            evaluation.Run(
                _arrays[0],
                place + from,
                count,
                loss.IsEmpty ? [] : loss.Slice(from, count),
                accuracy.IsEmpty ? [] : accuracy.Slice(from, count)
            );
        }
    }

    // The training set is on the device already where all replicas are.
    private Evaluation<T> EvaluationOf(DeviceSamples<T> samples)
    {
        if (ReferenceEquals(samples, _samples))
        {
            return _onTraining ??= new Evaluation<T>(
                _device,
                _problem.Network,
                _problem.Precision,
                samples,
                _room,
                _notice,
                IsResident ? (_arrays[4], _arrays[5]) : null
            );
        }

        if (!ReferenceEquals(samples, _onOther?.Samples))
        {
            _onOther?.Dispose();
            _onOther = null;
            _onOther = new Evaluation<T>(_device, _problem.Network, _problem.Precision, samples, _room, _notice);
        }

        return _onOther!;
    }
}
