using System.Numerics;
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
    private readonly AlignedBuffer<T> _diagonal; // (registers, n+1, lanes)
    private readonly AlignedBuffer<T> _square; // (registers, n+1, lanes)
    private readonly AlignedBuffer<T> _vectors; // (3 n, lanes)
    private readonly AlignedBuffer<T> _scales; // (2, lanes)
    private readonly int[] _exponents = new int[AtOnce];
    private readonly bool[] _finite = new bool[AtOnce];
    private readonly bool[] _converged = new bool[AtOnce];

    /// <summary>Takes the memory for matrices of one order, 1 or more.</summary>
    public LaneEigenvalues(int order)
    {
        Order = order;
        _triangle = new AlignedBuffer<T>((long)order * (order + 1) / 2 * V.Count);
        _diagonal = new AlignedBuffer<T>(LaneSweep<V, T>.Length(order));
        _square = new AlignedBuffer<T>(LaneSweep<V, T>.Length(order));
        _vectors = new AlignedBuffer<T>(3L * order * V.Count);
        _scales = new AlignedBuffer<T>(2 * V.Count);
    }

    /// <summary>n</summary>
    public int Order { get; }

    /// <summary>Matrices that are solved at once.</summary>
    public static int AtOnce => LaneSweeps.Registers * V.Count;

    /// <summary>Reduces the matrices of a register to tridiagonal form; they are not needed afterwards.</summary>
    /// <param name="register">0 or 1.</param>
    /// <param name="matrices">(lanes) where each matrix (n, n) begins, row-major, of which the lower triangle is read; equal ones may repeat.</param>
    public void Reduce(int register, T** matrices)
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

        Scale(register * V.Count);
        nint own = LaneSweep<V, T>.Lane(n, register * V.Count);
        LaneTridiagonalisation<V, T>.Reduce(
            n,
            _triangle.Pointer,
            _diagonal.Pointer + own,
            _square.Pointer + own,
            _vectors.Pointer
        );
    }

    /// <summary>Eigenvalues of each reduced matrix, ascending; all NaN where its triangle holds a NaN or an infinity (a diverged replica).</summary>
    /// <param name="registers">Registers of matrices that were reduced, 1 or 2.</param>
    /// <param name="eigenvalues">(registers, lanes, n)</param>
    /// <returns>False where the QL iteration of a matrix reached its limit; its eigenvalues are NaN then.</returns>
    public bool Solve(int registers, Span<T> eigenvalues)
    {
        int n = Order;
        LaneTridiagonalValues<V, T>.Iterate(
            n,
            registers,
            _diagonal.Pointer,
            _square.Pointer,
            SweepsPerEigenvalue * n,
            _converged
        );
        bool all = true;
        for (int k = 0; k < registers * V.Count; k++)
        {
            Span<T> own = eigenvalues.Slice(k * n, n);
            all &= _converged[k];
            if (!_finite[k] || !_converged[k])
            {
                own.Fill(T.NaN);
                continue;
            }

            T* values = _diagonal.Pointer + LaneSweep<V, T>.Lane(n, k);
            for (int i = 0; i < n; i++)
            {
                own[i] = values[i * V.Count];
            }

            SymmetricEigen.Finish(own, _exponents[k]);
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

    // Each matrix of the register that begins with this one, times the power of two that brings its largest element into [1, 2):
    // squares neither overflow nor, where it would matter, underflow. A matrix with a NaN or an infinity becomes 0 and keeps nobody
    // waiting.
    private void Scale(int firstMatrix)
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
            int k = firstMatrix + lane;
            _finite[k] = scales[V.Count + lane] == T.Zero;
            _exponents[k] = _finite[k] && scales[lane] != T.Zero ? T.ILogB(scales[lane]) : 0;
            (scales[lane], scales[V.Count + lane]) = SymmetricEigen.PowersOfTwo<T>(-_exponents[k]);
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
