using System.Numerics;

namespace Hesse.Eigen;

/// <summary>Constants of the format T (float or double).</summary>
internal static class Precision<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Unit roundoff: 2^-24, 2^-53.</summary>
    public static T Epsilon =>
        typeof(T) == typeof(float) ? T.CreateChecked(5.9604644775390625e-8) : T.CreateChecked(1.1102230246251565e-16);

    /// <summary>Below this sum of squares digits may have been lost to underflow: 2^-80 (float), 2^-900 (double).</summary>
    public static T SmallSquare =>
        typeof(T) == typeof(float) ? T.CreateChecked(8.271806125530277e-25) : T.CreateChecked(1.1830521861667747e-271);

    /// <summary>A power of two that lifts every subnormal number to a safe size: 2^100 (float), 2^800 (double).</summary>
    public static T Enlarge =>
        typeof(T) == typeof(float) ? T.CreateChecked(1.2676506002282294e30) : T.CreateChecked(6.668014432879854e240);

    /// <summary>The smallest exponent whose power of two has a reciprocal in range: -126, -1022.</summary>
    public static int SmallestExponent => typeof(T) == typeof(float) ? -126 : -1022;
}
