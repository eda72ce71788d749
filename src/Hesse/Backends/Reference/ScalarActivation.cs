using Hesse.Networks;

namespace Hesse.Backends.Reference;

/// <summary>phi, phi' and phi'' of one number. Second derivatives are 0 where there is none (the kinks).</summary>
internal static class ScalarActivation
{
    /// <summary>phi(z)</summary>
    public static double Value(Activation phi, double z) =>
        phi switch
        {
            // Written so that NaN stays NaN.
            Activation.Relu => z < 0 ? 0 : z,
            Activation.Tanh => Math.Tanh(z),
            Activation.Sigmoid => ScalarFunctions.Sigmoid(z),
            Activation.Softplus => Math.Max(z, 0) + ScalarFunctions.LogOnePlus(Math.Exp(-Math.Abs(z))),
            Activation.Gelu => z * ScalarFunctions.NormalDistribution(z),
            Activation.Elu => z > 0 ? z : ScalarFunctions.ExpMinusOne(z),
            Activation.Silu => z * ScalarFunctions.Sigmoid(z),
            Activation.Sine => Math.Sin(z),
            Activation.Hardtanh => Math.Clamp(z, -1, 1),
            Activation.LeakyRelu => z > 0 ? z : 0.01 * z,
            Activation.Identity => z,
            _ => throw Unknown(phi),
        };

    /// <summary>phi'(z)</summary>
    public static double Slope(Activation phi, double z)
    {
        switch (phi)
        {
            case Activation.Relu:
                return z > 0 ? 1 : 0;
            case Activation.Tanh:
                double a = Math.Tanh(z);
                return (1 - a) * (1 + a);
            case Activation.Sigmoid:
                return ScalarFunctions.SigmoidSlope(z);
            case Activation.Softplus:
                return ScalarFunctions.Sigmoid(z);
            case Activation.Gelu:
                return ScalarFunctions.NormalDistribution(z) + (z * ScalarFunctions.NormalDensity(z));
            case Activation.Elu:
                return z > 0 ? 1 : Math.Exp(z);
            case Activation.Silu:
                return ScalarFunctions.Sigmoid(z) * (1 + (z * ScalarFunctions.Sigmoid(-z)));
            case Activation.Sine:
                return Math.Cos(z);
            case Activation.Hardtanh:
                return Math.Abs(z) < 1 ? 1 : 0;
            case Activation.LeakyRelu:
                return z > 0 ? 1 : 0.01;
            case Activation.Identity:
                return 1;
            default:
                throw Unknown(phi);
        }
    }

    /// <summary>phi''(z)</summary>
    public static double Bend(Activation phi, double z)
    {
        switch (phi)
        {
            case Activation.Tanh:
                double a = Math.Tanh(z);
                return -2 * a * (1 - a) * (1 + a);
            case Activation.Sigmoid:
                return ScalarFunctions.SigmoidSlope(z) * (ScalarFunctions.Sigmoid(-z) - ScalarFunctions.Sigmoid(z));
            case Activation.Softplus:
                return ScalarFunctions.SigmoidSlope(z);
            case Activation.Gelu:
                return ScalarFunctions.NormalDensity(z) * (2 - (z * z));
            case Activation.Elu:
                return z > 0 ? 0 : Math.Exp(z);
            case Activation.Silu:
                // s (1 - s) (2 + z (1 - 2s)), 1 - s = sigmoid(-z)
                double skew = ScalarFunctions.Sigmoid(-z) - ScalarFunctions.Sigmoid(z);
                return ScalarFunctions.SigmoidSlope(z) * (2 + (z * skew));
            case Activation.Sine:
                return -Math.Sin(z);
            case Activation.Relu:
            case Activation.Hardtanh:
            case Activation.LeakyRelu:
            case Activation.Identity:
                return 0;
            default:
                throw Unknown(phi);
        }
    }

    private static ArgumentOutOfRangeException Unknown(Activation phi) =>
        new(nameof(phi), phi, "not an activation function");
}
