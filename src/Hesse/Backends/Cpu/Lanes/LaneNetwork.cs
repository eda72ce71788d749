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
            T* bias = _network.HasBias(layer) ? parameters + ((long)_network.BiasOffset(layer) * V.Count) : null;
            bool hidden = layer < _network.Layers;
            bool relu = hidden && _network.Activation == Activation.Relu;
            LaneMatrix<T> a = new(weights, before, 1);
            LaneMatrix<T> b = new(_values[layer - 1].Pointer, before, 1);
            LaneMatrix<T> c = new(z, 1, width);
            LaneMatrix<T> side = new(bias, 1, 0);
            if (relu && bias is not null)
            {
                LaneContraction<V, T>.Run<LaneBiasRelu<V, T>>(a, b, c, width, samples, before, false, side, null);
            }
            else if (relu)
            {
                LaneContraction<V, T>.Run<LaneRelu<V, T>>(a, b, c, width, samples, before, false, side, null);
            }
            else if (bias is not null)
            {
                LaneContraction<V, T>.Run<LaneBias<V, T>>(a, b, c, width, samples, before, false, side, null);
            }
            else
            {
                LaneContraction<V, T>.Run(a, b, c, width, samples, before, continues: false);
            }

            if (hidden && !relu)
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
    /// <param name="descent">
    /// Null, or a register s: the gradient is complete after these samples, and instead of being stored it updates the parameters,
    /// theta = theta + s g rounded once.
    /// </param>
    public void Backward(T* parameters, T* gradient, int samples, bool continues, T* descent)
    {
        for (int layer = _network.Layers; layer >= 1; layer--)
        {
            // Before the update of W_l.
            if (layer > 1)
            {
                DeltasBelow(layer, parameters, samples);
            }

            long weights = (long)_network.WeightOffset(layer) * V.Count;
            long bias = (long)_network.BiasOffset(layer) * V.Count;
            if (descent is null)
            {
                Sum<LaneSum<V, T>>(layer, gradient + weights, samples, continues, null);
                if (_network.HasBias(layer))
                {
                    SumOverSamples<LaneSum<V, T>>(layer, gradient + bias, samples, continues, null);
                }
            }
            else
            {
                Sum<LaneDescent<V, T>>(layer, parameters + weights, samples, false, descent);
                if (_network.HasBias(layer))
                {
                    SumOverSamples<LaneDescent<V, T>>(layer, parameters + bias, samples, false, descent);
                }
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

    // delta_{l-1} = phi'(z_{l-1}) (W_l^T delta_l)
    private void DeltasBelow(int layer, T* parameters, int samples)
    {
        int width = _network.Widths[layer];
        int before = _network.Widths[layer - 1];
        LaneMatrix<T> a = new(parameters + ((long)_network.WeightOffset(layer) * V.Count), 1, before);
        LaneMatrix<T> b = new(_deltas[layer].Pointer, width, 1);
        LaneMatrix<T> c = new(_deltas[layer - 1].Pointer, 1, before);
        if (_network.Activation == Activation.Relu)
        {
            LaneMatrix<T> values = new(_values[layer - 1].Pointer, 1, before);
            LaneContraction<V, T>.Run<LaneReluSlope<V, T>>(a, b, c, before, samples, width, false, values, null);
            return;
        }

        LaneContraction<V, T>.Run(a, b, c, before, samples, width, continues: false);
        TimesSlope(layer - 1, samples * before);
    }

    // sums (+)= delta_l a_{l-1}^T over the samples, finished beside what the sums' place holds.
    private void Sum<TFinish>(int layer, T* sums, int samples, bool continues, T* scale)
        where TFinish : struct, ILaneFinish<V, T>
    {
        int width = _network.Widths[layer];
        int before = _network.Widths[layer - 1];
        LaneMatrix<T> c = new(sums, before, 1);
        LaneContraction<V, T>.Run<TFinish>(
            new(_deltas[layer].Pointer, 1, width),
            new(_values[layer - 1].Pointer, 1, before),
            c,
            width,
            before,
            samples,
            continues,
            c,
            scale
        );
    }

    // sums (+)= delta_l over the samples. Four units at a time: one chain of additions alone waits for its own latency.
    private void SumOverSamples<TFinish>(int layer, T* sums, int samples, bool continues, T* scale)
        where TFinish : struct, ILaneFinish<V, T>
    {
        T* delta = _deltas[layer].Pointer;
        int width = _network.Widths[layer];
        nint row = width * V.Count;
        int unit = 0;
        V factor = TFinish.InPlace ? V.Load(scale) : default;
        for (; unit + 4 <= width; unit += 4, delta += 4 * V.Count, sums += 4 * V.Count)
        {
            V sum0 = continues ? V.Load(sums) : V.Zero;
            V sum1 = continues ? V.Load(sums + V.Count) : V.Zero;
            V sum2 = continues ? V.Load(sums + (2 * V.Count)) : V.Zero;
            V sum3 = continues ? V.Load(sums + (3 * V.Count)) : V.Zero;
            T* from = delta;
            for (int sample = 0; sample < samples; sample++, from += row)
            {
                sum0 = V.Add(sum0, V.Load(from));
                sum1 = V.Add(sum1, V.Load(from + V.Count));
                sum2 = V.Add(sum2, V.Load(from + (2 * V.Count)));
                sum3 = V.Add(sum3, V.Load(from + (3 * V.Count)));
            }

            V.Store(TFinish.Apply(sum0, sums, factor), sums);
            V.Store(TFinish.Apply(sum1, sums + V.Count, factor), sums + V.Count);
            V.Store(TFinish.Apply(sum2, sums + (2 * V.Count), factor), sums + (2 * V.Count));
            V.Store(TFinish.Apply(sum3, sums + (3 * V.Count), factor), sums + (3 * V.Count));
        }

        for (; unit < width; unit++, delta += V.Count, sums += V.Count)
        {
            V sum = continues ? V.Load(sums) : V.Zero;
            T* from = delta;
            for (int sample = 0; sample < samples; sample++, from += row)
            {
                sum = V.Add(sum, V.Load(from));
            }

            V.Store(TFinish.Apply(sum, sums, factor), sums);
        }
    }

    // delta_l *= phi'(z_l), in place; relu's slope is part of the contraction.
    private void TimesSlope(int layer, int registers)
    {
        T* delta = _deltas[layer].Pointer;
        T* values = _values[layer].Pointer;
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
