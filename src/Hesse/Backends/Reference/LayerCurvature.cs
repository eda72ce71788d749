namespace Hesse.Backends.Reference;

/// <summary>
/// S_m = d2l/dz_m^2 / N of one sample (numerics.md 4): S_L from the loss, S_m = diag(phi') W_{m+1}^T S_{m+1} W_{m+1} diag(phi')
/// + diag(phi'' * W_{m+1}^T delta_{m+1}). Without the last term it belongs to the Gauss-Newton matrix.
/// </summary>
internal sealed class LayerCurvature
{
    private readonly SamplePass _pass;
    private readonly double[][] _s; // S_m, m = 1 .. L. (d_m, d_m)

    public LayerCurvature(SamplePass pass, bool exact)
    {
        _pass = pass;
        int layers = pass.Network.Layers;
        _s = new double[layers + 1][];
        _s[layers] = new double[pass.Width(layers) * pass.Width(layers)];
        SampleLoss.Hessian(pass.Network, pass.Z[layers], _s[layers]);
        foreach (ref double value in _s[layers].AsSpan())
        {
            value *= pass.Share;
        }

        for (int m = layers - 1; m >= 1; m--)
        {
            _s[m] = Before(m);
            for (int i = 0; exact && i < pass.Width(m); i++)
            {
                _s[m][(i * pass.Width(m)) + i] += pass.Bend[m][i] * pass.Back[m][i];
            }
        }
    }

    /// <summary>S_m[i,j]</summary>
    public double S(int m, int i, int j) => _s[m][(i * _pass.Width(m)) + j];

    /// <summary>D_{l,m-1} and K_{l,m} for l &lt;= m.</summary>
    public LayerPair Between(int l, int m)
    {
        int width = _pass.Width(l);

        // J_{l,l} = I; D_{l,k} = diag(phi'(z_k)) J_{l,k}; J_{l,k+1} = W_{k+1} D_{l,k}
        double[] j = new double[width * width];
        double[] d = [];
        for (int i = 0; i < width; i++)
        {
            j[(i * width) + i] = 1;
        }

        for (int k = l; k < m; k++)
        {
            d = new double[_pass.Width(k) * width];
            for (int v = 0; v < _pass.Width(k); v++)
            {
                for (int i = 0; i < width; i++)
                {
                    d[(v * width) + i] = _pass.Slope[k][v] * j[(v * width) + i];
                }
            }

            j = new double[_pass.Width(k + 1) * width];
            for (int u = 0; u < _pass.Width(k + 1); u++)
            {
                for (int i = 0; i < width; i++)
                {
                    double sum = 0;
                    for (int v = 0; v < _pass.Width(k); v++)
                    {
                        sum = Math.FusedMultiplyAdd(_pass.W(k + 1, u, v), d[(v * width) + i], sum);
                    }

                    j[(u * width) + i] = sum;
                }
            }
        }

        // K_{l,m} = J_{l,m}^T S_m
        double[] product = new double[width * _pass.Width(m)];
        for (int i = 0; i < width; i++)
        {
            for (int u = 0; u < _pass.Width(m); u++)
            {
                double sum = 0;
                for (int a = 0; a < _pass.Width(m); a++)
                {
                    sum = Math.FusedMultiplyAdd(j[(a * width) + i], S(m, a, u), sum);
                }

                product[(i * _pass.Width(m)) + u] = sum;
            }
        }

        return new LayerPair(l, m, width, _pass.Width(m), product, d);
    }

    // diag(phi'(z_m)) W_{m+1}^T S_{m+1} W_{m+1} diag(phi'(z_m)), exactly symmetric.
    private double[] Before(int m)
    {
        int width = _pass.Width(m);
        int next = _pass.Width(m + 1);
        double[] result = new double[width * width];
        for (int j = 0; j < width; j++)
        {
            double[] column = new double[next]; // S_{m+1} W_{m+1}[:,j]
            for (int a = 0; a < next; a++)
            {
                for (int b = 0; b < next; b++)
                {
                    column[a] = Math.FusedMultiplyAdd(S(m + 1, a, b), _pass.W(m + 1, b, j), column[a]);
                }
            }

            for (int i = 0; i <= j; i++)
            {
                double sum = 0;
                for (int a = 0; a < next; a++)
                {
                    sum = Math.FusedMultiplyAdd(_pass.W(m + 1, a, i), column[a], sum);
                }

                result[(i * width) + j] = _pass.Slope[m][i] * sum * _pass.Slope[m][j];
                result[(j * width) + i] = result[(i * width) + j];
            }
        }

        return result;
    }
}

/// <summary>What two layers l &lt;= m share in one sample's Hessian.</summary>
/// <param name="L">l</param>
/// <param name="M">m</param>
/// <param name="WidthL">d_l</param>
/// <param name="WidthM">d_m</param>
/// <param name="Products">K_{l,m} = J_{l,m}^T S_m. (d_l, d_m)</param>
/// <param name="Derivatives">D_{l,m-1} = da_{m-1}/dz_l, empty for l = m. (d_{m-1}, d_l)</param>
internal sealed record LayerPair(int L, int M, int WidthL, int WidthM, double[] Products, double[] Derivatives)
{
    /// <summary>K_{l,m}[i,u]</summary>
    public double K(int i, int u) => Products[(i * WidthM) + u];

    /// <summary>D_{l,m-1}[v,i]</summary>
    public double D(int v, int i) => Derivatives[(v * WidthL) + i];
}
