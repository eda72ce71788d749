using System.Numerics;
using Hesse.Networks;

namespace Hesse.Backends.Cpu.Dense;

internal sealed unsafe partial class DenseOperations<TVector, T>
{
    /// <inheritdoc/>
    public void Hessian(Points points, int replica, Span<double> hessian)
    {
        fixed (double* matrix = hessian)
        {
            Assemble(points, replica, gaussNewton: false, lowerOnly: false, matrix);
        }
    }

    /// <inheritdoc/>
    public void Ggn(Points points, int replica, Span<double> ggn)
    {
        fixed (double* matrix = ggn)
        {
            Assemble(points, replica, gaussNewton: true, lowerOnly: false, matrix);
        }
    }

    /// <summary>
    /// H[(l,i,j),(m,u,v)] = sum_n [a_{l-1}; 1][j] right[n,(u,v)] for l &lt;= m: for each (l,i) and m one product
    /// [d_{l-1}+1 x N] x [N x d_m (d_{m-1}+1)] whose right factor is built panel by panel (<see cref="HessianPanel{TVector,T}"/>)
    /// and stays in the first-level cache. Elements on and above the diagonal are computed (in the diagonal blocks only u >= i)
    /// and copied below it, so H is symmetric to the last bit. Samples ascending in every element.
    /// </summary>
    /// <param name="points">Net, parameters and samples.</param>
    /// <param name="replica">Which of the points.</param>
    /// <param name="gaussNewton">Without second derivatives of the net: the Gauss-Newton matrix.</param>
    /// <param name="lowerOnly">Leaves the elements above the diagonal as they are.</param>
    /// <param name="matrix">(P,P), row-major, the flat order.</param>
    /// <param name="layersOnly">Leaves the blocks between different layers as they are.</param>
    internal void Assemble<TOut>(
        Points points,
        int replica,
        bool gaussNewton,
        bool lowerOnly,
        TOut* matrix,
        bool layersOnly = false
    )
        where TOut : unmanaged, IBinaryFloatingPointIeee754<TOut>
    {
        DenseNet<T> net = Differentiate(points, replica, single: false);
        ForwardBackward<TVector, T>.Rows(net);
        if (!gaussNewton)
        {
            ForwardBackward<TVector, T>.Bends(net);
        }

        HessianFactors<TVector, T> factors = new(net, gaussNewton, _workspace);
        int layers = net.Network.Layers;
        for (int from = 0; from < net.Samples; from += factors.BlockSamples)
        {
            factors.ComputeCurvature(from, Math.Min(factors.BlockSamples, net.Samples - from));
            for (int l = 1; l <= layers; l++)
            {
                T* left = PackAugmented(net, l, factors);
                for (int m = l; m <= (layersOnly ? l : layers); m++)
                {
                    T* cross = factors.CrossCurvature(l, m);
                    for (int i = 0; i < net.Network.Widths[l]; i++)
                    {
                        HessianPanel<TVector, T> panel = Panel(net, factors, cross, l, m, i, gaussNewton);
                        AssembleRow(net, factors, panel, left, l, m, lowerOnly, matrix);
                    }
                }
            }
        }
    }

    /// <summary>The rows (l,i,:) of the columns of layer m.</summary>
    private void AssembleRow<TOut>(
        DenseNet<T> net,
        HessianFactors<TVector, T> factors,
        in HessianPanel<TVector, T> panel,
        T* left,
        int l,
        int m,
        bool lowerOnly,
        TOut* matrix
    )
        where TOut : unmanaged, IBinaryFloatingPointIeee754<TOut>
    {
        Network network = net.Network;
        int width = Gemm<TVector, T>.TileColumns;
        int deepest = Gemm<TVector, T>.Depth;
        int height = network.Widths[l - 1] + (network.HasBias(l) ? 1 : 0);
        T* right = _workspace.Take(DenseScratch.Panel, (deepest + 1) * width);
        T* tile = _workspace.Take(DenseScratch.Tile, height * (nint)width);
        for (int column = m == l ? panel.Unit * panel.Inputs : 0; column < panel.Columns; column += width)
        {
            int columns = Math.Min(width, panel.Columns - column);
            HessianTile<T, TOut> target = new(
                network,
                l,
                panel.Unit,
                network.WeightOffset(m) + column,
                columns,
                matrix
            );
            if (factors.From > 0)
            {
                target.Load(tile, width);
            }

            for (int first = 0; first < factors.Count; first += deepest)
            {
                int depth = Math.Min(deepest, factors.Count - first);
                bool continues = factors.From > 0 || first > 0;
                panel.Build(first, depth, column, right);
                for (int row = 0; row < height; row += Gemm<TVector, T>.TileRows)
                {
                    Gemm<TVector, T>.Tile(
                        Math.Min(Gemm<TVector, T>.TileRows, height - row),
                        columns > TVector.Count ? width : TVector.Count,
                        depth,
                        new(
                            left + (row * (nint)factors.Count) + (first * Gemm<TVector, T>.TileRows),
                            1,
                            Gemm<TVector, T>.TileRows
                        ),
                        new(right, width),
                        tile + (row * width),
                        width,
                        continues,
                        scale: null,
                        corner: null
                    );
                }
            }

            target.Store(tile, width, lowerOnly);
        }
    }

    private HessianPanel<TVector, T> Panel(
        DenseNet<T> net,
        HessianFactors<TVector, T> factors,
        T* cross,
        int l,
        int m,
        int unit,
        bool gaussNewton
    )
    {
        Network network = net.Network;
        int inputs = network.Widths[m - 1];
        int outputs = network.Widths[m];
        nint rowStride = net.RowStride(m - 1);
        bool second = m > l && !gaussNewton;
        T* jacobianRows = null;
        if (second && m > l + 1)
        {
            int margin = 64 / sizeof(T);
            jacobianRows = _workspace.Take(DenseScratch.JacobianRows, margin + (factors.Count * rowStride)) + margin;
            T* jacobian = factors.ActivationJacobian + (unit * factors.Stride);
            nint row = network.Widths[l] * factors.Stride;
            for (int v = 0; v < inputs; v++)
            {
                for (nint n = 0; n < factors.Count; n++)
                {
                    jacobianRows[(n * rowStride) + v] = jacobian[(v * row) + n];
                }
            }
        }

        return new()
        {
            Outputs = outputs,
            Inputs = inputs,
            Columns = outputs * (inputs + (network.HasBias(m) ? 1 : 0)),
            Cross = cross + (unit * (nint)outputs * factors.Stride),
            CrossStride = factors.Stride,
            Rows = net.Rows(m - 1) + (factors.From * rowStride),
            RowStride = rowStride,
            Deltas = second ? net.Deltas(m) + factors.From : null,
            DeltaStride = net.Stride,
            JacobianRows = jacobianRows,
            UnitSlope = second && m == l + 1 ? net.Slopes(l) + (unit * net.Stride) + factors.From : null,
            Unit = unit,
        };
    }

    /// <summary>[a_{l-1}; 1] of the block's samples in tiles of rows.</summary>
    private T* PackAugmented(DenseNet<T> net, int l, HessianFactors<TVector, T> factors)
    {
        int inputs = net.Network.Widths[l - 1];
        int count = factors.Count;
        int tileRows = Gemm<TVector, T>.TileRows;
        T* packed = _workspace.Take(DenseScratch.PackedActivations, (inputs + 1 + tileRows) * (nint)count);
        Matrix<T> activations = new(net.Activations(l - 1) + factors.From, net.Stride, 1);
        Gemm<TVector, T>.PackRows(activations, inputs, count, packed);
        if (net.Network.HasBias(l))
        {
            Gemm<TVector, T>.PackRows(
                new(net.Ones, 0, 0),
                1,
                count,
                packed + (inputs / tileRows * tileRows * (nint)count) + (inputs % tileRows)
            );
        }

        return packed;
    }
}
