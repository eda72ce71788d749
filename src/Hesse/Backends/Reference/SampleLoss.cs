using Hesse.Networks;

namespace Hesse.Backends.Reference;

/// <summary>The loss l(z, y) of one sample, its gradient and its Hessian in z. (numerics.md 1)</summary>
internal static class SampleLoss
{
    /// <summary>l(z, y)</summary>
    public static double Value(Network network, ReadOnlySpan<double> z, in Sample sample)
    {
        switch (network.Loss)
        {
            case Networks.Loss.CrossEntropy:
                // Largest logit m: log(1 + the other exponentials) where z_y = m keeps small losses to full precision;
                // else (m - z_y) + log sum exp(z_c - m).
                double largest = Largest(z);
                double gap = largest - z[sample.Label];
                double others = Exponentials(z, largest, sample.Label);
                return gap == 0
                    ? ScalarFunctions.LogOnePlus(others)
                    : gap + Math.Log(others + Math.Exp(z[sample.Label] - largest));
            case Networks.Loss.Logistic:
                double y = sample.Target[0];
                return ((1 - y) * Math.Max(z[0], 0))
                    + (y * Math.Max(-z[0], 0))
                    + ScalarFunctions.LogOnePlus(Math.Exp(-Math.Abs(z[0])));
            default:
                double squares = 0;
                for (int c = 0; c < z.Length; c++)
                {
                    double difference = z[c] - sample.Target[c];
                    squares = Math.FusedMultiplyAdd(difference, difference, squares);
                }

                return squares / (network.Loss == Networks.Loss.Mse ? z.Length : 2);
        }
    }

    /// <summary>dl/dz. (C)</summary>
    public static void Gradient(Network network, ReadOnlySpan<double> z, in Sample sample, Span<double> delta)
    {
        switch (network.Loss)
        {
            case Networks.Loss.CrossEntropy:
                // p_c for the wrong classes, -(sum of the wrong p_c) for the right one: p_y - 1 would cancel.
                double largest = Largest(z);
                double others = Exponentials(z, largest, sample.Label);
                double total = others + Math.Exp(z[sample.Label] - largest);
                for (int c = 0; c < z.Length; c++)
                {
                    delta[c] = (c == sample.Label ? -others : Math.Exp(z[c] - largest)) / total;
                }

                break;
            case Networks.Loss.Logistic:
                double y = sample.Target[0];
                delta[0] = ((1 - y) * ScalarFunctions.Sigmoid(z[0])) - (y * ScalarFunctions.Sigmoid(-z[0]));
                break;
            default:
                for (int c = 0; c < z.Length; c++)
                {
                    double difference = z[c] - sample.Target[c];
                    delta[c] = network.Loss == Networks.Loss.Mse ? 2 * difference / z.Length : difference;
                }

                break;
        }
    }

    /// <summary>d2l/dz2, which never depends on y. (C,C)</summary>
    public static void Hessian(Network network, ReadOnlySpan<double> z, Span<double> hessian)
    {
        int classes = z.Length;
        hessian.Clear();
        double largest = Largest(z);
        for (int c = 0; c < classes; c++)
        {
            switch (network.Loss)
            {
                case Networks.Loss.CrossEntropy:
                    // diag p - p p^T with 1 - p_c as the sum of the others.
                    double ec = Math.Exp(z[c] - largest);
                    double others = Exponentials(z, largest, c);
                    double total = others + ec;
                    for (int d = c; d < classes; d++)
                    {
                        double share = d == c ? others : -Math.Exp(z[d] - largest);
                        hessian[(c * classes) + d] = ec / total * (share / total);
                        hessian[(d * classes) + c] = hessian[(c * classes) + d];
                    }

                    break;
                case Networks.Loss.Logistic:
                    hessian[0] = ScalarFunctions.SigmoidSlope(z[0]);
                    break;
                default:
                    hessian[(c * classes) + c] = network.Loss == Networks.Loss.Mse ? 2.0 / classes : 1;
                    break;
            }
        }
    }

    private static double Largest(ReadOnlySpan<double> z)
    {
        double largest = z[0];
        foreach (double value in z)
        {
            largest = value > largest ? value : largest;
        }

        return largest;
    }

    // sum over c other than y of exp(z_c - m)
    private static double Exponentials(ReadOnlySpan<double> z, double largest, int except)
    {
        double sum = 0;
        for (int c = 0; c < z.Length; c++)
        {
            sum += c == except ? 0 : Math.Exp(z[c] - largest);
        }

        return sum;
    }
}
