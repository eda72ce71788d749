using System.Numerics;
using Hesse.Backends.Cpu.Elementary;
using Hesse.Networks;

namespace Hesse.Backends.Cpu.Lanes;

/// <summary>
/// Loss, right answers and output deltas of a piece of samples, from logits [sample][class][lane]. Cross-entropy is computed
/// without cancellation: with m = max z, e_c = exp(z_c - m), o = sum over c != y of e_c, the loss is log1p(o) where z_y = m, else
/// (m - z_y) + log(e_y + o), and delta_y = -o / (e_y + o), not p_y - 1: a trained net's small losses keep their digits.
/// </summary>
internal sealed unsafe class LaneLoss<V, T> : IDisposable
    where V : unmanaged, IVector<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Loss _loss;
    private readonly int _outputs;
    private readonly AlignedBuffer<T> _exponentials; // (S, C)
    private readonly AlignedBuffer<T> _others; // (S) o, then log1p(o)
    private readonly AlignedBuffer<T> _totals; // (S) e_y + o, then its logarithm
    private readonly AlignedBuffer<T> _gaps; // (S) m - z_y

    public LaneLoss(Network network, int capacity)
    {
        _loss = network.Loss;
        _outputs = network.OutputWidth;
        Targets = new AlignedBuffer<T>((long)capacity * (_loss == Loss.CrossEntropy ? 1 : _outputs) * V.Count);
        _exponentials = new AlignedBuffer<T>((long)capacity * _outputs * V.Count);
        _others = new AlignedBuffer<T>((long)capacity * V.Count);
        _totals = new AlignedBuffer<T>((long)capacity * V.Count);
        _gaps = new AlignedBuffer<T>((long)capacity * V.Count);
    }

    /// <summary>What the net should answer: cross-entropy the class number (S), else the targets (S, C).</summary>
    public AlignedBuffer<T> Targets { get; }

    /// <summary>delta_L = dl/dz / divisor. (S, C)</summary>
    public void Deltas(T* logits, T* deltas, int samples, int divisor)
    {
        V count = V.Broadcast(T.CreateChecked(divisor));
        switch (_loss)
        {
            case Loss.CrossEntropy:
                Softmax(logits, samples);
                CrossEntropyDeltas(deltas, samples, count);
                break;
            case Loss.Logistic:
                LogisticDeltas(logits, deltas, samples, count);
                break;
            default:
                SquaredDeltas(logits, deltas, samples, count);
                break;
        }
    }

    /// <summary>Adds each sample's loss to loss[lane] and 1 to right[lane] where the answer is right, samples ascending.</summary>
    public void Accumulate(T* logits, int samples, T* loss, T* right)
    {
        switch (_loss)
        {
            case Loss.CrossEntropy:
                CrossEntropyLoss(logits, samples, loss);
                break;
            case Loss.Logistic:
                LogisticLoss(logits, samples, loss);
                break;
            default:
                SquaredLoss(logits, samples, loss);
                break;
        }

        Right(logits, samples, right);
    }

    public void Dispose()
    {
        Targets.Dispose();
        _exponentials.Dispose();
        _others.Dispose();
        _totals.Dispose();
        _gaps.Dispose();
    }

    // Fills e (S, C), o, e_y + o and m - z_y (S).
    private void Softmax(T* logits, int samples)
    {
        int classes = _outputs;
        T* e = _exponentials.Pointer;
        for (int sample = 0; sample < samples; sample++)
        {
            T* z = logits + (sample * classes * V.Count);
            V largest = V.Load(z);
            for (int c = 1; c < classes; c++)
            {
                largest = V.LargerOf(V.Load(z + (c * V.Count)), largest);
            }

            V label = V.Load(Targets.Pointer + (sample * V.Count));
            V answer = V.Zero;
            for (int c = 0; c < classes; c++)
            {
                V zc = V.Load(z + (c * V.Count));
                V.Store(V.Subtract(zc, largest), e + (((sample * classes) + c) * V.Count));
                answer = V.Select(V.Equal(label, V.Broadcast(T.CreateChecked(c))), zc, answer);
            }

            V.Store(V.Subtract(largest, answer), _gaps.Pointer + (sample * V.Count));
        }

        Span<T> all = new(e, samples * classes * V.Count);
        ElementaryFunctions.Exp<T>(all, all);
        for (int sample = 0; sample < samples; sample++)
        {
            V label = V.Load(Targets.Pointer + (sample * V.Count));
            V others = V.Zero;
            V own = V.Zero;
            for (int c = 0; c < classes; c++, e += V.Count)
            {
                V ec = V.Load(e);
                V mine = V.Equal(label, V.Broadcast(T.CreateChecked(c)));
                own = V.Select(mine, ec, own);
                others = V.Add(others, V.Select(mine, V.Zero, ec));
            }

            V.Store(others, _others.Pointer + (sample * V.Count));
            V.Store(V.Add(own, others), _totals.Pointer + (sample * V.Count));
        }
    }

    private void CrossEntropyDeltas(T* deltas, int samples, V count)
    {
        T* e = _exponentials.Pointer;
        for (int sample = 0; sample < samples; sample++)
        {
            V label = V.Load(Targets.Pointer + (sample * V.Count));
            V total = V.Load(_totals.Pointer + (sample * V.Count));
            V others = V.Subtract(V.Zero, V.Load(_others.Pointer + (sample * V.Count)));
            for (int c = 0; c < _outputs; c++, e += V.Count, deltas += V.Count)
            {
                V mine = V.Equal(label, V.Broadcast(T.CreateChecked(c)));
                V numerator = V.Select(mine, others, V.Load(e));
                V.Store(V.Divide(V.Divide(numerator, total), count), deltas);
            }
        }
    }

    private void CrossEntropyLoss(T* logits, int samples, T* loss)
    {
        Softmax(logits, samples);
        Span<T> others = new(_others.Pointer, samples * V.Count);
        Span<T> totals = new(_totals.Pointer, samples * V.Count);
        ElementaryFunctions.LogP1<T>(others, others);
        ElementaryFunctions.Log<T>(totals, totals);
        V sum = V.Load(loss);
        for (int sample = 0; sample < samples; sample++)
        {
            V gap = V.Load(_gaps.Pointer + (sample * V.Count));
            V single = V.Select(
                V.Equal(gap, V.Zero),
                V.Load(_others.Pointer + (sample * V.Count)),
                V.Add(gap, V.Load(_totals.Pointer + (sample * V.Count)))
            );
            sum = V.Add(sum, single);
        }

        V.Store(sum, loss);
    }

    // dl/dz = 2 (z - y) / C for mse, z - y for half-squared-error.
    private void SquaredDeltas(T* logits, T* deltas, int samples, V count)
    {
        bool mean = _loss == Loss.Mse;
        V two = V.Broadcast(T.CreateChecked(2));
        V width = V.Broadcast(T.CreateChecked(_outputs));
        T* targets = Targets.Pointer;
        for (int i = 0; i < samples * _outputs; i++, logits += V.Count, targets += V.Count, deltas += V.Count)
        {
            V difference = V.Subtract(V.Load(logits), V.Load(targets));
            if (mean)
            {
                difference = V.Divide(V.Multiply(two, difference), width);
            }

            V.Store(V.Divide(difference, count), deltas);
        }
    }

    private void SquaredLoss(T* logits, int samples, T* loss)
    {
        V scale = V.Broadcast(T.CreateChecked(_loss == Loss.Mse ? _outputs : 2));
        T* targets = Targets.Pointer;
        V sum = V.Load(loss);
        for (int sample = 0; sample < samples; sample++)
        {
            V squares = V.Zero;
            for (int c = 0; c < _outputs; c++, logits += V.Count, targets += V.Count)
            {
                V difference = V.Subtract(V.Load(logits), V.Load(targets));
                squares = V.FusedMultiplyAdd(difference, difference, squares);
            }

            sum = V.Add(sum, V.Divide(squares, scale));
        }

        V.Store(sum, loss);
    }

    // With e = exp(-|z|): sigmoid(|z|) = 1 / (1 + e) and 1 - sigmoid(|z|) = e / (1 + e), neither by subtraction.
    private void LogisticDeltas(T* logits, T* deltas, int samples, V count)
    {
        ExponentialOfMinusMagnitude(logits, samples);
        V one = V.Broadcast(T.One);
        T* e = _exponentials.Pointer;
        T* targets = Targets.Pointer;
        for (int i = 0; i < samples; i++, logits += V.Count, e += V.Count, targets += V.Count, deltas += V.Count)
        {
            V small = V.Load(e);
            V total = V.Add(one, small);
            V near = V.Divide(one, total);
            V far = V.Divide(small, total);
            V negative = V.GreaterThan(V.Zero, V.Load(logits));
            V probability = V.Select(negative, far, near);
            V complement = V.Select(negative, near, far);
            V y = V.Load(targets);
            // (1 - y) sigmoid(z) - y (1 - sigmoid(z))
            V slope = V.Subtract(V.Multiply(V.Subtract(one, y), probability), V.Multiply(y, complement));
            V.Store(V.Divide(slope, count), deltas);
        }
    }

    // l = max(z, 0) - y z + log1p(exp(-|z|)) = (1 - y) max(z, 0) + y max(-z, 0) + log1p(exp(-|z|))
    private void LogisticLoss(T* logits, int samples, T* loss)
    {
        ExponentialOfMinusMagnitude(logits, samples);
        Span<T> e = new(_exponentials.Pointer, samples * V.Count);
        ElementaryFunctions.LogP1<T>(e, e);
        V one = V.Broadcast(T.One);
        V sum = V.Load(loss);
        T* targets = Targets.Pointer;
        for (int i = 0; i < samples; i++)
        {
            V z = V.Load(logits + (i * V.Count));
            V y = V.Load(targets + (i * V.Count));
            V positive = V.Select(V.GreaterThan(V.Zero, z), V.Zero, z);
            V negative = V.Select(V.GreaterThan(z, V.Zero), V.Zero, V.Subtract(V.Zero, z));
            V linear = V.Add(V.Multiply(V.Subtract(one, y), positive), V.Multiply(y, negative));
            sum = V.Add(sum, V.Add(linear, V.Load(_exponentials.Pointer + (i * V.Count))));
        }

        V.Store(sum, loss);
    }

    private void ExponentialOfMinusMagnitude(T* logits, int samples)
    {
        T* e = _exponentials.Pointer;
        for (int i = 0; i < samples * V.Count; i += V.Count)
        {
            V z = V.Load(logits + i);
            V.Store(V.Select(V.GreaterThan(z, V.Zero), V.Subtract(V.Zero, z), z), e + i);
        }

        Span<T> all = new(e, samples * V.Count);
        ElementaryFunctions.Exp<T>(all, all);
    }

    // The answer is the first largest logit; logistic: z > 0. With targets the right answer is their first largest.
    private void Right(T* logits, int samples, T* right)
    {
        V one = V.Broadcast(T.One);
        V sum = V.Load(right);
        int stride = _outputs * V.Count;
        for (int sample = 0; sample < samples; sample++)
        {
            V answer = Largest(logits + (sample * stride));
            V expected =
                _loss == Loss.CrossEntropy
                    ? V.Load(Targets.Pointer + (sample * V.Count))
                    : Largest(Targets.Pointer + (sample * stride));
            sum = V.Add(sum, V.Select(V.Equal(answer, expected), one, V.Zero));
        }

        V.Store(sum, right);
    }

    private V Largest(T* values)
    {
        V best = V.Load(values);
        V index = V.Zero;
        if (_loss == Loss.Logistic)
        {
            return V.Select(V.GreaterThan(best, V.Zero), V.Broadcast(T.One), V.Zero);
        }

        for (int c = 1; c < _outputs; c++)
        {
            V value = V.Load(values + (c * V.Count));
            V larger = V.GreaterThan(value, best);
            best = V.Select(larger, value, best);
            index = V.Select(larger, V.Broadcast(T.CreateChecked(c)), index);
        }

        return index;
    }
}
