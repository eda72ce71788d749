using System.Numerics;
using System.Runtime.InteropServices;
using Hesse.Specs;

namespace Hesse.Replicas;

/// <summary>
/// The row numbers of a group of lanes, lane i being replica first + i: the same numbers as <see cref="BatchIndices.Row"/>,
/// many lanes at once. Keeps the round keys of the current epoch, [round][lane], and allocates nothing per step.
/// </summary>
public sealed class BatchCursor
{
    private readonly BatchIndices _indices;
    private readonly int _first;
    private readonly int _padded; // Lanes rounded up to whole registers
    private readonly uint[] _keys; // [round][padded lane], where there are registers
    private readonly EpochOrder[] _orders; // [lane], where there are none
    private int _epoch = -1;

    /// <summary>A cursor for replicas first .. first + lanes - 1.</summary>
    public BatchCursor(BatchIndices indices, int first, int lanes)
    {
        _indices = indices;
        _first = first;
        Lanes = lanes;
        _padded = (lanes + Vector<uint>.Count - 1) / Vector<uint>.Count * Vector<uint>.Count;
        bool epochs = indices.Order == BatchOrder.Epochs;
        _keys = epochs && Vector.IsHardwareAccelerated ? new uint[indices.Domain.Rounds * _padded] : [];
        _orders = epochs && !Vector.IsHardwareAccelerated ? new EpochOrder[lanes] : [];
    }

    /// <summary>Number of lanes.</summary>
    public int Lanes { get; }

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

        int whole = Lanes - (Lanes % Vector<uint>.Count);
        for (int b = 0; b < size; b++)
        {
            Span<uint> row = rows.Slice(b * Lanes, Lanes);
            for (int lane = 0; lane < whole; lane += Vector<uint>.Count)
            {
                RowsAt(position + b, lane).CopyTo(row[lane..]);
            }

            if (whole < Lanes)
            {
                Vector<uint> last = RowsAt(position + b, whole);
                for (int lane = whole; lane < Lanes; lane++)
                {
                    row[lane] = last[lane - whole];
                }
            }
        }
    }

    /// <summary>Computes the round keys of an epoch.</summary>
    private void Enter(int epoch)
    {
        for (int lane = 0; lane < Lanes; lane++)
        {
            EpochOrder order = _indices.EpochOrder(_first + lane, epoch);
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

    /// <summary><see cref="EpochOrder.RowAt"/> for as many lanes as a register holds.</summary>
    private Vector<uint> RowsAt(int position, int lane)
    {
        EpochDomain domain = _indices.Domain;
        (uint firstRight, uint firstLeft) = Math.DivRem((uint)position, domain.Left);
        Vector<uint> left = new(firstLeft);
        Vector<uint> right = new(firstRight);
        if (position < domain.Swapped)
        {
            left ^= new Vector<uint>(_keys.AsSpan(lane)) >>> 31;
        }

        Vector<uint> leftModulus = new(domain.Left);
        Vector<uint> rightModulus = new(domain.Right);
        Vector<uint> samples = new((uint)domain.Samples);
        Vector<uint> rows = samples;
        while (true)
        {
            for (int round = 0; round < domain.Rounds; round += 2)
            {
                ReadOnlySpan<uint> keys = _keys.AsSpan((round * _padded) + lane);
                left = Add(left, Mix(right, new Vector<uint>(keys), leftModulus), leftModulus);
                right = Add(right, Mix(left, new Vector<uint>(keys[_padded..]), rightModulus), rightModulus);
            }

            // A lane that has its row keeps it while others walk on.
            rows = Vector.ConditionalSelect(
                Vector.GreaterThanOrEqual(rows, samples),
                left + (leftModulus * right),
                rows
            );
            if (Vector.LessThanAll(rows, samples))
            {
                return rows;
            }
        }
    }

    private static Vector<uint> Mix(Vector<uint> x, Vector<uint> key, Vector<uint> modulus)
    {
        Vector<uint> v = (x ^ key) * EpochOrder.Multiplier1;
        v ^= v >>> 15;
        v *= EpochOrder.Multiplier2;
        return ((v >>> 16) * modulus) >>> 16;
    }

    private static Vector<uint> Add(Vector<uint> x, Vector<uint> y, Vector<uint> modulus) =>
        Vector.Min(x + y, x + y - modulus);

    private void FillDraws(int step, int size, Span<int> rows)
    {
        int samples = _indices.Samples;
        for (int lane = 0; lane < Lanes; lane++)
        {
            for (int b = 0; b < size; b += 4)
            {
                (uint x0, uint x1, uint x2, uint x3) = _indices.DrawnWords(_first + lane, step, b / 4);
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
