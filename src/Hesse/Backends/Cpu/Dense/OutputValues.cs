using System.Numerics;

namespace Hesse.Backends.Cpu.Dense;

/// <summary>What the loss of every sample reads and leaves behind; rows of <c>stride</c> elements, unit stride along samples.</summary>
internal sealed unsafe class OutputValues<T>(int width, nint stride) : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly AlignedBuffer<T> _labels = new(stride);
    private readonly AlignedBuffer<T> _targets = new(width * stride);
    private readonly AlignedBuffer<T> _probabilities = new(width * stride);
    private readonly AlignedBuffer<T> _complements = new(width * stride);
    private readonly AlignedBuffer<T> _losses = new(stride);
    private readonly AlignedBuffer<T> _sums = new(stride);
    private readonly AlignedBuffer<T> _others = new(stride);

    /// <summary>C</summary>
    public int Width { get; } = width;

    /// <summary>Elements between rows.</summary>
    public nint Stride { get; } = stride;

    /// <summary>Class of each sample as a number of T, for cross-entropy. (N)</summary>
    public T* Labels => _labels.Pointer;

    /// <summary>y for the other losses. (C x N)</summary>
    public T* Targets => _targets.Pointer;

    /// <summary>p: softmax or sigmoid of z_L. (C x N)</summary>
    public T* Probabilities => _probabilities.Pointer;

    /// <summary>1 - p, as the sum of the others. (C x N)</summary>
    public T* Complements => _complements.Pointer;

    /// <summary>l_n. (N)</summary>
    public T* Losses => _losses.Pointer;

    /// <summary>S = sum_c exp(z_c - max z). (N)</summary>
    public T* Sums => _sums.Pointer;

    /// <summary>The same sum without the sample's own class. (N)</summary>
    public T* Others => _others.Pointer;

    public void Dispose()
    {
        _labels.Dispose();
        _targets.Dispose();
        _probabilities.Dispose();
        _complements.Dispose();
        _losses.Dispose();
        _sums.Dispose();
        _others.Dispose();
    }
}
