namespace Hesse.Backends.Reference;

/// <summary>The elementary functions that .NET lacks or rounds away near zero, in their plainest accurate form.</summary>
internal static class ScalarFunctions
{
    /// <summary>log(1 + x). With u = fl(1 + x), log(u) x / (u - 1) takes back what the sum lost (Kahan).</summary>
    public static double LogOnePlus(double x)
    {
        double u = 1 + x;
        double part = u - 1;
        if (part == 0)
        {
            return x;
        }

        return part == x ? Math.Log(u) : Math.Log(u) * (x / part);
    }

    /// <summary>exp(x) - 1. With u = fl(exp x), (u - 1) x / log(u) takes back what the difference lost (Kahan).</summary>
    public static double ExpMinusOne(double x)
    {
        double u = Math.Exp(x);
        if (u == 1)
        {
            return x;
        }

        return Math.Abs(x) > 1 ? u - 1 : (u - 1) * (x / Math.Log(u));
    }

    /// <summary>1 / (1 + exp(-x)), without overflow and with the left tail's relative accuracy.</summary>
    public static double Sigmoid(double x)
    {
        double e = Math.Exp(-Math.Abs(x));
        return (x < 0 ? e : 1) / (1 + e);
    }

    /// <summary>sigmoid(x) (1 - sigmoid(x)) = e / (1 + e)^2 with e = exp(-|x|).</summary>
    public static double SigmoidSlope(double x)
    {
        double e = Math.Exp(-Math.Abs(x));
        return e / (1 + e) / (1 + e);
    }

    /// <summary>Normal distribution function Phi(z) = erfc(-z / sqrt 2) / 2.</summary>
    public static double NormalDistribution(double z) =>
        z > 0 ? 1 - (0.5 * ErrorComplement(z / Math.Sqrt(2))) : 0.5 * ErrorComplement(-z / Math.Sqrt(2));

    /// <summary>Normal density phi(z) = exp(-z^2/2) / sqrt(2 pi).</summary>
    public static double NormalDensity(double z) => Math.Exp(-0.5 * z * z) / Math.Sqrt(2 * Math.PI);

    // erfc(x) for x >= 0. Below 2: 1 - 2/sqrt(pi) exp(-x^2) sum 2^n x^(2n+1) / (1 3 5 ... (2n+1)), all terms of one sign.
    // Above: exp(-x^2)/sqrt(pi) / (x + (1/2)/(x + (2/2)/(x + (3/2)/(x + ...)))).
    private static double ErrorComplement(double x)
    {
        const int Terms = 200;
        double bell = Math.Exp(-x * x) / Math.Sqrt(Math.PI);
        if (x < 2)
        {
            double term = x;
            double sum = x;
            for (int n = 1; n < Terms && term > 0; n++)
            {
                term *= 2 * x * x / ((2 * n) + 1);
                sum += term;
            }

            return 1 - (2 * bell * sum);
        }

        double fraction = x;
        for (int n = Terms; n >= 1; n--)
        {
            fraction = x + (0.5 * n / fraction);
        }

        return bell / fraction;
    }
}
