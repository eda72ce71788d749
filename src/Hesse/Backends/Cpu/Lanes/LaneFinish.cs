using System.Numerics;
using System.Runtime.CompilerServices;

namespace Hesse.Backends.Cpu.Lanes;

/// <summary>
/// What a contraction does to each finished sum while it is still in its register. The operations are those of a sweep over the
/// stored sums, so fusing them saves a load and a store and changes no bit.
/// </summary>
internal unsafe interface ILaneFinish<V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Whether side is what the sum's place holds, as for an update.</summary>
    static virtual bool InPlace => false;

    /// <summary>What is stored.</summary>
    /// <param name="sum">The sum.</param>
    /// <param name="side">The register that belongs to its place: bias, value, slope or parameter.</param>
    /// <param name="scale">A number that all places share, in every lane.</param>
    static abstract V Apply(V sum, T* side, V scale);
}

/// <summary>The sum itself.</summary>
internal readonly unsafe struct LaneSum<V, T> : ILaneFinish<V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply(V sum, T* side, V scale) => sum;
}

/// <summary>z = sum + b</summary>
internal readonly unsafe struct LaneBias<V, T> : ILaneFinish<V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply(V sum, T* side, V scale) => V.Add(sum, V.Load(side));
}

/// <summary>max(sum, 0)</summary>
internal readonly unsafe struct LaneRelu<V, T> : ILaneFinish<V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // Not the larger of sum and 0: a NaN must stay one, so that a diverged replica is seen.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply(V sum, T* side, V scale) => V.Select(V.GreaterThan(V.Zero, sum), V.Zero, sum);
}

/// <summary>max(sum + b, 0)</summary>
internal readonly unsafe struct LaneBiasRelu<V, T> : ILaneFinish<V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply(V sum, T* side, V scale) =>
        LaneRelu<V, T>.Apply(LaneBias<V, T>.Apply(sum, side, scale), side, scale);
}

/// <summary>sum where relu's value is positive, else 0: delta = phi'(z) sum.</summary>
internal readonly unsafe struct LaneReluSlope<V, T> : ILaneFinish<V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply(V sum, T* side, V scale) => V.Select(V.GreaterThan(V.Load(side), V.Zero), sum, V.Zero);
}

/// <summary>phi'(z) sum</summary>
internal readonly unsafe struct LaneSlope<V, T> : ILaneFinish<V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply(V sum, T* side, V scale) => V.Multiply(V.Load(side), sum);
}

/// <summary>theta + scale sum, rounded once: the update of plain SGD, scale = -step size, sum = the gradient.</summary>
internal readonly unsafe struct LaneDescent<V, T> : ILaneFinish<V, T>
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static bool InPlace => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply(V sum, T* side, V scale) => V.FusedMultiplyAdd(sum, scale, V.Load(side));
}
