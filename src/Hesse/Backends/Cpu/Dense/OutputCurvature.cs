using System.Numerics;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Networks;

namespace Hesse.Backends.Cpu.Dense;

/// <summary>
/// Second derivatives of the losses with respect to the output, divided by N: cross-entropy diag(p) - p p^T; logistic
/// p (1-p); mse (2/C) I; half-squared-error I. Reads what <see cref="OutputLayer{TVector,T}"/> left.
/// </summary>
internal static unsafe class OutputCurvature<TVector, T>
    where TVector : unmanaged, IVector<TVector, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>change = (d2l/dz2) direction / N, sample by sample. (C x N) each.</summary>
    public static void Apply(Loss loss, int samples, OutputValues<T> output, T* direction, T* change)
    {
        nint stride = output.Stride;
        TVector divisor = TVector.Broadcast(T.CreateTruncating(samples));
        for (nint n = 0; n < samples; n += TVector.Count)
        {
            TVector mean = TVector.Zero;
            for (int c = 0; loss == Loss.CrossEntropy && c < output.Width; c++)
            {
                nint at = (c * stride) + n;
                mean = TVector.FusedMultiplyAdd(
                    TVector.Load(output.Probabilities + at),
                    TVector.Load(direction + at),
                    mean
                );
            }

            for (int c = 0; c < output.Width; c++)
            {
                nint at = (c * stride) + n;
                TVector here = TVector.Load(direction + at);
                TVector product =
                    loss == Loss.CrossEntropy
                        ? TVector.Multiply(TVector.Load(output.Probabilities + at), TVector.Subtract(here, mean))
                        : TVector.Multiply(Diagonal(loss, output, at), here);
                TVector.Store(TVector.Divide(product, divisor), change + at);
            }
        }
    }

    /// <summary>S_L = (d2l/dz2) / N for samples from .. from+count-1, (C x C x count), <paramref name="stride"/> a row.</summary>
    public static void Fill(
        Loss loss,
        int samples,
        OutputValues<T> output,
        int from,
        int count,
        T* curvature,
        nint stride
    )
    {
        int width = output.Width;
        TVector divisor = TVector.Broadcast(T.CreateTruncating(samples));
        for (nint n = 0; n < count; n += TVector.Count)
        {
            for (int a = 0; a < width; a++)
            {
                for (int b = 0; b < width; b++)
                {
                    TVector value = Element(loss, output, a, b, from + n);
                    TVector.Store(TVector.Divide(value, divisor), curvature + (((a * width) + b) * stride) + n);
                }
            }
        }
    }

    private static TVector Element(Loss loss, OutputValues<T> output, int a, int b, nint sample)
    {
        if (loss != Loss.CrossEntropy)
        {
            return a == b ? Diagonal(loss, output, (a * output.Stride) + sample) : TVector.Zero;
        }

        TVector p = TVector.Load(output.Probabilities + (a * output.Stride) + sample);
        if (a != b)
        {
            TVector q = TVector.Load(output.Probabilities + (b * output.Stride) + sample);
            return TVector.Subtract(TVector.Zero, TVector.Multiply(p, q));
        }

        // p (1 - p) with 1 - p as the sum of the others: no digits are lost for a sure sample.
        TVector others = TVector.Zero;
        for (int c = 0; c < output.Width; c++)
        {
            if (c != a)
            {
                others = TVector.Add(others, TVector.Load(output.Probabilities + (c * output.Stride) + sample));
            }
        }

        return TVector.Multiply(p, others);
    }

    private static TVector Diagonal(Loss loss, OutputValues<T> output, nint at) =>
        loss switch
        {
            Loss.Logistic => TVector.Multiply(
                TVector.Load(output.Probabilities + at),
                TVector.Load(output.Complements + at)
            ),
            Loss.Mse => TVector.Divide(
                TVector.Broadcast(T.CreateTruncating(2)),
                TVector.Broadcast(T.CreateTruncating(output.Width))
            ),
            _ => TVector.Broadcast(T.One),
        };
}
