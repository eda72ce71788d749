using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hesse.Specs;

namespace Hesse.Replicas;

/// <summary>
/// The row numbers of a group of lanes, each a replica: the same numbers as <see cref="BatchIndices.Row"/>,
/// many lanes at once. Keeps the round keys of the current epoch, [round][lane], and allocates nothing per step.
/// </summary>
internal sealed class BatchCursor
{
    private readonly BatchIndices _indices;
    private readonly int[] _replicas; // of each lane
    private readonly int _padded; // Lanes rounded up to whole registers
    private readonly uint[] _keys; // [round][padded lane], where there are registers
    private readonly EpochOrder[] _orders; // [lane], where there are none
    private readonly Vector<uint> _leftModulus;
    private readonly Vector<uint> _rightModulus;
    private readonly Vector<uint> _samples;
    private int _epoch = -1;

    /// <summary>A cursor for these replicas, one a lane.</summary>
    public BatchCursor(BatchIndices indices, params ReadOnlySpan<int> replicas)
    {
        _indices = indices;
        _replicas = replicas.ToArray();
        int lanes = replicas.Length;
        _leftModulus = new Vector<uint>(indices.Domain.Left);
        _rightModulus = new Vector<uint>(indices.Domain.Right);
        _samples = new Vector<uint>((uint)indices.Samples);
        _padded = (lanes + Vector<uint>.Count - 1) / Vector<uint>.Count * Vector<uint>.Count;
        bool epochs = indices.Order == BatchOrder.Epochs;
        _keys = epochs && Vector.IsHardwareAccelerated ? new uint[indices.Domain.Rounds * _padded] : [];
        _orders = epochs && !Vector.IsHardwareAccelerated ? new EpochOrder[lanes] : [];
    }

    /// <summary>Number of lanes.</summary>
    public int Lanes => _replicas.Length;

    /// <summary>Writes rows[b * Lanes + lane] for b = 0 .. B_t-1 and returns B_t.</summary>
    /// <param name="step">Updates made before this one; any order of steps is allowed, ascending is fast.</param>
    /// <param name="rows">At least B_t * Lanes elements.</param>
    public int Fill(int step, Span<int> rows)
    {
        int size = _indices.BatchSize(step);
        rows = rows[..(size * Lanes)];
        switch (_indices.Order)
        {
            case BatchOrder.Epochs:
                FillEpoch(step, size, MemoryMarshal.Cast<int, uint>(rows));
                break;
            case BatchOrder.WithReplacement:
                FillDraws(step, size, rows);
                break;
            default:
                for (int b = 0; b < size; b++)
                {
                    int row = _indices.Order == BatchOrder.Full ? b : _indices.SequentialRow(step, b);
                    rows.Slice(b * Lanes, Lanes).Fill(row);
                }

                break;
        }

        return size;
    }

    private void FillEpoch(int step, int size, Span<uint> rows)
    {
        int epoch = step / _indices.BatchesPerEpoch;
        if (epoch != _epoch)
        {
            Enter(epoch);
        }

        int position = step % _indices.BatchesPerEpoch * _indices.LargestBatch;
        if (!Vector.IsHardwareAccelerated)
        {
            for (int i = 0; i < rows.Length; i++)
            {
                rows[i] = (uint)_orders[i % Lanes].RowAt(position + (i / Lanes));
            }

            return;
        }

        for (int lane = 0; lane < Lanes; lane += Vector<uint>.Count)
        {
            FillRegister(position, size, lane, rows);
        }
    }

    /// <summary>Computes the round keys of an epoch.</summary>
    private void Enter(int epoch)
    {
        for (int lane = 0; lane < Lanes; lane++)
        {
            EpochOrder order = _indices.EpochOrder(_replicas[lane], epoch);
            if (!Vector.IsHardwareAccelerated)
            {
                _orders[lane] = order;
                continue;
            }

            for (int round = 0; round < _indices.Domain.Rounds; round++)
            {
                _keys[(round * _padded) + lane] = order.Key(round);
            }
        }

        _epoch = epoch;
    }

    /// <summary><see cref="EpochOrder.RowAt"/> for as many lanes as a register holds, two places of the batch at a time.</summary>
    private void FillRegister(int position, int size, int lane, Span<uint> rows)
    {
        int lanes = Math.Min(Vector<uint>.Count, Lanes - lane);
        // Two chains of rounds hide each other's latency; an odd last place is computed twice.
        for (int b = 0; b < size; b += 2)
        {
            int next = Math.Min(b + 1, size - 1);
            (Vector<uint> left0, Vector<uint> right0) = Start(position + b, lane);
            (Vector<uint> left1, Vector<uint> right1) = Start(position + next, lane);
            Pass(ref left0, ref right0, ref left1, ref right1, lane);
            Vector<uint> row0 = left0 + (_leftModulus * right0);
            Vector<uint> row1 = left1 + (_leftModulus * right1);
            while (Vector.GreaterThanOrEqualAny(Vector.Max(row0, row1), _samples))
            {
                // A lane that has its row keeps it while others walk on.
                Pass(ref left0, ref right0, ref left1, ref right1, lane);
                row0 = Vector.ConditionalSelect(Vector.LessThan(row0, _samples), row0, left0 + (_leftModulus * right0));
                row1 = Vector.ConditionalSelect(Vector.LessThan(row1, _samples), row1, left1 + (_leftModulus * right1));
            }

            Store(row0, rows.Slice((b * Lanes) + lane, lanes));
            Store(row1, rows.Slice((next * Lanes) + lane, lanes));
        }
    }

    private (Vector<uint> Left, Vector<uint> Right) Start(int position, int lane)
    {
        (uint right, uint left) = Math.DivRem((uint)position, _indices.Domain.Left);
        Vector<uint> lefts = new(left);
        if (position < _indices.Domain.Swapped)
        {
            lefts ^= new Vector<uint>(_keys, lane) >>> 31;
        }

        return (lefts, new Vector<uint>(right));
    }

    /// <summary>All rounds, for two registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Pass(
        ref Vector<uint> left0,
        ref Vector<uint> right0,
        ref Vector<uint> left1,
        ref Vector<uint> right1,
        int lane
    )
    {
        Vector<uint> l0 = left0;
        Vector<uint> r0 = right0;
        Vector<uint> l1 = left1;
        Vector<uint> r1 = right1;
        Vector<uint> leftModulus = _leftModulus;
        Vector<uint> rightModulus = _rightModulus;
        for (int at = lane; at < _keys.Length; at += 2 * _padded)
        {
            Vector<uint> key = new(_keys, at);
            l0 = Add(l0, Mix(r0, key, leftModulus), leftModulus);
            l1 = Add(l1, Mix(r1, key, leftModulus), leftModulus);
            key = new Vector<uint>(_keys, at + _padded);
            r0 = Add(r0, Mix(l0, key, rightModulus), rightModulus);
            r1 = Add(r1, Mix(l1, key, rightModulus), rightModulus);
        }

        left0 = l0;
        right0 = r0;
        left1 = l1;
        right1 = r1;
    }

    private static void Store(Vector<uint> row, Span<uint> rows)
    {
        if (rows.Length == Vector<uint>.Count)
        {
            row.CopyTo(rows);
            return;
        }

        for (int lane = 0; lane < rows.Length; lane++)
        {
            rows[lane] = row[lane];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<uint> Mix(Vector<uint> x, Vector<uint> key, Vector<uint> modulus)
    {
        Vector<uint> v = (x ^ key) * EpochOrder.Multiplier1;
        v ^= v >>> 15;
        v *= EpochOrder.Multiplier2;
        return ((v >>> 16) * modulus) >>> 16;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<uint> Add(Vector<uint> x, Vector<uint> y, Vector<uint> modulus) =>
        Vector.Min(x + y, x + y - modulus);

    private void FillDraws(int step, int size, Span<int> rows)
    {
        int samples = _indices.Samples;
        for (int lane = 0; lane < Lanes; lane++)
        {
            for (int b = 0; b < size; b += 4)
            {
                (uint x0, uint x1, uint x2, uint x3) = _indices.DrawnWords(_replicas[lane], step, b / 4);
                int at = (b * Lanes) + lane;
                rows[at] = UniformDeviates.Below(x0, samples);
                if (b + 1 < size)
                {
                    rows[at + Lanes] = UniformDeviates.Below(x1, samples);
                }

                if (b + 2 < size)
                {
                    rows[at + (2 * Lanes)] = UniformDeviates.Below(x2, samples);
                }

                if (b + 3 < size)
                {
                    rows[at + (3 * Lanes)] = UniformDeviates.Below(x3, samples);
                }
            }
        }
    }
}
