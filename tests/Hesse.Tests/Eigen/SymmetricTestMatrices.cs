using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hesse.Tests.Eigen;

/// <summary>
/// The matrix types of LAPACK's test program for the symmetric eigenproblem (TESTING/EIG/dchkst.f), built in double; elements
/// are of order one unless the type says otherwise.
/// </summary>
internal static class SymmetricTestMatrices
{
    public static readonly string[] Types =
    [
        "zero",
        "identity",
        "diagonal-even",
        "diagonal-geometric",
        "diagonal-clustered",
        "diagonal-geometric-large",
        "diagonal-geometric-small",
        "similar-even",
        "similar-geometric",
        "similar-clustered",
        "similar-geometric-large",
        "similar-geometric-small",
        "random",
        "random-large",
        "random-small",
        "positive-even",
        "positive-geometric",
        "positive-clustered",
        "dominant-band",
        "band",
        "graded",
    ];

    /// <summary>(n, n) row-major, both triangles.</summary>
    /// <param name="type">One of <see cref="Types"/>.</param>
    /// <param name="n">Order.</param>
    /// <param name="epsilon">Unit roundoff of the precision under test: spectra span it.</param>
    /// <param name="large">Square root of its overflow threshold; one over it stands for underflow.</param>
    public static double[] Create(string type, int n, double epsilon, double large)
    {
        Random random = new((n * 1000) + Array.IndexOf(Types, type));
        string[] words = type.Split('-');
        double scale = words[^1] switch
        {
            "large" => large,
            "small" => 1 / large,
            _ => 1,
        };
        double[] a = new double[n * n];
        switch (words[0])
        {
            case "zero":
                break;
            case "identity":
                FillDiagonal(a, n, _ => 1);
                break;
            case "diagonal":
            case "similar":
            case "positive":
                bool signed = words[0] != "positive";
                FillDiagonal(a, n, i => Spectrum(words[1], i, n, epsilon) * (signed && random.Next(2) == 0 ? -1 : 1));
                if (words[0] != "diagonal")
                {
                    MakeSimilar(a, n, random);
                }

                break;
            case "random":
                FillLower(a, n, (_, _) => (2 * random.NextDouble()) - 1);
                break;
            case "dominant":
                FillLower(a, n, (i, j) => i == j ? 8 : Near(i, j) * ((2 * random.NextDouble()) - 1));
                break;
            case "band":
                FillLower(a, n, (i, j) => Near(i, j) * ((2 * random.NextDouble()) - 1));
                break;
            case "graded":
                // From one down to eps, largest first: the sweep must be turned round.
                FillLower(
                    a,
                    n,
                    (i, j) => Spectrum("geometric", Math.Max(i, j), n, epsilon) * ((2 * random.NextDouble()) - 1)
                );
                break;
            default:
                throw new ArgumentException($"no matrix type {type}");
        }

        for (int i = 0; i < a.Length; i++)
        {
            a[i] *= scale;
        }

        return a;
    }

    /// <summary>The same in the precision under test, at its own range.</summary>
    public static T[] Create<T>(string type, int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double large = Unsafe.SizeOf<T>() == sizeof(float) ? 1e19 : 1e154;
        return [.. Create(type, n, Unit<T>(), large).Select(T.CreateChecked)];
    }

    /// <summary>Unit roundoff.</summary>
    public static double Unit<T>() => Unsafe.SizeOf<T>() == sizeof(float) ? Math.Pow(2, -24) : Math.Pow(2, -53);

    /// <summary>(n, n), of which the lower triangle is filled with integers, without rounding on any machine.</summary>
    public static T[] Integers<T>(int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] a = new T[n * n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                a[(i * n) + j] = T.CreateChecked((((i * 7919) + (j * 104729) + (i * j * 31)) % 2048) - 1024);
            }
        }

        return a;
    }

    /// <summary>FNV-1a over the bits of all numbers.</summary>
    public static ulong Fingerprint<T>(params T[][] parts)
        where T : unmanaged
    {
        ulong hash = 14695981039346656037;
        foreach (T[] part in parts)
        {
            foreach (byte bits in MemoryMarshal.AsBytes(part.AsSpan()))
            {
                hash = (hash ^ bits) * 1099511628211;
            }
        }

        return hash;
    }

    private static double Near(int i, int j) => Math.Abs(i - j) <= 3 ? 1 : 0;

    private static double Spectrum(string kind, int i, int n, double epsilon) =>
        kind switch
        {
            "even" => 1 - ((1 - epsilon) * i / Math.Max(1, n - 1)),
            "geometric" => Math.Pow(epsilon, (double)i / Math.Max(1, n - 1)),
            _ => i == 0 ? 1 : epsilon,
        };

    private static void FillDiagonal(double[] a, int n, Func<int, double> value)
    {
        for (int i = 0; i < n; i++)
        {
            a[(i * n) + i] = value(i);
        }
    }

    private static void FillLower(double[] a, int n, Func<int, int, double> value)
    {
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                a[(i * n) + j] = a[(j * n) + i] = value(i, j);
            }
        }
    }

    // A becomes H A H for some random reflectors, and exactly symmetric: as orthogonal as double allows.
    private static void MakeSimilar(double[] a, int n, Random random)
    {
        double[] v = new double[n];
        double[] y = new double[n];
        for (int round = 0; round < Math.Min(n, 12); round++)
        {
            double square = 0;
            for (int i = 0; i < n; i++)
            {
                v[i] = random.NextDouble() - 0.5;
                square += v[i] * v[i];
            }

            double factor = 2 / square;
            double inner = 0;
            for (int i = 0; i < n; i++)
            {
                y[i] = 0;
                for (int j = 0; j < n; j++)
                {
                    y[i] += a[(i * n) + j] * v[j];
                }

                inner += y[i] * v[i];
            }

            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j <= i; j++)
                {
                    double update = factor * ((v[i] * y[j]) + (y[i] * v[j]) - (factor * inner * v[i] * v[j]));
                    a[(i * n) + j] = a[(j * n) + i] = a[(i * n) + j] - update;
                }
            }
        }
    }
}
