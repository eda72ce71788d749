using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>
/// Sweeps of plane rotations, kept until enough of them wait to be worth a pass over the matrix. A sweep starts at a row and
/// goes up or down through its neighbours: (x, y) becomes (c x + s y, c y - s x), the first is finished, the second goes on.
/// </summary>
internal sealed unsafe class RotationBatch<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int FullSweeps = 32;
    private const int SweepsPerRow = 8;
    private readonly AlignedBuffer<T> _rotations;
    private readonly AlignedBuffer<int> _sweeps;
    private readonly AlignedBuffer<int> _order;
    private readonly int _rotationLimit;
    private readonly int _sweepLimit;
    private int _rotationCount;
    private int _sweepCount;

    public RotationBatch(int n)
    {
        _rotationLimit = FullSweeps * Math.Max(1, n);
        _sweepLimit = FullSweeps * SweepsPerRow;
        _rotations = new AlignedBuffer<T>(2L * _rotationLimit);
        _sweeps = new AlignedBuffer<int>(3L * _sweepLimit);
        _order = new AlignedBuffer<int>(n);
    }

    /// <summary>(n): scratch for the order of the eigenvalues.</summary>
    public Span<int> Order => _order.Span;

    /// <summary>Whether a sweep of so many rotations fits.</summary>
    public bool HasRoom(int rotations) => _sweepCount < _sweepLimit && _rotationCount + rotations <= _rotationLimit;

    /// <summary>Forgets everything that waits.</summary>
    public void Clear() => (_rotationCount, _sweepCount) = (0, 0);

    /// <summary>Adds a sweep from row start in steps of +1 or -1.</summary>
    /// <returns>Where its cosines and sines go, alternating.</returns>
    public T* Add(int start, int rotations, int step)
    {
        int* sweep = _sweeps.Pointer + (3L * _sweepCount++);
        (sweep[0], sweep[1], sweep[2]) = (start, rotations, step);
        T* place = _rotations.Pointer + (2L * _rotationCount);
        _rotationCount += rotations;
        return place;
    }

    /// <summary>Applies all waiting sweeps, in order, to the rows of a matrix (rows, pitch) with whole blocks of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Apply<TVector>(T* matrix, nint pitch, int columns)
        where TVector : unmanaged, IVector<TVector, T>
    {
        // A narrow strip of columns stays in cache while all sweeps pass over it.
        int strip = 4 * TVector.Count;
        int column = 0;
        for (; column + strip <= columns; column += strip)
        {
            T* rotations = _rotations.Pointer;
            for (int k = 0; k < _sweepCount; k++)
            {
                int* sweep = _sweeps.Pointer + (3L * k);
                T* row = matrix + (sweep[0] * pitch) + column;
                nint step = sweep[2] * pitch;
                if (k + 1 < _sweepCount && CanFollow(sweep, sweep + 3))
                {
                    PlaneRotations<T, TVector>.SweepTwice(row, step, sweep[1], sweep[4], rotations);
                    rotations += 2L * sweep[4];
                    k++;
                }
                else
                {
                    PlaneRotations<T, TVector>.Sweep(row, step, sweep[1], rotations);
                }

                rotations += 2L * sweep[1];
            }
        }

        for (; column < columns; column += TVector.Count)
        {
            T* rotations = _rotations.Pointer;
            for (int k = 0; k < _sweepCount; k++)
            {
                int* sweep = _sweeps.Pointer + (3L * k);
                T* row = matrix + (sweep[0] * pitch) + column;
                PlaneRotations<T, TVector>.SweepNarrow(row, sweep[2] * pitch, sweep[1], rotations);
                rotations += 2L * sweep[1];
            }
        }

        Clear();
    }

    public void Dispose()
    {
        _rotations.Dispose();
        _sweeps.Dispose();
        _order.Dispose();
    }

    // The second sweep may run one row behind the first where both start alike and the second ends no later.
    private static bool CanFollow(int* first, int* second) =>
        first[0] == second[0] && first[2] == second[2] && second[1] <= first[1];
}
