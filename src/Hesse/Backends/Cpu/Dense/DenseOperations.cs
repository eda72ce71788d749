using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Dense;

/// <summary>The operations over one precision and one register width; each in the file of its name.</summary>
internal sealed unsafe partial class DenseOperations<TVector, T> : IDenseOperations
    where TVector : unmanaged, IVector<TVector, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly DenseWorkspace<T> _workspace = new();

    private T* ProductScratch => _workspace.Take(DenseScratch.Product, Gemm<TVector, T>.ScratchLength);

    public void Dispose()
    {
        _workspace.Dispose();
        _eigen?.Dispose();
        _laneEigen?.Dispose();
        _spectraInLanes?.Dispose();
        _extremes.Dispose();
        _lanes?.Dispose();
    }

    private static void Widen(ReadOnlySpan<T> from, Span<double> to) => TensorPrimitives.ConvertTruncating(from, to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TOut Convert<TOut>(T value)
        where TOut : unmanaged, IBinaryFloatingPointIeee754<TOut> =>
        typeof(T) == typeof(TOut) ? Unsafe.BitCast<T, TOut>(value) : TOut.CreateTruncating(value);

    /// <summary>Forward, and with the deltas of all layers divided by N (means) or by 1 (single losses).</summary>
    private DenseNet<T> Differentiate(Points points, int replica, bool single)
    {
        DenseNet<T> net = _workspace.Load(points, replica);
        T divisor = single ? T.One : T.CreateTruncating(net.Samples);
        ForwardBackward<TVector, T>.Forward(net, divisor, ProductScratch);
        ForwardBackward<TVector, T>.Backward(net, ProductScratch);
        return net;
    }
}
