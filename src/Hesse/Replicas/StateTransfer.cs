using System.Runtime.InteropServices;
using Hesse.Backends;

namespace Hesse.Replicas;

/// <summary>
/// Carries what is kept of a replica to bytes or back from them. Who keeps something names it once, in one order, and that serves
/// counting, saving and loading.
/// </summary>
internal sealed class StateTransfer
{
    private readonly Stream? _stream;
    private readonly bool _loads;
    private readonly int? _countedAt; // step; null: where they are

    private StateTransfer(Stream? stream, bool loads, int? countedAt = null)
    {
        _stream = stream;
        _loads = loads;
        _countedAt = countedAt;
    }

    /// <summary>Bytes that went through so far.</summary>
    public long Count { get; private set; }

    /// <summary>Saves.</summary>
    public static StateTransfer To(Stream stream) => new(stream, loads: false);

    /// <summary>Loads.</summary>
    public static StateTransfer From(Stream stream) => new(stream, loads: true);

    /// <summary>Bytes that one replica's state takes.</summary>
    /// <param name="transfer">Names it.</param>
    /// <param name="step">What <see cref="Replica"/> carries is counted as it is after so many updates; null: as it is now.</param>
    public static int CountOf(Action<StateTransfer> transfer, int? step = null)
    {
        StateTransfer counting = new(null, loads: false, step);
        transfer(counting);
        return checked((int)counting.Count);
    }

    /// <summary>Numbers of any width.</summary>
    public void Numbers<T>(Span<T> values)
        where T : unmanaged
    {
        Span<byte> bytes = MemoryMarshal.AsBytes(values);
        Count += bytes.Length;
        if (_loads)
        {
            _stream!.ReadExactly(bytes);
        }
        else
        {
            _stream?.Write(bytes);
        }
    }

    /// <summary>One number.</summary>
    public void Number<T>(ref T value)
        where T : unmanaged => Numbers(new Span<T>(ref value));

    /// <summary>The state of a replica of a wave, with its step.</summary>
    public void Replica(IReplicas replicas, int replica)
    {
        int step = replicas.Step;
        Number(ref step);
        int length = replicas.StateBytes(_countedAt ?? step);
        if (_stream is null)
        {
            Count += length;
            return;
        }

        byte[] state = new byte[length];
        if (!_loads)
        {
            replicas.SaveState(replica, state);
        }

        Numbers<byte>(state);
        if (_loads)
        {
            replicas.LoadState(step, replica, state);
        }
    }
}
