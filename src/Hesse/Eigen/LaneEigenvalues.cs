using System.Numerics;
using System.Runtime.InteropServices;
using Hesse.Backends.Cpu;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>
/// All eigenvalues of several small symmetric matrices at once, a matrix in each lane of a register. Up to a few hundred rows a
/// single matrix leaves a core waiting: for the latency of the QL iteration, for short vectors. A matrix's bits depend on
/// neither the other lanes nor the register's width. Errors are of the order of n * eps * largest |eigenvalue| at most.
/// </summary>
internal sealed unsafe class LaneEigenvalues<V, T> : IDisposable
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int SweepsPerEigenvalue = 30;

    private readonly AlignedBuffer<T> _triangle; // (n (n+1) / 2, lanes)
    private readonly AlignedBuffer<T> _diagonal; // (n, lanes)
    private readonly AlignedBuffer<T> _square; // (n, lanes)
    private readonly AlignedBuffer<T> _vectors; // (3 n, lanes)
    private readonly AlignedBuffer<T> _scales; // (2, lanes)
    private readonly int[] _exponents = new int[V.Count];
    private readonly bool[] _finite = new bool[V.Count];
    private readonly bool[] _converged = new bool[V.Count];

    /// <summary>Takes the memory for matrices of one order, 1 or more.</summary>
    public LaneEigenvalues(int order)
    {
        Order = order;
        _triangle = new AlignedBuffer<T>((long)order * (order + 1) / 2 * V.Count);
        _diagonal = new AlignedBuffer<T>((long)order * V.Count);
        _square = new AlignedBuffer<T>((long)order * V.Count);
        _vectors = new AlignedBuffer<T>(3L * order * V.Count);
        _scales = new AlignedBuffer<T>(2 * V.Count);
    }

    /// <summary>n</summary>
    public int Order { get; }

    /// <summary>Eigenvalues of each matrix, ascending; all NaN where its triangle holds a NaN or an infinity (a diverged replica).</summary>
    /// <param name="matrices">(lanes) where each matrix (n, n) begins, row-major, of which the lower triangle is read; equal ones may repeat.</param>
    /// <param name="eigenvalues">(lanes, n)</param>
    /// <returns>False where the QL iteration of a matrix reached its limit; its eigenvalues are NaN then.</returns>
    public bool Run(T** matrices, Span<T> eigenvalues)
    {
        int n = Order;
        for (int row = 0; row < n; row++)
        {
            LaneGather.Rows(
                matrices,
                V.Count,
                row + 1,
                LaneTridiagonalisation<V, T>.Row(_triangle.Pointer, row),
                V.Count
            );
            // The next row of every matrix, and back at the end.
            for (int lane = 0; lane < V.Count; lane++)
            {
                matrices[lane] += row < n - 1 ? n : -(n - 1) * (nint)n;
            }
        }

        Scale();
        LaneTridiagonalisation<V, T>.Reduce(n, _triangle.Pointer, _diagonal.Pointer, _square.Pointer, _vectors.Pointer);
        LaneTridiagonalValues<V, T>.Iterate(n, _diagonal.Pointer, _square.Pointer, SweepsPerEigenvalue * n, _converged);
        bool all = true;
        for (int lane = 0; lane < V.Count; lane++)
        {
            Span<T> own = eigenvalues.Slice(lane * n, n);
            all &= _converged[lane];
            if (!_finite[lane] || !_converged[lane])
            {
                own.Fill(T.NaN);
                continue;
            }

            (T first, T second) = SymmetricEigen.PowersOfTwo<T>(_exponents[lane]);
            for (int i = 0; i < n; i++)
            {
                own[i] = _diagonal.Pointer[(i * V.Count) + lane] * first * second;
            }

            own.Sort();
        }

        return all;
    }

    public void Dispose()
    {
        _triangle.Dispose();
        _diagonal.Dispose();
        _square.Dispose();
        _vectors.Dispose();
        _scales.Dispose();
    }

    // Each matrix times the power of two that brings its largest element into [1, 2): squares neither overflow nor, where it would
    // matter, underflow. A matrix with a NaN or an infinity becomes 0 and keeps nobody waiting.
    private void Scale()
    {
        T* triangle = _triangle.Pointer;
        V infinity = V.Broadcast(T.PositiveInfinity);
        V largest = V.Zero;
        V infinite = V.Zero;
        for (long i = 0; i < _triangle.Length; i += V.Count)
        {
            V magnitude = V.Absolute(V.Load(triangle + i));
            largest = V.LargerOf(magnitude, largest);
            infinite = V.Select(V.GreaterThan(infinity, magnitude), infinite, infinity);
        }

        T* scales = _scales.Pointer;
        V.Store(largest, scales);
        V.Store(infinite, scales + V.Count);
        for (int lane = 0; lane < V.Count; lane++)
        {
            _finite[lane] = scales[V.Count + lane] == T.Zero;
            _exponents[lane] = _finite[lane] && scales[lane] != T.Zero ? T.ILogB(scales[lane]) : 0;
            (scales[lane], scales[V.Count + lane]) = SymmetricEigen.PowersOfTwo<T>(-_exponents[lane]);
        }

        V first = V.Load(scales);
        V second = V.Load(scales + V.Count);
        V good = V.Equal(infinite, V.Zero);
        for (long i = 0; i < _triangle.Length; i += V.Count)
        {
            V scaled = V.Multiply(V.Multiply(V.Load(triangle + i), first), second);
            V.Store(V.Select(good, scaled, V.Zero), triangle + i);
        }
    }
}
