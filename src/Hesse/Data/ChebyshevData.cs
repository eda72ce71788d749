using Hesse.Networks;
using Hesse.Specs;

namespace Hesse.Data;

/// <summary>
/// x_i = (2 i - (N - 1)) / (N - 1), i = 0 .. N-1 (one point: -1), y = T_k(x) by T_0 = 1, T_1 = x, T_{k+1} = 2 x T_k - T_{k-1}.
/// chebyshev-k-20 of Cohen, Kaur, Li, Kolter, Talwalkar, arXiv 2103.00065.
/// </summary>
internal static class ChebyshevData
{
    public static IDataSource Open(ChebyshevDataSpec spec, Precision precision) =>
        new GeneratedData(
            spec,
            precision,
            (_, _, inputs, targets) =>
            {
                int last = inputs.Length - 1;
                for (int i = 0; i < inputs.Length; i++)
                {
                    inputs[i] = last == 0 ? -1 : ((2.0 * i) - last) / last;
                    targets[i] = Polynomial(spec.Degree, inputs[i]);
                }
            }
        );

    private static double Polynomial(int degree, double x)
    {
        double value = 1;
        double next = x;
        for (int k = 0; k < degree; k++)
        {
            (value, next) = (next, (2 * x * next) - value);
        }

        return value;
    }
}
