using System.Numerics;
using Hesse.Backends.Cpu.Dense;
using Hesse.Backends.Cpu.Elementary;
using Hesse.Networks;

namespace Hesse.Backends.Cpu.Lanes;

/// <summary>
/// Products of the Hessian or the Gauss-Newton matrix of a block of replicas, a replica a lane, each with a vector of its own: the
/// chains of <see cref="DenseOperations{TVector,T}"/> in their order, so every lane has the bits of that path. What a replica's
/// products share is loaded once, a lane at a time: lanes change hands without touching their neighbours. Every array is
/// [sample][unit][lane]; samples are worked on in pieces, whose sums go on from each other.
/// </summary>
internal sealed unsafe class LaneProducts<V, T> : IDisposable
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // Directional values of so many samples stay in the second-level cache.
    private const int LargestPiece = 32;

    private readonly Network _network;
    private readonly int _samples;
    private readonly int _piece;
    private readonly bool _bent; // whether phi'' is anything but 0
    private readonly AlignedBuffer<T> _parameters; // (P)
    private readonly AlignedBuffer<T> _directions; // (P)
    private readonly AlignedBuffer<T> _products; // (P)
    private readonly LaneVectors<V, T> _vectors;
    private readonly AlignedBuffer<T> _beside; // (P): sum_n delta_l (R a_{l-1})^T, a sum of its own
    private readonly AlignedBuffer<T>[] _values; // a_l (N, d_l), l = 0 .. L-1
    private readonly AlignedBuffer<T>?[] _slopes; // phi'(z_l) (N, d_l), l = 1 .. L-1
    private readonly AlignedBuffer<T>?[] _bends; // phi''(z_l)
    private readonly AlignedBuffer<T>?[] _backs; // W_{l+1}^T delta_{l+1}
    private readonly AlignedBuffer<T>?[] _deltas; // delta_l (N, d_l), l = 2 .. L
    private readonly AlignedBuffer<T> _probabilities; // (N, C)
    private readonly AlignedBuffer<T> _complements; // (N, C)
    private readonly AlignedBuffer<T>?[] _sumChanges; // R z_l (piece, d_l), l = 1 .. L
    private readonly AlignedBuffer<T>?[] _valueChanges; // R a_l, l = 1 .. L-1
    private readonly AlignedBuffer<T>?[] _deltaChanges; // R delta_l, l = 1 .. L

    public LaneProducts(Network network, int samples)
    {
        _network = network;
        _samples = samples;
        int pieces = Math.Max(1, (samples + LargestPiece - 1) / LargestPiece);
        _piece = (samples + pieces - 1) / pieces;
        _bent = ActivationFunctions.Bends(network.Activation);
        _parameters = Room(network.ParameterCount);
        _directions = Room(network.ParameterCount);
        _products = Room(network.ParameterCount);
        _beside = Room(network.ParameterCount);
        _vectors = new LaneVectors<V, T>(network.ParameterCount);
        int layers = network.Layers;
        _values = new AlignedBuffer<T>[layers];
        _slopes = new AlignedBuffer<T>?[layers];
        _bends = new AlignedBuffer<T>?[layers];
        _backs = new AlignedBuffer<T>?[layers];
        _deltas = new AlignedBuffer<T>?[layers + 1];
        _sumChanges = new AlignedBuffer<T>?[layers + 1];
        _valueChanges = new AlignedBuffer<T>?[layers];
        _deltaChanges = new AlignedBuffer<T>?[layers + 1];
        for (int layer = 0; layer <= layers; layer++)
        {
            long all = (long)samples * network.Widths[layer];
            long some = (long)_piece * network.Widths[layer];
            if (layer < layers)
            {
                _values[layer] = Room(all);
            }

            if (layer > 0)
            {
                _sumChanges[layer] = Room(some);
                _deltaChanges[layer] = Room(some);
            }

            if (layer > 0 && layer < layers)
            {
                _valueChanges[layer] = Room(some);
                _slopes[layer] = Room(all);
                _bends[layer] = _bent ? Room(all) : null;
                _backs[layer] = _bent ? Room(all) : null;
            }

            if (layer > 1)
            {
                _deltas[layer] = Room(all);
            }
        }

        _probabilities = Room((long)samples * network.OutputWidth);
        _complements = Room((long)samples * network.OutputWidth);
    }

    /// <summary>Numbers of a lane that one such object takes.</summary>
    public static long Length(Network network, int samples)
    {
        int pieces = Math.Max(1, (samples + LargestPiece - 1) / LargestPiece);
        long piece = (samples + pieces - 1) / pieces;
        int bent = ActivationFunctions.Bends(network.Activation) ? 1 : 0;
        (long all, long some) = (network.Widths[0] + (2L * network.OutputWidth), 0);
        for (int layer = 1; layer <= network.Layers; layer++)
        {
            long width = network.Widths[layer];
            all += layer < network.Layers ? (2 + (2 * bent)) * width : 0;
            all += layer > 1 ? width : 0;
            some += (layer < network.Layers ? 3 : 2) * width;
        }

        return (5L * network.ParameterCount) + (all * samples) + (some * piece);
    }

    /// <summary>Whether these are blocks of such replicas.</summary>
    public bool Serves(Network network, int samples) => _network == network && _samples == samples;

    /// <summary>Takes a replica into a lane, after its forward and backward pass and, for the Hessian, its second derivatives.</summary>
    public void Load(int lane, DenseNet<T> net, bool gaussNewton)
    {
        int layers = _network.Layers;
        SetLane(_parameters, lane, new ReadOnlySpan<T>(net.Parameters, _network.ParameterCount));
        for (int layer = 0; layer <= layers; layer++)
        {
            int width = _network.Widths[layer];
            if (layer < layers)
            {
                Load(_values[layer], lane, net.Activations(layer), width, net.Stride);
            }

            if (layer > 0 && layer < layers)
            {
                Load(_slopes[layer]!, lane, net.Slopes(layer), width, net.Stride);
                if (!gaussNewton && _bent)
                {
                    Load(_bends[layer]!, lane, net.Bends(layer), width, net.Stride);
                    Load(_backs[layer]!, lane, net.Backs(layer), width, net.Stride);
                }
            }

            if (layer > 1 && !gaussNewton)
            {
                Load(_deltas[layer]!, lane, net.Deltas(layer), width, net.Stride);
            }
        }

        Load(_probabilities, lane, net.Output.Probabilities, net.Output.Width, net.Output.Stride);
        Load(_complements, lane, net.Output.Complements, net.Output.Width, net.Output.Stride);
    }

    /// <summary>Gives a lane its vector. (P)</summary>
    public void SetDirection(int lane, ReadOnlySpan<double> direction) => SetLane(_directions, lane, direction);

    /// <summary>Gives every lane its vector: of P numbers, a distance after the vector of the lane before, or the same one.</summary>
    public void SetDirections(ReadOnlySpan<double> vectors, int from, int distance) =>
        _vectors.Gather(vectors, from, distance, _directions.Pointer);

    /// <summary>The products of all lanes, each a distance after the one of the lane before.</summary>
    public void CopyProducts(Span<double> products, int from, int distance) =>
        _vectors.Scatter(_products.Pointer, products, from, distance);

    /// <summary>The product of a lane. (P)</summary>
    public void CopyProduct(int lane, Span<double> product)
    {
        T* from = _products.Pointer + lane;
        for (int i = 0; i < product.Length; i++, from += V.Count)
        {
            product[i] = double.CreateTruncating(*from);
        }
    }

    /// <summary>Multiplies every lane's vector.</summary>
    public void Multiply(bool gaussNewton)
    {
        for (int from = 0; from < _samples || from == 0; from += Math.Max(1, _piece))
        {
            int count = Math.Min(_piece, _samples - from);
            Forward(from, count);
            int last = _network.Layers;
            OutputCurvature(from, count, _sumChanges[last]!.Pointer, _deltaChanges[last]!.Pointer);
            Backward(from, count, gaussNewton);
            Collect(from, count, gaussNewton);
        }

        if (!gaussNewton)
        {
            AddBeside();
        }
    }

    public void Dispose()
    {
        AlignedBuffer<T>?[][] layers =
        [
            _values,
            _slopes,
            _bends,
            _backs,
            _deltas,
            _sumChanges,
            _valueChanges,
            _deltaChanges,
        ];
        foreach (AlignedBuffer<T>? buffer in layers.SelectMany(buffers => buffers))
        {
            buffer?.Dispose();
        }

        _parameters.Dispose();
        _vectors.Dispose();
        _directions.Dispose();
        _products.Dispose();
        _beside.Dispose();
        _probabilities.Dispose();
        _complements.Dispose();
    }

    private static AlignedBuffer<T> Room(long length) => new(length * V.Count);

    private static void SetLane<TIn>(AlignedBuffer<T> to, int lane, ReadOnlySpan<TIn> from)
        where TIn : unmanaged, INumberBase<TIn>
    {
        T* target = to.Pointer + lane;
        foreach (TIn number in from)
        {
            *target = T.CreateTruncating(number);
            target += V.Count;
        }
    }

    // From (width x N) to [sample][unit], one lane of it.
    private void Load(AlignedBuffer<T> to, int lane, T* from, int width, nint stride)
    {
        T* target = to.Pointer + lane;
        for (int sample = 0; sample < _samples; sample++)
        {
            T* source = from + sample;
            for (int unit = 0; unit < width; unit++)
            {
                *target = *source;
                target += V.Count;
                source += stride;
            }
        }
    }

    private T* At(AlignedBuffer<T> buffer, int layer, int sample) =>
        buffer.Pointer + ((long)sample * _network.Widths[layer] * V.Count);

    private T* Weights(AlignedBuffer<T> parameters, int layer) =>
        parameters.Pointer + ((long)_network.WeightOffset(layer) * V.Count);

    // R z_l = W_l R a_{l-1} + V_l a_{l-1} + c_l;  R a_l = phi'(z_l) R z_l.
    private void Forward(int from, int count)
    {
        for (int layer = 1; layer <= _network.Layers; layer++)
        {
            int width = _network.Widths[layer];
            int before = _network.Widths[layer - 1];
            T* z = _sumChanges[layer]!.Pointer;
            LaneMatrix<T> into = new(z, 1, width);
            if (layer > 1)
            {
                LaneContraction<V, T>.Run(
                    new(Weights(_parameters, layer), before, 1),
                    new(_valueChanges[layer - 1]!.Pointer, before, 1),
                    into,
                    width,
                    count,
                    before,
                    continues: false
                );
            }

            LaneMatrix<T> vectors = new(Weights(_directions, layer), before, 1);
            LaneMatrix<T> values = new(At(_values[layer - 1], layer - 1, from), before, 1);
            if (_network.HasBias(layer))
            {
                LaneMatrix<T> bias = new(_directions.Pointer + ((long)_network.BiasOffset(layer) * V.Count), 1, 0);
                LaneContraction<V, T>.Run<LaneBias<V, T>>(
                    vectors,
                    values,
                    into,
                    width,
                    count,
                    before,
                    continues: layer > 1,
                    bias,
                    null
                );
            }
            else
            {
                LaneContraction<V, T>.Run(vectors, values, into, width, count, before, continues: layer > 1);
            }

            if (layer < _network.Layers)
            {
                Multiply(At(_slopes[layer]!, layer, from), z, _valueChanges[layer]!.Pointer, count * width);
            }
        }
    }

    // R delta_L = (d2l/dz2) R z_L / N.
    private void OutputCurvature(int from, int count, T* direction, T* change)
    {
        int classes = _network.OutputWidth;
        Loss loss = _network.Loss;
        T* p = At(_probabilities, _network.Layers, from);
        T* q = At(_complements, _network.Layers, from);
        V divisor = V.Broadcast(T.CreateTruncating(_samples));
        V constant =
            loss == Loss.Mse
                ? V.Divide(V.Broadcast(T.CreateTruncating(2)), V.Broadcast(T.CreateTruncating(classes)))
                : V.Broadcast(T.One);
        for (int sample = 0; sample < count; sample++)
        {
            V mean = V.Zero;
            for (int c = 0; loss == Loss.CrossEntropy && c < classes; c++)
            {
                mean = V.FusedMultiplyAdd(V.Load(p + (c * V.Count)), V.Load(direction + (c * V.Count)), mean);
            }

            for (int c = 0; c < classes; c++)
            {
                V here = V.Load(direction);
                V product = loss switch
                {
                    Loss.CrossEntropy => V.Multiply(V.Load(p), V.Subtract(here, mean)),
                    Loss.Logistic => V.Multiply(V.Multiply(V.Load(p), V.Load(q)), here),
                    _ => V.Multiply(constant, here),
                };
                V.Store(V.Divide(product, divisor), change);
                p += V.Count;
                q += V.Count;
                direction += V.Count;
                change += V.Count;
            }
        }
    }

    // R delta_l = phi'(z_l) (W_{l+1}^T R delta_{l+1} + V_{l+1}^T delta_{l+1}) + phi''(z_l) R z_l (W_{l+1}^T delta_{l+1}).
    private void Backward(int from, int count, bool gaussNewton)
    {
        for (int layer = _network.Layers - 1; layer >= 1; layer--)
        {
            int width = _network.Widths[layer];
            int above = _network.Widths[layer + 1];
            T* change = _deltaChanges[layer]!.Pointer;
            LaneMatrix<T> into = new(change, 1, width);
            LaneMatrix<T> left = new(Weights(_parameters, layer + 1), 1, width);
            LaneMatrix<T> right = new(_deltaChanges[layer + 1]!.Pointer, above, 1);
            if (!gaussNewton)
            {
                LaneContraction<V, T>.Run(left, right, into, width, count, above, continues: false);
                left = new(Weights(_directions, layer + 1), 1, width);
                right = new(At(_deltas[layer + 1]!, layer + 1, from), above, 1);
            }

            T* slopes = At(_slopes[layer]!, layer, from);
            if (gaussNewton || !_bent)
            {
                LaneMatrix<T> side = new(slopes, 1, width);
                bool continues = !gaussNewton;
                LaneContraction<V, T>.Run<LaneSlope<V, T>>(
                    left,
                    right,
                    into,
                    width,
                    count,
                    above,
                    continues,
                    side,
                    null
                );
                continue;
            }

            LaneContraction<V, T>.Run(left, right, into, width, count, above, continues: true);
            T* bends = At(_bends[layer]!, layer, from);
            T* backs = At(_backs[layer]!, layer, from);
            T* sums = _sumChanges[layer]!.Pointer;
            for (int i = 0; i < count * width * V.Count; i += V.Count)
            {
                V bent = V.Multiply(V.Load(bends + i), V.Load(sums + i));
                bent = V.Multiply(bent, V.Load(backs + i));
                V.Store(V.FusedMultiplyAdd(V.Load(slopes + i), V.Load(change + i), bent), change + i);
            }
        }
    }

    // Products (+)= sum_n R delta_l [a_{l-1}; 1]^T, and beside them sum_n delta_l (R a_{l-1})^T.
    private void Collect(int from, int count, bool gaussNewton)
    {
        for (int layer = 1; layer <= _network.Layers; layer++)
        {
            int width = _network.Widths[layer];
            int before = _network.Widths[layer - 1];
            T* change = _deltaChanges[layer]!.Pointer;
            LaneContraction<V, T>.Run(
                new(change, 1, width),
                new(At(_values[layer - 1], layer - 1, from), 1, before),
                new(Weights(_products, layer), before, 1),
                width,
                before,
                count,
                continues: from > 0
            );
            if (_network.HasBias(layer))
            {
                T* sums = _products.Pointer + ((long)_network.BiasOffset(layer) * V.Count);
                SumOverSamples(change, sums, count, width, continues: from > 0);
            }

            if (layer > 1 && !gaussNewton)
            {
                LaneContraction<V, T>.Run(
                    new(At(_deltas[layer]!, layer, from), 1, width),
                    new(_valueChanges[layer - 1]!.Pointer, 1, before),
                    new(Weights(_beside, layer), before, 1),
                    width,
                    before,
                    count,
                    continues: from > 0
                );
            }
        }
    }

    private void AddBeside()
    {
        for (int layer = 2; layer <= _network.Layers; layer++)
        {
            T* sums = Weights(_products, layer);
            T* others = Weights(_beside, layer);
            int length = _network.Widths[layer] * _network.Widths[layer - 1] * V.Count;
            for (int i = 0; i < length; i += V.Count)
            {
                V.Store(V.Add(V.Load(sums + i), V.Load(others + i)), sums + i);
            }
        }
    }

    private static void Multiply(T* left, T* right, T* product, int registers)
    {
        for (int i = 0; i < registers * V.Count; i += V.Count)
        {
            V.Store(V.Multiply(V.Load(left + i), V.Load(right + i)), product + i);
        }
    }

    private static void SumOverSamples(T* delta, T* sums, int count, int width, bool continues)
    {
        for (int unit = 0; unit < width; unit++)
        {
            V sum = continues ? V.Load(sums + (unit * V.Count)) : V.Zero;
            for (int sample = 0; sample < count; sample++)
            {
                sum = V.Add(sum, V.Load(delta + (((sample * width) + unit) * V.Count)));
            }

            V.Store(sum, sums + (unit * V.Count));
        }
    }
}
