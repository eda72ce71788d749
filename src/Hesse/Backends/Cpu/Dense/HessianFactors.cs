using System.Numerics;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Networks;

namespace Hesse.Backends.Cpu.Dense;

/// <summary>
/// The factors of the layer-structured Hessian for a block of samples (docs/numerics.md, 4), all with unit stride along the
/// samples: S_m (d_m x d_m), T_m = W_{m+1}^T S_{m+1} (d_m x d_{m+1}), D_{l,m} = da_m/dz_l (d_m x d_l), K_{l,m} (d_l x d_m).
/// </summary>
internal sealed unsafe class HessianFactors<TVector, T>
    where TVector : unmanaged, IVector<TVector, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // The factors of a block of samples stay below this, so that wide nets fit into memory.
    public const long BudgetBytes = 96L << 20;

    private readonly DenseNet<T> _net;
    private readonly bool _gaussNewton;
    private readonly T*[] _curvature;
    private readonly T*[] _below;
    private readonly T* _jacobian;
    private readonly T* _activationJacobian;
    private readonly T* _cross;
    private readonly T* _scratch;

    public HessianFactors(DenseNet<T> net, bool gaussNewton, DenseWorkspace<T> workspace)
    {
        _net = net;
        _gaussNewton = gaussNewton;
        ReadOnlySpan<int> widths = net.Network.Widths;
        int layers = net.Network.Layers;
        long squares = 0;
        long neighbours = 0;
        long pairs = 0;
        for (int m = 1; m <= layers; m++)
        {
            squares += (long)widths[m] * widths[m];
            neighbours += m < layers ? (long)widths[m] * widths[m + 1] : 0;
            for (int l = 1; l <= m; l++)
            {
                pairs = Math.Max(pairs, (long)widths[l] * widths[m]);
            }
        }

        long room = BudgetBytes / sizeof(T) / Math.Max(1, squares + neighbours + (3 * pairs));
        BlockSamples = room >= net.Samples ? net.Samples : (int)Math.Max(64, room / 64 * 64);
        BlockSamples = Math.Min(BlockSamples, net.Samples);
        Stride = DenseNet<T>.Padded(BlockSamples);
        _curvature = new T*[layers + 1];
        _below = new T*[layers + 1];
        T* curvature = workspace.Take(DenseScratch.Curvature, squares * Stride);
        T* below = workspace.Take(DenseScratch.CurvatureBelow, neighbours * Stride);
        for (int m = 1; m <= layers; m++)
        {
            _curvature[m] = curvature;
            _below[m] = below;
            curvature += (long)widths[m] * widths[m] * Stride;
            below += m < layers ? (long)widths[m] * widths[m + 1] * Stride : 0;
        }

        _jacobian = workspace.Take(DenseScratch.Jacobian, pairs * Stride);
        _activationJacobian = workspace.Take(DenseScratch.ActivationJacobian, pairs * Stride);
        _cross = workspace.Take(DenseScratch.CrossCurvature, pairs * Stride);
        _scratch = workspace.Take(DenseScratch.Product, Gemm<TVector, T>.ScratchLength);
    }

    /// <summary>Samples of a block; the last may have fewer.</summary>
    public int BlockSamples { get; }

    /// <summary>Elements between rows of samples.</summary>
    public nint Stride { get; }

    /// <summary>First sample of the present block.</summary>
    public int From { get; private set; }

    /// <summary>Samples of the present block.</summary>
    public int Count { get; private set; }

    /// <summary>S_m of the present block, (d_m x d_m x count), symmetric bit for bit.</summary>
    public T* Curvature(int layer) => _curvature[layer];

    /// <summary>
    /// S_m of all layers: S_m = diag(phi') W_{m+1}^T S_{m+1} W_{m+1} diag(phi') + diag(phi'' * W_{m+1}^T delta_{m+1}), the last
    /// term not for the Gauss-Newton matrix.
    /// </summary>
    public void ComputeCurvature(int from, int count)
    {
        From = from;
        Count = count;
        Network network = _net.Network;
        int layers = network.Layers;
        OutputCurvature<TVector, T>.Fill(
            network.Loss,
            _net.Samples,
            _net.Output,
            from,
            count,
            _curvature[layers],
            Stride
        );
        for (int m = layers - 1; m >= 1; m--)
        {
            int width = network.Widths[m];
            int above = network.Widths[m + 1];
            nint row = above * Stride;
            Matrix<T> transposed = _net.WeightsTransposed(m + 1);
            Gemm<TVector, T>.Multiply(
                width,
                checked((int)row),
                above,
                transposed,
                new(_curvature[m + 1], row),
                new(_below[m], row),
                false,
                _scratch
            );
            for (int i = 0; i < width; i++)
            {
                // The upper triangle, then a copy: S is symmetric to the last bit.
                T* to = _curvature[m] + (((i * (nint)width) + i) * Stride);
                Matrix<T> rows = new(transposed.Start + (i * transposed.Row), transposed.Row, transposed.Column);
                Matrix<T> right = new(_below[m] + (i * row), Stride);
                Gemm<TVector, T>.Multiply(width - i, count, above, rows, right, new(to, Stride), false, _scratch);
            }

            Bend(m);
        }
    }

    /// <summary>
    /// K_{l,m} = J_{l,m}^T S_m, (d_l x d_m x count). For m > l call it for m = l+1, l+2, ... in turn: it steps D_{l,m-1} along.
    /// As J_{l,m} = W_m D_{l,m-1}, K_{l,m} = D_{l,m-1}^T T_{m-1}; D_{l,l} is diagonal.
    /// </summary>
    public T* CrossCurvature(int l, int m)
    {
        if (m == l)
        {
            return _curvature[l];
        }

        int inputs = _net.Network.Widths[l];
        int outputs = _net.Network.Widths[m];
        if (m == l + 1)
        {
            for (int i = 0; i < inputs; i++)
            {
                T* slope = _net.Slopes(l) + (i * _net.Stride) + From;
                for (int u = 0; u < outputs; u++)
                {
                    nint at = ((i * (nint)outputs) + u) * Stride;
                    ForwardBackward<TVector, T>.Multiply(slope, _below[l] + at, _cross + at, Count);
                }
            }

            return _cross;
        }

        StepJacobian(l, m);
        Contract(inputs, _net.Network.Widths[m - 1], outputs, _below[m - 1]);
        return _cross;
    }

    /// <summary>D_{l,m-1} after <see cref="CrossCurvature"/> of (l,m), m > l+1: (d_{m-1} x d_l x count).</summary>
    public T* ActivationJacobian => _activationJacobian;

    private void Bend(int m)
    {
        int width = _net.Network.Widths[m];
        T* s = _curvature[m];
        for (int i = 0; i < width; i++)
        {
            T* slope = _net.Slopes(m) + (i * _net.Stride) + From;
            for (int j = i; j < width; j++)
            {
                T* other = _net.Slopes(m) + (j * _net.Stride) + From;
                T* upper = s + (((i * (nint)width) + j) * Stride);
                ForwardBackward<TVector, T>.Multiply(upper, slope, upper, Count);
                ForwardBackward<TVector, T>.Multiply(upper, other, upper, Count);
                if (i != j)
                {
                    new ReadOnlySpan<T>(upper, Count).CopyTo(
                        new Span<T>(s + (((j * (nint)width) + i) * Stride), Count)
                    );
                    continue;
                }

                T* bend = _net.Bends(m) + (i * _net.Stride) + From;
                T* back = _net.Backs(m) + (i * _net.Stride) + From;
                for (nint n = 0; n < Count && !_gaussNewton; n += TVector.Count)
                {
                    TVector sum = TVector.FusedMultiplyAdd(
                        TVector.Load(bend + n),
                        TVector.Load(back + n),
                        TVector.Load(upper + n)
                    );
                    TVector.Store(sum, upper + n);
                }
            }
        }
    }

    // D_{l,m-1} = diag(phi'(z_{m-1})) W_{m-1} D_{l,m-2}; D_{l,l} = diag(phi'(z_l)) needs no sum.
    private void StepJacobian(int l, int m)
    {
        int inputs = _net.Network.Widths[l];
        int width = _net.Network.Widths[m - 1];
        int between = _net.Network.Widths[m - 2];
        Matrix<T> weights = _net.Weights(m - 1);
        nint row = inputs * Stride;
        if (m == l + 2)
        {
            for (int v = 0; v < width; v++)
            {
                for (int i = 0; i < inputs; i++)
                {
                    TVector weight = TVector.Broadcast(weights.Start[(v * weights.Row) + i]);
                    T* slope = _net.Slopes(l) + (i * _net.Stride) + From;
                    T* to = _jacobian + (v * row) + (i * Stride);
                    for (nint n = 0; n < Count; n += TVector.Count)
                    {
                        TVector.Store(TVector.Multiply(weight, TVector.Load(slope + n)), to + n);
                    }
                }
            }
        }
        else
        {
            Matrix<T> previous = new(_activationJacobian, row);
            Matrix<T> into = new(_jacobian, row);
            Gemm<TVector, T>.Multiply(width, checked((int)row), between, weights, previous, into, false, _scratch);
        }

        for (int v = 0; v < width; v++)
        {
            T* slope = _net.Slopes(m - 1) + (v * _net.Stride) + From;
            for (int i = 0; i < inputs; i++)
            {
                nint at = (v * row) + (i * Stride);
                ForwardBackward<TVector, T>.Multiply(slope, _jacobian + at, _activationJacobian + at, Count);
            }
        }
    }

    // K[i,u] = sum_v D[v,i] T[v,u], sample by sample, v ascending.
    private void Contract(int inputs, int width, int outputs, T* below)
    {
        nint dRow = inputs * Stride;
        nint tRow = outputs * Stride;
        for (nint n = 0; n < Count; n += TVector.Count)
        {
            for (int i = 0; i < inputs; i++)
            {
                T* d = _activationJacobian + (i * Stride) + n;
                T* to = _cross + (i * tRow) + n;
                int u = 0;
                for (; u + 4 <= outputs; u += 4)
                {
                    T* t = below + (u * Stride) + n;
                    TVector k0 = TVector.Zero,
                        k1 = TVector.Zero,
                        k2 = TVector.Zero,
                        k3 = TVector.Zero;
                    for (int v = 0; v < width; v++)
                    {
                        TVector left = TVector.Load(d + (v * dRow));
                        T* right = t + (v * tRow);
                        k0 = TVector.FusedMultiplyAdd(left, TVector.Load(right), k0);
                        k1 = TVector.FusedMultiplyAdd(left, TVector.Load(right + Stride), k1);
                        k2 = TVector.FusedMultiplyAdd(left, TVector.Load(right + (2 * Stride)), k2);
                        k3 = TVector.FusedMultiplyAdd(left, TVector.Load(right + (3 * Stride)), k3);
                    }

                    TVector.Store(k0, to + (u * Stride));
                    TVector.Store(k1, to + ((u + 1) * Stride));
                    TVector.Store(k2, to + ((u + 2) * Stride));
                    TVector.Store(k3, to + ((u + 3) * Stride));
                }

                for (; u < outputs; u++)
                {
                    TVector k = TVector.Zero;
                    for (int v = 0; v < width; v++)
                    {
                        TVector left = TVector.Load(d + (v * dRow));
                        k = TVector.FusedMultiplyAdd(left, TVector.Load(below + (v * tRow) + (u * Stride) + n), k);
                    }

                    TVector.Store(k, to + (u * Stride));
                }
            }
        }
    }
}
