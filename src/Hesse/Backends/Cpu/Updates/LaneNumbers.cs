using System.Numerics;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Specs;

namespace Hesse.Backends.Cpu.Updates;

/// <summary>
/// The numbers of a step of the update rule for the lanes of one register, [number][lane], computed in double and rounded once to T.
/// Lanes may be replicas with numbers of their own. Computed again only at steps where they may change.
/// </summary>
internal sealed unsafe class LaneNumbers<V, T> : IDisposable
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly UpdateNumbers[] _rules; // runs of lanes with the same numbers
    private readonly int[] _ends; // lane behind each run
    private readonly AlignedBuffer<T> _registers;
    private int _from;
    private int _until; // they hold for the steps _from .. _until - 1

    /// <summary>Numbers of these optimizers, one a lane; the last stands for all lanes behind it.</summary>
    public LaneNumbers(params ReadOnlySpan<OptimizerSpec> optimizers)
    {
        List<UpdateNumbers> rules = [];
        List<int> ends = [];
        for (int lane = 0; lane < optimizers.Length; lane++)
        {
            if (lane == 0 || !ReferenceEquals(optimizers[lane], optimizers[lane - 1]))
            {
                OptimizerSpec optimizer = optimizers[lane];
                rules.Add(
                    UpdateNumbers.Of(optimizer)
                        ?? throw new InvalidOperationException(
                            $"{optimizer.GetType().Name} is missing in UpdateNumbers.Of"
                        )
                );
                ends.Add(0);
            }

            ends[^1] = lane + 1;
        }

        ends[^1] = V.Count;
        _rules = [.. rules];
        _ends = [.. ends];
        _registers = new AlignedBuffer<T>((long)_rules[0].Count * V.Count);
    }

    /// <summary>The numbers of the update that follows this many updates; good until the next call.</summary>
    public T* At(int step)
    {
        if (step < _from || step >= _until)
        {
            Fill(step);
        }

        return _registers.Pointer;
    }

    public void Dispose() => _registers.Dispose();

    private void Fill(int step)
    {
        int count = _rules[0].Count;
        Span<double> numbers = stackalloc double[count];
        _from = step;
        _until = int.MaxValue;
        int lane = 0;
        for (int run = 0; run < _rules.Length; run++)
        {
            _rules[run].At(step, numbers);
            _until = Math.Min(_until, _rules[run].ChangeAfter(step));
            for (; lane < _ends[run]; lane++)
            {
                for (int i = 0; i < count; i++)
                {
                    _registers.Pointer[(i * V.Count) + lane] = T.CreateChecked(numbers[i]);
                }
            }
        }
    }
}
