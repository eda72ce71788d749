namespace Hesse.Backends.Reference;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void Hessian(Points points, Span<double> hessian) => Assemble(points, hessian, exact: true);

    // H[(l,i,j),(m,u,v)] = sum_n a_{l-1}[j] (K_{l,m}[i,u] a_{m-1}[v] + delta_m[u] D_{l,m-1}[v,i]) for l <= m; the second term only
    // for l < m, not for the bias column, and not for the Gauss-Newton matrix. The rest by symmetry.
    private static void Assemble(Points points, Span<double> matrix, bool exact)
    {
        int p = points.Network.ParameterCount;
        ForEachReplica(
            points,
            matrix,
            (long)p * p,
            (replica, own) =>
            {
                foreach (SamplePass pass in SamplePass.All(points, replica, 1.0 / points.Samples))
                {
                    LayerCurvature curvature = new(pass, exact);
                    for (int l = 1; l <= points.Network.Layers; l++)
                    {
                        for (int m = l; m <= points.Network.Layers; m++)
                        {
                            AddBlock(pass, curvature.Between(l, m), own, exact);
                        }
                    }
                }

                for (int row = 0; row < p; row++)
                {
                    for (int column = 0; column < row; column++)
                    {
                        own[(row * p) + column] = own[(column * p) + row];
                    }
                }
            }
        );
    }

    // Adds one sample's part to the block (l, m); only what lies on or above the diagonal of H is read afterwards.
    private static void AddBlock(SamplePass pass, LayerPair pair, Span<double> matrix, bool exact)
    {
        int p = pass.Network.ParameterCount;
        (int l, int m) = (pair.L, pair.M);
        for (int i = 0; i < pass.Width(l); i++)
        {
            for (int j = 0; j < pass.Inputs(l); j++)
            {
                for (int u = 0; u < pass.Width(m); u++)
                {
                    for (int v = 0; v < pass.Inputs(m); v++)
                    {
                        double right = pair.K(i, u) * pass.Input(m, v);
                        if (exact && l < m && v < pass.Width(m - 1))
                        {
                            right = Math.FusedMultiplyAdd(pass.Delta[m][u], pair.D(v, i), right);
                        }

                        ref double sum = ref matrix[(pass.Index(l, i, j) * p) + pass.Index(m, u, v)];
                        sum = Math.FusedMultiplyAdd(pass.Input(l, j), right, sum);
                    }
                }
            }
        }
    }
}
