using Hesse.Backends.Reference;
using Hesse.Replicas;

namespace Hesse.Backends.SelfTests;

/// <summary>
/// Holds a backend against what is known without it: published random numbers, closed forms, values computed elsewhere, and the
/// reference backend. It needs no files and takes seconds.
/// </summary>
public static class SelfTest
{
    /// <summary>Makes every comparison; each is given to <paramref name="progress"/> as soon as it is made.</summary>
    /// <param name="backend">The backend on trial.</param>
    /// <param name="progress">Told of each result, or null.</param>
    /// <returns>All results, in order.</returns>
    public static IReadOnlyList<SelfTestResult> Run(IBackend backend, Action<SelfTestResult>? progress = null)
    {
        IEnumerable<SelfTestResult> all = RandomNumbers()
            .Concat(ClosedForms.Results(backend))
            .Concat(ReferenceValues.Results(backend));
        if (backend is not ReferenceBackend)
        {
            all = all.Concat(Parity.Results(backend));
        }

        List<SelfTestResult> results = [];
        foreach (SelfTestResult result in all)
        {
            results.Add(result);
            progress?.Invoke(result);
        }

        return results;
    }

    /// <summary>
    /// max |found - expected| / max(max |expected|, floor): relative to the largest value, absolute where all are near 0. NaN where a
    /// value is missing, and for two infinities.
    /// </summary>
    internal static double Error(ReadOnlySpan<double> found, ReadOnlySpan<double> expected, double floor = 1)
    {
        double scale = floor;
        foreach (double value in expected)
        {
            scale = Math.Max(scale, Math.Abs(value));
        }

        double error = found.Length == expected.Length ? 0 : double.NaN;
        for (int i = 0; i < expected.Length && !double.IsNaN(error); i++)
        {
            double difference = Math.Abs(found[i] - expected[i]);
            error = difference > error || double.IsNaN(difference) ? difference : error;
        }

        return error / scale;
    }

    // Random123, tests/kat_vectors, philox4x32 10: counter, key, block.
    private static IEnumerable<SelfTestResult> RandomNumbers()
    {
        (uint[] Counter, uint[] Key, uint[] Block)[] answers =
        [
            ([0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]),
            (
                [uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue],
                [uint.MaxValue, uint.MaxValue],
                [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]
            ),
            (
                [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
                [0xa4093822, 0x299f31d0],
                [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]
            ),
        ];
        int wrong = 0;
        foreach ((uint[] c, uint[] k, uint[] expected) in answers)
        {
            (uint x0, uint x1, uint x2, uint x3) = Philox4x32.Block(c[0], c[1], c[2], c[3], k[0], k[1]);
            wrong += new[] { x0, x1, x2, x3 }.SequenceEqual(expected) ? 0 : 1;
        }

        yield return new SelfTestResult("random numbers", "Philox4x32-10, blocks of Random123 that differ", wrong, 0);
    }
}
