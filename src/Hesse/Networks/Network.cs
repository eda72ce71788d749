namespace Hesse.Networks;

/// <summary>Element-wise function phi between layers. phi'(0) = 0 for relu, PyTorch's choice.</summary>
public enum Activation
{
    /// <summary>max(z, 0)</summary>
    Relu,

    /// <summary>tanh z</summary>
    Tanh,

    /// <summary>1 / (1 + exp(-z))</summary>
    Sigmoid,

    /// <summary>log(1 + exp z)</summary>
    Softplus,

    /// <summary>z Phi(z) with the normal distribution function Phi: the erf form.</summary>
    Gelu,

    /// <summary>z for z > 0, else exp(z) - 1</summary>
    Elu,

    /// <summary>z / (1 + exp(-z))</summary>
    Silu,

    /// <summary>sin z</summary>
    Sine,

    /// <summary>z clipped to [-1, 1]; slope 0 on and outside the bounds, PyTorch's choice.</summary>
    Hardtanh,

    /// <summary>z for z > 0, else 0.01 z</summary>
    LeakyRelu,

    /// <summary>z</summary>
    Identity,
}

/// <summary>Loss l(z, y) of one sample; the training loss is its mean over samples.</summary>
public enum Loss
{
    /// <summary>-log softmax(z)_y</summary>
    CrossEntropy,

    /// <summary>(1/C) ||z - y||^2</summary>
    Mse,

    /// <summary>(1/2) ||z - y||^2</summary>
    HalfSquaredError,

    /// <summary>log(1 + exp z) - y z, one output</summary>
    Logistic,
}

/// <summary>Floating-point format.</summary>
public enum Precision
{
    /// <summary>IEEE 754 binary32</summary>
    Float32,

    /// <summary>IEEE 754 binary64</summary>
    Float64,
}

/// <summary>
/// A fully connected net of widths d_0 .. d_L: a_0 = x, z_l = W_l a_{l-1} + b_l, a_l = phi(z_l) for l &lt; L, output z_L.
/// Parameters lie flat in PyTorch's order: W_1 (d_1 x d_0, row-major), b_1, W_2, b_2, ...
/// p = sum_l d_l (d_{l-1} + [bias_l]).
/// </summary>
public sealed class Network
{
    private readonly int[] _widths;
    private readonly bool[] _bias;
    private readonly int[] _weightOffset;

    /// <summary>Describes a net.</summary>
    /// <param name="widths">d_0 .. d_L, at least two, each at least 1.</param>
    /// <param name="bias">One a layer, or a single one for all layers.</param>
    /// <param name="activation">phi, the same in every hidden layer.</param>
    /// <param name="loss">The loss of one sample.</param>
    /// <exception cref="HesseException">Widths or biases make no net, or p exceeds 2^31 - 1.</exception>
    public Network(ReadOnlySpan<int> widths, ReadOnlySpan<bool> bias, Activation activation, Loss loss)
    {
        if (widths.Length < 2)
        {
            throw new HesseException(ExitCode.BadData, "a network needs at least an input and an output width");
        }

        int layers = widths.Length - 1;
        if (bias.Length != 1 && bias.Length != layers)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"bias has {bias.Length} values for {layers} layers; give one, or one a layer"
            );
        }

        _widths = widths.ToArray();
        _bias = new bool[layers];
        _weightOffset = new int[layers + 1];
        Activation = activation;
        Loss = loss;
        long offset = 0;
        for (int layer = 1; layer <= layers; layer++)
        {
            if (widths[layer] < 1 || widths[layer - 1] < 1)
            {
                throw new HesseException(ExitCode.BadData, "every network width must be at least 1");
            }

            _bias[layer - 1] = bias[bias.Length == 1 ? 0 : layer - 1];
            _weightOffset[layer - 1] = (int)offset;
            offset += (long)widths[layer] * (widths[layer - 1] + (_bias[layer - 1] ? 1 : 0));
            if (offset > int.MaxValue)
            {
                throw new HesseException(ExitCode.BadData, "the network has more than 2^31 - 1 parameters");
            }
        }

        _weightOffset[layers] = (int)offset;
        if (loss == Loss.Logistic && widths[layers] != 1)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"loss logistic needs one output, the network has {widths[layers]}"
            );
        }
    }

    /// <summary>d_0 .. d_L</summary>
    public ReadOnlySpan<int> Widths => _widths;

    /// <summary>phi</summary>
    public Activation Activation { get; }

    /// <summary>The loss of one sample.</summary>
    public Loss Loss { get; }

    /// <summary>L</summary>
    public int Layers => _bias.Length;

    /// <summary>p</summary>
    public int ParameterCount => _weightOffset[^1];

    /// <summary>d_0</summary>
    public int InputWidth => _widths[0];

    /// <summary>C = d_L</summary>
    public int OutputWidth => _widths[^1];

    /// <summary>Whether layer l = 1 .. L has a bias.</summary>
    public bool HasBias(int layer) => _bias[layer - 1];

    /// <summary>Where W_l begins in the flat order, l = 1 .. L; for l = L + 1 the parameter count.</summary>
    public int WeightOffset(int layer) => _weightOffset[layer - 1];

    /// <summary>Where b_l would begin in the flat order, l = 1 .. L.</summary>
    public int BiasOffset(int layer) => _weightOffset[layer - 1] + (_widths[layer] * _widths[layer - 1]);
}
