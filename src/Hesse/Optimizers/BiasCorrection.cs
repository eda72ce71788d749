namespace Hesse.Optimizers;

/// <summary>What a running mean that began at zero has gathered of its weight.</summary>
internal static class BiasCorrection
{
    /// <summary>1 - decay^updates, the power by squaring: Math.Pow's bits are the platform's own.</summary>
    public static double Weight(double decay, int updates)
    {
        double power = 1;
        for (double square = decay; updates > 0; updates >>= 1, square *= square)
        {
            power *= (updates & 1) == 1 ? square : 1;
        }

        return 1 - power;
    }
}
