using Hesse.Networks;

namespace Hesse.Backends.Reference;

/// <summary>One sample forward and backward through one net: everything of numerics.md 1 to 4 that belongs to a layer.</summary>
internal sealed class SamplePass
{
    private readonly double[] _parameters;

    /// <summary>Makes both passes.</summary>
    /// <param name="network">The net.</param>
    /// <param name="parameters">(P)</param>
    /// <param name="sample">x, y</param>
    /// <param name="share">1/N where the mean loss is meant, 1 for the single loss l_n.</param>
    public SamplePass(Network network, double[] parameters, in Sample sample, double share)
    {
        Network = network;
        Share = share;
        _parameters = parameters;
        int layers = network.Layers;
        A = new double[layers][];
        Z = new double[layers + 1][];
        Delta = new double[layers + 1][];
        Back = new double[layers][];
        Slope = new double[layers][];
        Bend = new double[layers][];
        A[0] = sample.Input.ToArray();
        Forward();
        Loss = SampleLoss.Value(network, Z[layers], sample);
        Delta[layers] = new double[network.OutputWidth];
        SampleLoss.Gradient(network, Z[layers], sample, Delta[layers]);
        foreach (ref double delta in Delta[layers].AsSpan())
        {
            delta *= share;
        }

        Backward();
        IsRight = sample.IsRight(network, Z[layers]);
    }

    public Network Network { get; }

    /// <summary>1/N or 1</summary>
    public double Share { get; }

    /// <summary>l_n</summary>
    public double Loss { get; }

    /// <summary>Whether the answer is right.</summary>
    public bool IsRight { get; }

    /// <summary>a_l, l = 0 .. L-1. (d_l)</summary>
    public double[][] A { get; }

    /// <summary>z_l, l = 1 .. L. (d_l)</summary>
    public double[][] Z { get; }

    /// <summary>delta_l = share dl/dz_l, l = 1 .. L. (d_l)</summary>
    public double[][] Delta { get; }

    /// <summary>W_{l+1}^T delta_{l+1}, l = 1 .. L-1. (d_l)</summary>
    public double[][] Back { get; }

    /// <summary>phi'(z_l), l = 1 .. L-1. (d_l)</summary>
    public double[][] Slope { get; }

    /// <summary>phi''(z_l), l = 1 .. L-1. (d_l)</summary>
    public double[][] Bend { get; }

    /// <summary>The passes of all N samples of replica r, ascending.</summary>
    public static IEnumerable<SamplePass> All(Points points, int replica, double share)
    {
        double[] parameters = points.ParametersOf(replica).ToArray();
        for (int row = 0; row < points.Samples; row++)
        {
            yield return new SamplePass(points.Network, parameters, new Sample(points.Data, replica, row), share);
        }
    }

    /// <summary>W_l[i,j]</summary>
    public double W(int l, int i, int j) => _parameters[Network.WeightOffset(l) + (i * Network.Widths[l - 1]) + j];

    /// <summary>d_l</summary>
    public int Width(int l) => Network.Widths[l];

    /// <summary>d_{l-1} + [bias_l], the width of the augmented input of layer l.</summary>
    public int Inputs(int l) => Network.Widths[l - 1] + (Network.HasBias(l) ? 1 : 0);

    /// <summary>[a_{l-1}; 1][j]</summary>
    public double Input(int l, int j) => j < A[l - 1].Length ? A[l - 1][j] : 1;

    /// <summary>Place of the weight (l, i, j) in the flat order; j = d_{l-1} is the bias of unit i.</summary>
    public int Index(int l, int i, int j) =>
        j < Network.Widths[l - 1]
            ? Network.WeightOffset(l) + (i * Network.Widths[l - 1]) + j
            : Network.BiasOffset(l) + i;

    // z_l = W_l a_{l-1} + b_l; a_l = phi(z_l)
    private void Forward()
    {
        for (int l = 1; l <= Network.Layers; l++)
        {
            Z[l] = new double[Width(l)];
            for (int i = 0; i < Width(l); i++)
            {
                double sum = 0;
                for (int j = 0; j < Width(l - 1); j++)
                {
                    sum = Math.FusedMultiplyAdd(W(l, i, j), A[l - 1][j], sum);
                }

                Z[l][i] = Network.HasBias(l) ? sum + _parameters[Network.BiasOffset(l) + i] : sum;
            }

            if (l < Network.Layers)
            {
                A[l] = Array.ConvertAll(Z[l], z => ScalarActivation.Value(Network.Activation, z));
                Slope[l] = Array.ConvertAll(Z[l], z => ScalarActivation.Slope(Network.Activation, z));
                Bend[l] = Array.ConvertAll(Z[l], z => ScalarActivation.Bend(Network.Activation, z));
            }
        }
    }

    // delta_l = phi'(z_l) (W_{l+1}^T delta_{l+1})
    private void Backward()
    {
        for (int l = Network.Layers - 1; l >= 1; l--)
        {
            Back[l] = new double[Width(l)];
            Delta[l] = new double[Width(l)];
            for (int j = 0; j < Width(l); j++)
            {
                double sum = 0;
                for (int i = 0; i < Width(l + 1); i++)
                {
                    sum = Math.FusedMultiplyAdd(W(l + 1, i, j), Delta[l + 1][i], sum);
                }

                Back[l][j] = sum;
                Delta[l][j] = Slope[l][j] * sum;
            }
        }
    }
}
