using System.Numerics;
using Hesse.Backends.Cpu.Elementary;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Networks;

namespace Hesse.Backends.Cpu.Dense;

/// <summary>
/// Losses and their derivatives with respect to the output z. Every array is (C x N), unit stride along the samples, so a
/// lane is a sample. Nothing is lost to cancellation: cross-entropy sums the other classes apart from the sample's own, so
/// that p_y - 1 = -(others / S) and a loss near 0 keeps its digits.
/// </summary>
internal static unsafe class OutputLayer<TVector, T>
    where TVector : unmanaged, IVector<TVector, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Losses of the single samples, and delta_L = dl/dz divided by <paramref name="divisor"/>.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="samples">N</param>
    /// <param name="z">Output of the net. (C x N)</param>
    /// <param name="output">Labels or targets in; losses and probabilities out.</param>
    /// <param name="divisor">1 for the gradients of single losses, N for that of their mean.</param>
    /// <param name="delta">(C x N), overwritten.</param>
    public static void Run(Loss loss, int samples, T* z, OutputValues<T> output, T divisor, T* delta)
    {
        switch (loss)
        {
            case Loss.CrossEntropy:
                CrossEntropy(samples, z, output, divisor, delta);
                break;
            case Loss.Logistic:
                Logistic(samples, z, output, divisor, delta);
                break;
            default:
                Squared(loss, samples, z, output, divisor, delta);
                break;
        }
    }

    /// <summary>l = log S - (z_y - m), m = max z; delta_c = p_c - [c = y].</summary>
    private static void CrossEntropy(int samples, T* z, OutputValues<T> output, T divisor, T* delta)
    {
        int classes = output.Width;
        nint stride = output.Stride;
        T* exponentials = output.Probabilities;
        T* largest = output.Losses;
        for (nint n = 0; n < samples; n += TVector.Count)
        {
            TVector m = TVector.Load(z + n);
            for (int c = 1; c < classes; c++)
            {
                m = TVector.LargerOf(TVector.Load(z + (c * stride) + n), m);
            }

            TVector.Store(m, largest + n);
            for (int c = 0; c < classes; c++)
            {
                TVector.Store(TVector.Subtract(TVector.Load(z + (c * stride) + n), m), exponentials + (c * stride) + n);
            }
        }

        Span<T> all = new(exponentials, checked((int)(classes * stride)));
        ElementaryFunctions.Exp<T>(all, all);
        TVector divisors = TVector.Broadcast(divisor);
        for (nint n = 0; n < samples; n += TVector.Count)
        {
            TVector label = TVector.Load(output.Labels + n);
            TVector others = TVector.Zero;
            TVector own = TVector.Zero;
            TVector zOwn = TVector.Zero;
            for (int c = 0; c < classes; c++)
            {
                TVector e = TVector.Load(exponentials + (c * stride) + n);
                TVector isOwn = TVector.Equal(label, TVector.Broadcast(T.CreateTruncating(c)));
                others = TVector.Add(others, TVector.Select(isOwn, TVector.Zero, e));
                own = TVector.Select(isOwn, e, own);
                zOwn = TVector.Select(isOwn, TVector.Load(z + (c * stride) + n), zOwn);
            }

            TVector sum = TVector.Add(own, others);
            TVector missing = TVector.Subtract(TVector.Zero, TVector.Divide(others, sum));
            for (int c = 0; c < classes; c++)
            {
                nint at = (c * stride) + n;
                TVector p = TVector.Divide(TVector.Load(exponentials + at), sum);
                TVector isOwn = TVector.Equal(label, TVector.Broadcast(T.CreateTruncating(c)));
                TVector.Store(p, exponentials + at);
                TVector.Store(TVector.Divide(TVector.Select(isOwn, missing, p), divisors), delta + at);
            }

            // m - z_y takes the place of m: it is 0 exactly where the own class is the largest.
            TVector.Store(TVector.Subtract(TVector.Load(largest + n), zOwn), largest + n);
            TVector.Store(others, output.Others + n);
            TVector.Store(sum, output.Sums + n);
        }

        Span<T> otherSums = new(output.Others, checked((int)stride));
        Span<T> sums = new(output.Sums, checked((int)stride));
        ElementaryFunctions.LogP1<T>(otherSums, otherSums);
        ElementaryFunctions.Log<T>(sums, sums);
        for (nint n = 0; n < samples; n += TVector.Count)
        {
            TVector gap = TVector.Load(output.Losses + n);
            TVector far = TVector.Add(gap, TVector.Load(output.Sums + n));
            TVector isLargest = TVector.Equal(gap, TVector.Zero);
            TVector.Store(TVector.Select(isLargest, TVector.Load(output.Others + n), far), output.Losses + n);
        }
    }

    /// <summary>
    /// With e = exp(-|z|): l = (1-y) max(z,0) + y max(-z,0) + log(1 + e), delta = (1-y) p - y (1-p), where p and 1-p are
    /// 1 / (1+e) and e / (1+e), neither by subtraction.
    /// </summary>
    private static void Logistic(int samples, T* z, OutputValues<T> output, T divisor, T* delta)
    {
        Span<T> exponentials = new(output.Sums, checked((int)output.Stride));
        Span<T> logarithms = new(output.Others, checked((int)output.Stride));
        for (nint n = 0; n < samples; n += TVector.Count)
        {
            TVector here = TVector.Load(z + n);
            TVector isPositive = TVector.GreaterThan(here, TVector.Zero);
            TVector.Store(TVector.Select(isPositive, TVector.Subtract(TVector.Zero, here), here), output.Sums + n);
        }

        ElementaryFunctions.Exp<T>(exponentials, exponentials);
        ElementaryFunctions.LogP1<T>(exponentials, logarithms);
        TVector one = TVector.Broadcast(T.One);
        TVector divisors = TVector.Broadcast(divisor);
        for (nint n = 0; n < samples; n += TVector.Count)
        {
            TVector here = TVector.Load(z + n);
            TVector y = TVector.Load(output.Targets + n);
            TVector notY = TVector.Subtract(one, y);
            TVector e = TVector.Load(output.Sums + n);
            TVector sum = TVector.Add(one, e);
            TVector near = TVector.Divide(one, sum);
            TVector far = TVector.Divide(e, sum);
            TVector isNegative = TVector.GreaterThan(TVector.Zero, here);
            TVector p = TVector.Select(isNegative, far, near);
            TVector complement = TVector.Select(isNegative, near, far);
            TVector slope = TVector.Subtract(TVector.Multiply(notY, p), TVector.Multiply(y, complement));
            TVector above = TVector.Select(isNegative, TVector.Zero, here);
            TVector isPositive = TVector.GreaterThan(here, TVector.Zero);
            TVector below = TVector.Select(isPositive, TVector.Zero, TVector.Subtract(TVector.Zero, here));
            TVector linear = TVector.Add(TVector.Multiply(notY, above), TVector.Multiply(y, below));
            TVector.Store(p, output.Probabilities + n);
            TVector.Store(complement, output.Complements + n);
            TVector.Store(TVector.Divide(slope, divisors), delta + n);
            TVector.Store(TVector.Add(linear, TVector.Load(output.Others + n)), output.Losses + n);
        }
    }

    /// <summary>mse: l = (1/C) sum (z-y)^2, delta = 2 (z-y) / C; half-squared-error: l = (1/2) sum (z-y)^2, delta = z-y.</summary>
    private static void Squared(Loss loss, int samples, T* z, OutputValues<T> output, T divisor, T* delta)
    {
        nint stride = output.Stride;
        bool mean = loss == Loss.Mse;
        TVector width = TVector.Broadcast(T.CreateTruncating(mean ? output.Width : 2));
        TVector divisors = TVector.Broadcast(divisor);
        for (nint n = 0; n < samples; n += TVector.Count)
        {
            TVector sum = TVector.Zero;
            for (int c = 0; c < output.Width; c++)
            {
                nint at = (c * stride) + n;
                TVector difference = TVector.Subtract(TVector.Load(z + at), TVector.Load(output.Targets + at));
                sum = TVector.FusedMultiplyAdd(difference, difference, sum);
                TVector slope = mean ? TVector.Divide(TVector.Add(difference, difference), width) : difference;
                TVector.Store(TVector.Divide(slope, divisors), delta + at);
            }

            TVector.Store(TVector.Divide(sum, width), output.Losses + n);
        }
    }
}
