using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Dense;

/// <summary>
/// Builds two registers of columns of the right-hand factor of the Hessian's block (l,i) x m in the packed form of a panel:
/// right[n,(u,v)] = K_{l,m}[i,u] a_{m-1}[v] + delta_m[u] D_{l,m-1}[v,i], right[n, bias u] = K_{l,m}[i,u]. Columns are those of
/// layer m in the flat order: (u,v) row-major, then the biases. A register may hold the end of one u and the beginning of
/// the next: each run of one u is computed for the whole register and selected into its lanes.
/// </summary>
internal readonly unsafe struct HessianPanel<TVector, T>
    where TVector : unmanaged, IVector<TVector, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>d_m</summary>
    public required int Outputs { get; init; }

    /// <summary>d_{m-1}</summary>
    public required int Inputs { get; init; }

    /// <summary>Columns of layer m: d_m d_{m-1}, and d_m with a bias.</summary>
    public required int Columns { get; init; }

    /// <summary>K_{l,m}[i,:], (d_m x count), first sample of the block.</summary>
    public required T* Cross { get; init; }

    /// <summary>Elements between the rows of <see cref="Cross"/>.</summary>
    public required nint CrossStride { get; init; }

    /// <summary>a_{m-1}, (count x d_{m-1}), first sample of the block.</summary>
    public required T* Rows { get; init; }

    /// <summary>Elements between samples of <see cref="Rows"/> and <see cref="JacobianRows"/>.</summary>
    public required nint RowStride { get; init; }

    /// <summary>delta_m, (d_m x count), first sample of the block; null without the second term.</summary>
    public required T* Deltas { get; init; }

    /// <summary>Elements between the rows of <see cref="Deltas"/>.</summary>
    public required nint DeltaStride { get; init; }

    /// <summary>D_{l,m-1}[:,i], (count x d_{m-1}), for m > l+1; else null.</summary>
    public required T* JacobianRows { get; init; }

    /// <summary>phi'(z_l)[i], the only element of D_{l,l}[:,i], at v = <see cref="Unit"/>; for m = l+1, else null.</summary>
    public required T* UnitSlope { get; init; }

    /// <summary>i</summary>
    public required int Unit { get; init; }

    /// <summary>Builds samples first .. first+depth-1 of the block, columns column .. column + two registers - 1.</summary>
    public void Build(int first, int depth, int column, T* panel)
    {
        int width = 2 * TVector.Count;
        if (Inputs >= TVector.Count && column + width <= Outputs * (long)Inputs)
        {
            BuildPair(first, depth, column, panel);
            return;
        }

        for (int at = 0; at < width; )
        {
            int c = column + at;
            if (c >= Columns)
            {
                return;
            }

            int u = c / Inputs;
            if (u >= Outputs)
            {
                T* cross = Cross + ((c - (Outputs * (nint)Inputs)) * CrossStride) + first;
                for (int s = 0; s < depth; s++)
                {
                    panel[(s * width) + at] = cross[s];
                }

                at++;
                continue;
            }

            int v = c % Inputs;
            int lane = at % TVector.Count;
            int run = Math.Min(Inputs - v, TVector.Count - lane);
            BuildRun(first, depth, u, v, lane, panel + (at - lane));
            if (UnitSlope is not null && Deltas is not null && Unit >= v && Unit < v + run)
            {
                AddUnit(first, depth, u, panel + at + (Unit - v));
            }

            at += run;
        }
    }

    /// <summary>
    /// The usual case in one pass over the samples: both registers hold weights, each of one u or of the end of one and the
    /// beginning of the next.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void BuildPair(int first, int depth, int column, T* panel)
    {
        nint width = 2 * TVector.Count;
        bool second = JacobianRows is not null && Deltas is not null;
        HessianRun<TVector, T> left = Run(first, column);
        HessianRun<TVector, T> right = Run(first, column + TVector.Count);
        T* rows = Rows + (first * RowStride);
        T* jacobian = second ? JacobianRows + (first * RowStride) : null;
        T* to = panel;
        for (nint s = 0; s < depth; s++)
        {
            TVector x = TVector.Multiply(TVector.Broadcast(left.Cross[s]), TVector.Load(rows + left.At));
            TVector y = TVector.Multiply(TVector.Broadcast(right.Cross[s]), TVector.Load(rows + right.At));
            if (second)
            {
                x = TVector.FusedMultiplyAdd(TVector.Broadcast(left.Delta[s]), TVector.Load(jacobian + left.At), x);
                y = TVector.FusedMultiplyAdd(TVector.Broadcast(right.Delta[s]), TVector.Load(jacobian + right.At), y);
            }

            if (left.Length < TVector.Count)
            {
                TVector next = TVector.Multiply(TVector.Broadcast(left.NextCross[s]), TVector.Load(rows - left.Length));
                if (second)
                {
                    TVector slope = TVector.Load(jacobian - left.Length);
                    next = TVector.FusedMultiplyAdd(TVector.Broadcast(left.NextDelta[s]), slope, next);
                }

                x = TVector.Select(left.Next, next, x);
            }

            if (right.Length < TVector.Count)
            {
                TVector next = TVector.Multiply(
                    TVector.Broadcast(right.NextCross[s]),
                    TVector.Load(rows - right.Length)
                );
                if (second)
                {
                    TVector slope = TVector.Load(jacobian - right.Length);
                    next = TVector.FusedMultiplyAdd(TVector.Broadcast(right.NextDelta[s]), slope, next);
                }

                y = TVector.Select(right.Next, next, y);
            }

            TVector.Store(x, to);
            TVector.Store(y, to + TVector.Count);
            to += width;
            rows += RowStride;
            jacobian += RowStride;
        }

        AddUnits(first, depth, column, panel);
    }

    // The one element of D_{l,l}[:,i] in every u of the panel.
    private void AddUnits(int first, int depth, int column, T* panel)
    {
        int end = column + (2 * TVector.Count);
        for (int u = column / Inputs; UnitSlope is not null && u * Inputs < end; u++)
        {
            int c = (u * Inputs) + Unit;
            if (c >= column && c < end)
            {
                AddUnit(first, depth, u, panel + (c - column));
            }
        }
    }

    private HessianRun<TVector, T> Run(int first, int column)
    {
        int u = column / Inputs;
        int v = column % Inputs;
        int length = Math.Min(Inputs - v, TVector.Count);
        T* cross = Cross + (u * CrossStride) + first;
        T* delta = Deltas is null ? null : Deltas + (u * DeltaStride) + first;
        return new()
        {
            At = v,
            Length = length,
            Cross = cross,
            NextCross = cross + CrossStride,
            Delta = delta,
            NextDelta = delta is null ? null : delta + DeltaStride,
            Next = FromLane(length),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void BuildRun(int first, int depth, int u, int v, int lane, T* panel)
    {
        nint width = 2 * TVector.Count;
        T* cross = Cross + (u * CrossStride) + first;
        // Lane 0 would be a_{m-1}[v - lane]: what lies before the run is read and thrown away.
        T* rows = Rows + (first * RowStride) + v - lane;
        if (JacobianRows is null || Deltas is null)
        {
            if (lane == 0)
            {
                for (nint s = 0; s < depth; s++)
                {
                    TVector.Store(TVector.Multiply(TVector.Broadcast(cross[s]), TVector.Load(rows)), panel);
                    rows += RowStride;
                    panel += width;
                }

                return;
            }

            TVector mask = FromLane(lane);
            for (nint s = 0; s < depth; s++)
            {
                TVector value = TVector.Multiply(TVector.Broadcast(cross[s]), TVector.Load(rows));
                TVector.Store(TVector.Select(mask, value, TVector.Load(panel)), panel);
                rows += RowStride;
                panel += width;
            }

            return;
        }

        T* delta = Deltas + (u * DeltaStride) + first;
        T* jacobian = JacobianRows + (first * RowStride) + v - lane;
        TVector lanes = FromLane(lane);
        for (nint s = 0; s < depth; s++)
        {
            TVector value = TVector.Multiply(TVector.Broadcast(cross[s]), TVector.Load(rows));
            value = TVector.FusedMultiplyAdd(TVector.Broadcast(delta[s]), TVector.Load(jacobian), value);
            TVector.Store(TVector.Select(lanes, value, TVector.Load(panel)), panel);
            rows += RowStride;
            jacobian += RowStride;
            panel += width;
        }
    }

    private void AddUnit(int first, int depth, int u, T* panel)
    {
        nint width = 2 * TVector.Count;
        T* delta = Deltas + (u * DeltaStride) + first;
        for (nint s = 0; s < depth; s++)
        {
            *panel = T.FusedMultiplyAdd(delta[s], UnitSlope[first + s], *panel);
            panel += width;
        }
    }

    private static TVector FromLane(int lane)
    {
        T* mask = stackalloc T[TVector.Count];
        for (int i = 0; i < TVector.Count; i++)
        {
            mask[i] = i >= lane ? T.One : T.Zero;
        }

        return TVector.GreaterThan(TVector.Load(mask), TVector.Zero);
    }
}

/// <summary>What one register of a panel holds: the end of one u, and perhaps the beginning of the next.</summary>
internal readonly unsafe struct HessianRun<TVector, T>
    where TVector : unmanaged, IVector<TVector, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>v of the first lane.</summary>
    public required nint At { get; init; }

    /// <summary>Lanes of the first u.</summary>
    public required nint Length { get; init; }

    /// <summary>K[i,u] from the first sample on.</summary>
    public required T* Cross { get; init; }

    /// <summary>K[i,u+1]</summary>
    public required T* NextCross { get; init; }

    /// <summary>delta_m[u]</summary>
    public required T* Delta { get; init; }

    /// <summary>delta_m[u+1]</summary>
    public required T* NextDelta { get; init; }

    /// <summary>Set in the lanes of u + 1.</summary>
    public required TVector Next { get; init; }
}
