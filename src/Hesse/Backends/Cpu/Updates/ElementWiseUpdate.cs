using System.Numerics;
using System.Numerics.Tensors;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Updates;

/// <summary>The loop over an array that all rules share: whole registers, then a padded copy of what is left.</summary>
internal sealed unsafe class ElementWiseUpdate<TRule, V, T> : ParameterUpdate<T>
    where TRule : struct, IElementUpdate<TRule, V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // A rule that looks ahead has one more vector behind its own state: the point at which the gradient is taken.
    public override int StateCount => TRule.StateCount + (TRule.LooksAhead ? 1 : 0);

    public override T* GradientPoint(T* parameters, T* state, int length)
    {
        if (!TRule.LooksAhead)
        {
            return parameters;
        }

        T* point = state + ((long)TRule.StateCount * length);
        TensorPrimitives.Add(
            new ReadOnlySpan<T>(parameters, length),
            new ReadOnlySpan<T>(state, length),
            new Span<T>(point, length)
        );
        return point;
    }

    public override T* Descent(T* numbers) => TRule.Descent(numbers);

    public override void Run(int step, T* numbers, T* parameters, T* gradient, T* state, int length)
    {
        TRule rule = TRule.Of(numbers, step);
        int whole = length - (length % V.Count);
        for (int i = 0; i < whole; i += V.Count)
        {
            V.Store(rule.Apply(V.Load(parameters + i), V.Load(gradient + i), state + i, length), parameters + i);
        }

        if (whole < length)
        {
            Remainder(rule, parameters + whole, gradient + whole, state + whole, length);
        }
    }

    // Fewer numbers than a register holds: the same operations on a copy, so that no bit depends on the position.
    private static void Remainder(TRule rule, T* parameters, T* gradient, T* state, int length)
    {
        int count = length % V.Count;
        T* padded = stackalloc T[(1 + TRule.StateCount) * V.Count];
        T* paddedState = padded + V.Count;
        for (int k = 0; k < TRule.StateCount; k++)
        {
            Copy(state + ((long)k * length), paddedState + (k * V.Count), count);
        }

        Copy(gradient, padded, count);
        V slope = V.Load(padded);
        Copy(parameters, padded, count);
        V.Store(rule.Apply(V.Load(padded), slope, paddedState, V.Count), padded);
        Copy(padded, parameters, count);
        for (int k = 0; k < TRule.StateCount; k++)
        {
            Copy(paddedState + (k * V.Count), state + ((long)k * length), count);
        }
    }

    private static void Copy(T* from, T* to, int count) =>
        new ReadOnlySpan<T>(from, count).CopyTo(new Span<T>(to, count));
}
