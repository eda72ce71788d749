using System.Numerics;
using System.Numerics.Tensors;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Backends.Stepwise;
using Hesse.Optimizers;
using Hesse.Replicas;

namespace Hesse.Backends.Cpu.Updates;

/// <summary>The rules on registers, in the training precision: the bits of the layouts that train whole waves.</summary>
internal sealed unsafe class VectorUpdates<V, T> : IVectorUpdates
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly TrainingProblem _problem;
    private readonly ParameterUpdate<T> _update;
    private readonly AlignedBuffer<T> _state; // (vectors, state, P)
    private readonly AlignedBuffer<T> _scratch; // (threads, 2, P)
    private readonly LaneNumbers<V, T>[] _numbers; // one a thread

    public VectorUpdates(TrainingProblem problem, int vectors, int threads)
    {
        _problem = problem;
        _update = ParameterUpdate<T>.Create<V>(problem.Optimizer);
        UpdateRule rule = UpdateRule.Create(problem.Optimizer);
        LooksAhead = rule.LooksAhead;
        StateCount = rule.StateCount;
        long p = problem.Network.ParameterCount;
        _state = new AlignedBuffer<T>(vectors * _update.StateCount * p);
        _scratch = new AlignedBuffer<T>(threads * 2 * p);
        _numbers = [.. Enumerable.Range(0, threads).Select(_ => new LaneNumbers<V, T>(problem.Optimizer))];
    }

    public bool LooksAhead { get; }

    public int StateCount { get; }

    // The point ahead, which a rule that looks there keeps behind its state, is left out.
    public void CopyState(int vector, Span<double> state) =>
        TensorPrimitives.ConvertTruncating(new ReadOnlySpan<T>(State(vector), state.Length), state);

    public void Transfer(int vector, StateTransfer transfer) =>
        transfer.Numbers(new Span<T>(State(vector), _update.StateCount * _problem.Network.ParameterCount));

    public void GradientPoint(int thread, int vector, ReadOnlySpan<double> parameters, Span<double> point)
    {
        T* theta = Load(thread, 0, parameters);
        T* ahead = _update.GradientPoint(theta, State(vector), parameters.Length);
        TensorPrimitives.ConvertTruncating(new ReadOnlySpan<T>(ahead, parameters.Length), point);
    }

    public void Run(int thread, int vector, int step, Span<double> parameters, ReadOnlySpan<double> gradient)
    {
        T* theta = Load(thread, 0, parameters);
        T* g = Load(thread, 1, gradient);
        _update.Run(step, _numbers[thread].At(step), theta, g, State(vector), parameters.Length);
        if (_problem.Optimizer.RescaleWeights)
        {
            WeightRescaling<V, T>.Single(_problem.Network, theta);
        }

        TensorPrimitives.ConvertTruncating(new ReadOnlySpan<T>(theta, parameters.Length), parameters);
    }

    public void Dispose()
    {
        _state.Dispose();
        _scratch.Dispose();
        foreach (LaneNumbers<V, T> numbers in _numbers)
        {
            numbers.Dispose();
        }
    }

    private T* State(int vector) =>
        _state.Pointer + ((long)vector * _update.StateCount * _problem.Network.ParameterCount);

    // From double to float this rounds to nearest, as a conversion does.
    private T* Load(int thread, int place, ReadOnlySpan<double> values)
    {
        T* to = _scratch.Pointer + (((2L * thread) + place) * values.Length);
        TensorPrimitives.ConvertTruncating(values, new Span<T>(to, values.Length));
        return to;
    }
}
