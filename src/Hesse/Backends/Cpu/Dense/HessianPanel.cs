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
