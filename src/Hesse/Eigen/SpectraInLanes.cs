using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>
/// Eigenvalues of several symmetric matrices of one order: each is tridiagonalised alone by <see cref="SymmetricEigen"/>, then the QL
/// iterations of all run in the lanes of two registers. The bits are those of <see cref="SymmetricEigen.Values{T}"/>: a lane takes
/// the same decisions and the same operations as a matrix alone.
/// </summary>
internal sealed unsafe class SpectraInLanes<V, T> : IDisposable
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly AlignedBuffer<T> _diagonal; // (registers, n+1, lanes)
    private readonly AlignedBuffer<T> _offDiagonal; // (registers, n+1, lanes)
    private readonly int[] _exponents = new int[AtOnce];
    private readonly bool[] _finite = new bool[AtOnce];
    private readonly TridiagonalIteration<T>[] _iterations = new TridiagonalIteration<T>[AtOnce];
    private readonly bool[] _sweeps = new bool[AtOnce];

    /// <summary>Takes the memory for matrices of one order.</summary>
    public SpectraInLanes(int order)
    {
        Order = order;
        _diagonal = new AlignedBuffer<T>(LaneSweep<V, T>.Length(order));
        _offDiagonal = new AlignedBuffer<T>(LaneSweep<V, T>.Length(order));
    }

    /// <summary>Matrices that are solved at once.</summary>
    public static int AtOnce => LaneSweeps.Registers * V.Count;

    /// <summary>n</summary>
    public int Order { get; }

    /// <summary>Tridiagonalises a matrix, which is not needed afterwards.</summary>
    /// <param name="k">Its number among those that are solved at once.</param>
    /// <param name="matrix">(n, n) row-major; only the lower triangle is read.</param>
    /// <param name="workspace">Scratch of capacity n at least.</param>
    public void Reduce(int k, ReadOnlySpan<T> matrix, EigenWorkspace<T> workspace)
    {
        _finite[k] = SymmetricEigen.Tridiagonalise<T, V>(matrix, Order, workspace, out _exponents[k]);
        nint own = LaneSweep<V, T>.Lane(Order, k);
        T* diagonal = _diagonal.Pointer + own;
        T* offDiagonal = _offDiagonal.Pointer + own;
        for (int i = 0; i < Order && _finite[k]; i++)
        {
            diagonal[(nint)i * V.Count] = workspace.Diagonal[i];
            offDiagonal[(nint)i * V.Count] = workspace.OffDiagonal[i];
        }
    }

    /// <summary>Eigenvalues of the reduced matrices, ascending; all NaN where a triangle held a NaN or an infinity (a diverged replica).</summary>
    /// <param name="count">Matrices that were reduced: numbers 0 to count - 1.</param>
    /// <param name="sweepsPerEigenvalue">QL sweeps for each eigenvalue before the iteration gives up.</param>
    /// <param name="eigenvalues">(count, n)</param>
    /// <returns>False where the QL iteration of a matrix reached its limit; its eigenvalues are NaN then.</returns>
    public bool Solve(int count, int sweepsPerEigenvalue, Span<T> eigenvalues)
    {
        Iterate(count, (long)sweepsPerEigenvalue * Order);
        bool all = true;
        for (int k = 0; k < count; k++)
        {
            Span<T> own = eigenvalues.Slice(k * Order, Order);
            bool converged = !_finite[k] || _iterations[k].Converged;
            all &= converged;
            if (!_finite[k] || !converged)
            {
                own.Fill(T.NaN);
                continue;
            }

            T* values = _diagonal.Pointer + LaneSweep<V, T>.Lane(Order, k);
            for (int i = 0; i < Order; i++)
            {
                own[i] = values[(nint)i * V.Count];
            }

            SymmetricEigen.Finish(own, _exponents[k]);
        }

        return all;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _diagonal.Dispose();
        _offDiagonal.Dispose();
    }

    // Optimised at once: a plan's trial is over before the compiler would come to it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Iterate(int count, long sweepLimit)
    {
        int registers = (count + V.Count - 1) / V.Count;
        T* diagonal = _diagonal.Pointer;
        T* offDiagonal = _offDiagonal.Pointer;
        T* bounds = stackalloc T[LaneSweep<V, T>.BoundRows * registers * V.Count];
        for (int k = 0; k < registers * V.Count; k++)
        {
            nint own = LaneSweep<V, T>.Lane(Order, k);
            _sweeps[k] = k < count && _finite[k];
            _iterations[k] = new(diagonal + own, offDiagonal + own, Order, V.Count, sweepLimit);
            // A lane that never sweeps watches.
            LaneSweep<V, T>.Ask(LaneSweep<V, T>.BoundsOf(bounds, k), diagonal + own, offDiagonal + own, 0, 0);
        }

        for (bool first = true; ; first = false)
        {
            (int from, int to) = (-1, Order);
            for (int k = 0; k < registers * V.Count; k++)
            {
                if (!_sweeps[k])
                {
                    continue;
                }

                nint own = LaneSweep<V, T>.Lane(Order, k);
                T* places = LaneSweep<V, T>.BoundsOf(bounds, k);
                ref TridiagonalIteration<T> iteration = ref _iterations[k];
                int found = first
                    ? 0
                    : LaneSweep<V, T>.Answer(places, diagonal + own, offDiagonal + own, iteration.First);
                _sweeps[k] = iteration.Next(found);
                (int l, int m) = _sweeps[k] ? (iteration.First, iteration.Last) : (0, 0);
                LaneSweep<V, T>.Ask(places, diagonal + own, offDiagonal + own, l, m);
                if (_sweeps[k])
                {
                    from = Math.Max(from, m - 1);
                    to = Math.Min(to, l);
                }
            }

            if (from < 0)
            {
                return;
            }

            LaneSweep<V, T>.Run(registers, Order, from, to, diagonal, offDiagonal, bounds);
        }
    }
}
