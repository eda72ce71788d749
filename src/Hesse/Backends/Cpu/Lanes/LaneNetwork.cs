using System.Numerics;
using Hesse.Backends.Cpu.Elementary;
using Hesse.Networks;

namespace Hesse.Backends.Cpu.Lanes;

/// <summary>
/// Forward and backward pass of one block of replicas, a replica a lane, on a piece of at most <see cref="Capacity"/> samples:
/// the scratch of one worker. Every array is [sample][unit][lane].
/// </summary>
internal sealed unsafe class LaneNetwork<V, T> : IDisposable
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Network _network;
    private readonly AlignedBuffer<T>[] _sums; // z_l (S, d_l), l = 1..L; relu's values overwrite them
    private readonly AlignedBuffer<T>[] _values; // a_l (S, d_l), l = 0..L-1
    private readonly AlignedBuffer<T>[] _deltas; // delta_l (S, d_l), l = 1..L
    private readonly AlignedBuffer<T> _slopes; // phi' of one layer (S, max d_l)

    public LaneNetwork(Network network, int capacity)
    {
        _network = network;
        Capacity = capacity;
        int layers = network.Layers;
        _sums = new AlignedBuffer<T>[layers + 1];
        _values = new AlignedBuffer<T>[layers + 1];
        _deltas = new AlignedBuffer<T>[layers + 1];
        ReadOnlySpan<int> widths = network.Widths;
        int widest = 1;
        _values[0] = new AlignedBuffer<T>((long)capacity * widths[0] * V.Count);
        for (int layer = 1; layer <= layers; layer++)
        {
            long length = (long)capacity * widths[layer] * V.Count;
            _sums[layer] = new AlignedBuffer<T>(length);
            _deltas[layer] = new AlignedBuffer<T>(length);
            // Relu keeps no z: its value tells its slope.
            _values[layer] =
                layer < layers && network.Activation != Activation.Relu ? new AlignedBuffer<T>(length) : _sums[layer];
            widest = layer < layers ? Math.Max(widest, widths[layer]) : widest;
        }

        _slopes = new AlignedBuffer<T>((long)capacity * widest * V.Count);
    }

    /// <summary>Samples that fit at once.</summary>
    public int Capacity { get; }

    /// <summary>a_0 = x, to be filled before <see cref="Forward"/>. (S, d_0)</summary>
    public T* Inputs => _values[0].Pointer;

    /// <summary>z_L after <see cref="Forward"/>. (S, C)</summary>
    public T* Logits => _sums[_network.Layers].Pointer;

    /// <summary>delta_L, to be filled before <see cref="Backward"/>. (S, C)</summary>
    public T* OutputDeltas => _deltas[_network.Layers].Pointer;

    /// <summary>z_l = W_l a_{l-1} + b_l, a_l = phi(z_l).</summary>
    public void Forward(T* parameters, int samples)
    {
        ReadOnlySpan<int> widths = _network.Widths;
        for (int layer = 1; layer <= _network.Layers; layer++)
        {
            int width = widths[layer];
            int before = widths[layer - 1];
            T* z = _sums[layer].Pointer;
            T* weights = parameters + ((long)_network.WeightOffset(layer) * V.Count);
            LaneContraction<V, T>.Run(
                new(weights, before, 1),
                new(_values[layer - 1].Pointer, before, 1),
                new(z, 1, width),
                width,
                samples,
                before,
                continues: false
            );
            T* bias = _network.HasBias(layer) ? parameters + ((long)_network.BiasOffset(layer) * V.Count) : null;
            bool hidden = layer < _network.Layers;
            if (hidden && _network.Activation == Activation.Relu)
            {
                BiasRelu(z, bias, samples, width);
                continue;
            }

            if (bias is not null)
            {
                AddBias(z, bias, samples, width);
            }

            if (hidden)
            {
                int length = samples * width * V.Count;
                ActivationFunctions.Value<T>(
                    _network.Activation,
                    new ReadOnlySpan<T>(z, length),
                    new Span<T>(_values[layer].Pointer, length)
                );
            }
        }
    }

    /// <summary>
    /// From delta_L: delta_l = phi'(z_l) (W_{l+1}^T delta_{l+1}); dW_l (+)= sum_n delta_l a_{l-1}^T, db_l (+)= sum_n delta_l, n ascending.
    /// </summary>
    /// <param name="parameters">(P, lanes)</param>
    /// <param name="gradient">(P, lanes)</param>
    /// <param name="samples">S</param>
    /// <param name="continues">Whether the gradient's sums go on from what it holds.</param>
    public void Backward(T* parameters, T* gradient, int samples, bool continues)
    {
        ReadOnlySpan<int> widths = _network.Widths;
        for (int layer = _network.Layers; layer >= 1; layer--)
        {
            int width = widths[layer];
            int before = widths[layer - 1];
            T* delta = _deltas[layer].Pointer;
            LaneContraction<V, T>.Run(
                new(delta, 1, width),
                new(_values[layer - 1].Pointer, 1, before),
                new(gradient + ((long)_network.WeightOffset(layer) * V.Count), before, 1),
                width,
                before,
                samples,
                continues
            );
            if (_network.HasBias(layer))
            {
                SumOverSamples(
                    delta,
                    gradient + ((long)_network.BiasOffset(layer) * V.Count),
                    samples,
                    width,
                    continues
                );
            }

            if (layer > 1)
            {
                LaneContraction<V, T>.Run(
                    new(parameters + ((long)_network.WeightOffset(layer) * V.Count), 1, before),
                    new(delta, width, 1),
                    new(_deltas[layer - 1].Pointer, 1, before),
                    before,
                    samples,
                    width,
                    continues: false
                );
                TimesSlope(layer - 1, samples * before);
            }
        }
    }

    public void Dispose()
    {
        foreach (AlignedBuffer<T>? buffer in _sums.Concat(_values).Concat(_deltas))
        {
            buffer?.Dispose();
        }

        _slopes.Dispose();
    }

    private static void AddBias(T* z, T* bias, int samples, int width)
    {
        for (int sample = 0; sample < samples; sample++)
        {
            for (int unit = 0; unit < width; unit++, z += V.Count)
            {
                V.Store(V.Add(V.Load(z), V.Load(bias + (unit * V.Count))), z);
            }
        }
    }

    private static void BiasRelu(T* z, T* bias, int samples, int width)
    {
        V zero = V.Zero;
        for (int sample = 0; sample < samples; sample++)
        {
            for (int unit = 0; unit < width; unit++, z += V.Count)
            {
                V sum = V.Load(z);
                if (bias is not null)
                {
                    sum = V.Add(sum, V.Load(bias + (unit * V.Count)));
                }

                // Not the larger of sum and 0: a NaN must stay one, so that a diverged replica is seen.
                V.Store(V.Select(V.GreaterThan(zero, sum), zero, sum), z);
            }
        }
    }

    private static void SumOverSamples(T* delta, T* sums, int samples, int width, bool continues)
    {
        for (int unit = 0; unit < width; unit++)
        {
            V sum = continues ? V.Load(sums + (unit * V.Count)) : V.Zero;
            for (int sample = 0; sample < samples; sample++)
            {
                sum = V.Add(sum, V.Load(delta + (((sample * width) + unit) * V.Count)));
            }

            V.Store(sum, sums + (unit * V.Count));
        }
    }

    // delta_l *= phi'(z_l), in place.
    private void TimesSlope(int layer, int registers)
    {
        T* delta = _deltas[layer].Pointer;
        T* values = _values[layer].Pointer;
        if (_network.Activation == Activation.Relu)
        {
            V zero = V.Zero;
            for (int i = 0; i < registers; i++, delta += V.Count, values += V.Count)
            {
                V.Store(V.Select(V.GreaterThan(V.Load(values), zero), V.Load(delta), zero), delta);
            }

            return;
        }

        int length = registers * V.Count;
        T* slope = _slopes.Pointer;
        ActivationFunctions.Slope(
            _network.Activation,
            new ReadOnlySpan<T>(_sums[layer].Pointer, length),
            new ReadOnlySpan<T>(values, length),
            new Span<T>(slope, length)
        );
        for (int i = 0; i < registers; i++, delta += V.Count, slope += V.Count)
        {
            V.Store(V.Multiply(V.Load(delta), V.Load(slope)), delta);
        }
    }
}
