using MathNet.Numerics.Distributions;

namespace Hesse.Tests.Statistics;

/// <summary>Samples without random numbers, with SciPy's statistics of them.</summary>
public sealed record NormalitySample(
    string Name,
    double[] Values,
    double Skewness,
    double ExcessKurtosis,
    double W,
    double ShapiroProbability,
    double AndersonDarling,
    double FivePerCent,
    double JarqueBera,
    double JarqueBeraProbability,
    double DAgostino,
    double DAgostinoProbability,
    double Lilliefors
)
{
    public static IReadOnlyList<NormalitySample> All { get; } =
    [
        new(
            "sin(k^2), k = 1 .. 50",
            [.. Enumerable.Range(1, 50).Select(k => Math.Sin((double)k * k))],
            0.358624999293,
            -1.35593833158,
            0.87988836,
            1.11021e-4,
            1.887347574,
            0.736,
            4.902117332,
            .0862023,
            23.38617116,
            8.35136e-6,
            0.1302247445
        ),
        new(
            "normal quantiles",
            Quantiles(50, q => Normal.InvCDF(0, 1, q)),
            0,
            -0.270723960315,
            0.99920368,
            1,
            0.02077201672,
            0.736,
            0.1526905473,
            .926496,
            0.005590930844,
            .997208,
            0.01062908216
        ),
        new(
            "Laplace quantiles",
            Quantiles(100, q => q < 0.5 ? Math.Log(2 * q) : -Math.Log(2 * (1 - q))),
            0,
            1.71823765629,
            0.97368139,
            .042565,
            0.9104079648,
            0.759,
            12.30141935,
            .00213197,
            6.845774524,
            .0326181,
            0.06416516459
        ),
        new(
            "Student t3 quantiles",
            Quantiles(200, q => StudentT.InvCDF(0, 1, 3, q)),
            0,
            4.90606762746,
            0.93472517,
            8.1675e-8,
            2.64331891,
            0.772,
            200.579163,
            2.8e-44,
            29.36314921,
            4.206e-7,
            0.07002745106
        ),
    ];

    public override string ToString() => Name;

    private static double[] Quantiles(int n, Func<double, double> inverse) =>
        [.. Enumerable.Range(1, n).Select(i => inverse((i - 0.5) / n))];
}
