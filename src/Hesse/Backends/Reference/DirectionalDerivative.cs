namespace Hesse.Backends.Reference;

/// <summary>Pearlmutter's R-operator on one sample: the derivative of both passes along v = (V_l, c_l). (numerics.md 3)</summary>
internal sealed class DirectionalDerivative
{
    private readonly SamplePass _pass;
    private readonly ReadOnlyMemory<double> _direction;
    private readonly double[][] _ra; // R a_l, l = 0 .. L-1; R a_0 = 0
    private readonly double[][] _rz; // R z_l, l = 1 .. L
    private readonly double[][] _rdelta; // R delta_l, l = 1 .. L
    private bool _ggn;

    /// <summary>The forward pass.</summary>
    public DirectionalDerivative(SamplePass pass, ReadOnlyMemory<double> direction)
    {
        _pass = pass;
        _direction = direction;
        int layers = pass.Network.Layers;
        _ra = new double[layers][];
        _rz = new double[layers + 1][];
        _rdelta = new double[layers + 1][];
        _ra[0] = new double[pass.Width(0)];
        for (int l = 1; l <= layers; l++)
        {
            _rz[l] = new double[pass.Width(l)];
            for (int i = 0; i < pass.Width(l); i++)
            {
                // R z_l = W_l R a_{l-1} + V_l a_{l-1} + c_l
                double sum = 0;
                for (int j = 0; j < pass.Width(l - 1); j++)
                {
                    sum = Math.FusedMultiplyAdd(pass.W(l, i, j), _ra[l - 1][j], sum);
                    sum = Math.FusedMultiplyAdd(V(l, i, j), pass.A[l - 1][j], sum);
                }

                _rz[l][i] = pass.Network.HasBias(l) ? sum + V(l, i, pass.Width(l - 1)) : sum;
            }

            if (l < layers)
            {
                // R a_l = phi'(z_l) R z_l
                _ra[l] = new double[pass.Width(l)];
                for (int i = 0; i < pass.Width(l); i++)
                {
                    _ra[l][i] = pass.Slope[l][i] * _rz[l][i];
                }
            }
        }

        // R delta_L = (d2l/dz2) R z_L / N
        int classes = pass.Width(layers);
        double[] curvature = new double[classes * classes];
        SampleLoss.Hessian(pass.Network, pass.Z[layers], curvature);
        _rdelta[layers] = new double[classes];
        for (int c = 0; c < classes; c++)
        {
            double sum = 0;
            for (int d = 0; d < classes; d++)
            {
                sum = Math.FusedMultiplyAdd(curvature[(c * classes) + d], _rz[layers][d], sum);
            }

            _rdelta[layers][c] = sum * pass.Share;
        }
    }

    /// <summary>R delta_l = phi' (W^T R delta_{l+1} + V^T delta_{l+1}) + phi'' R z_l (W^T delta_{l+1})</summary>
    public void BackwardHessian()
    {
        _ggn = false;
        for (int l = _pass.Network.Layers - 1; l >= 1; l--)
        {
            _rdelta[l] = new double[_pass.Width(l)];
            for (int j = 0; j < _pass.Width(l); j++)
            {
                double sum = 0;
                for (int i = 0; i < _pass.Width(l + 1); i++)
                {
                    sum = Math.FusedMultiplyAdd(_pass.W(l + 1, i, j), _rdelta[l + 1][i], sum);
                    sum = Math.FusedMultiplyAdd(V(l + 1, i, j), _pass.Delta[l + 1][i], sum);
                }

                _rdelta[l][j] = (_pass.Slope[l][j] * sum) + (_pass.Bend[l][j] * _rz[l][j] * _pass.Back[l][j]);
            }
        }
    }

    /// <summary>R delta_l = phi' W^T R delta_{l+1}</summary>
    public void BackwardGgn()
    {
        _ggn = true;
        for (int l = _pass.Network.Layers - 1; l >= 1; l--)
        {
            _rdelta[l] = new double[_pass.Width(l)];
            for (int j = 0; j < _pass.Width(l); j++)
            {
                double sum = 0;
                for (int i = 0; i < _pass.Width(l + 1); i++)
                {
                    sum = Math.FusedMultiplyAdd(_pass.W(l + 1, i, j), _rdelta[l + 1][i], sum);
                }

                _rdelta[l][j] = _pass.Slope[l][j] * sum;
            }
        }
    }

    /// <summary>product_l += R delta_l [a_{l-1}; 1]^T + delta_l [R a_{l-1}; 0]^T, the second term not for the GGN.</summary>
    public void AddProduct(Span<double> product)
    {
        for (int l = 1; l <= _pass.Network.Layers; l++)
        {
            for (int i = 0; i < _pass.Width(l); i++)
            {
                for (int j = 0; j < _pass.Inputs(l); j++)
                {
                    ref double sum = ref product[_pass.Index(l, i, j)];
                    sum = Math.FusedMultiplyAdd(_rdelta[l][i], _pass.Input(l, j), sum);
                    if (!_ggn && j < _pass.Width(l - 1))
                    {
                        sum = Math.FusedMultiplyAdd(_pass.Delta[l][i], _ra[l - 1][j], sum);
                    }
                }
            }
        }
    }

    // V_l[i,j]; j = d_{l-1} gives c_l[i].
    private double V(int l, int i, int j) => _direction.Span[_pass.Index(l, i, j)];
}
