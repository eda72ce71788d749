using System.Runtime.Intrinsics;
using Hesse.Replicas;

namespace Hesse.Statistics;

/// <summary>
/// The bootstrap of replicas (Efron 1979): how often each replica stands in each of 1000 samples of R drawn with
/// replacement. All quantities, steps and columns share the draws, which are a pure function of (seed, R).
/// </summary>
internal sealed class Bootstrap
{
    /// <summary>Number of resamples.</summary>
    public const int Resamples = 1000;

    // Sums of 4 resamples x 12 columns stay in 12 registers while the replicas of a block pass by.
    private const int ResampleTile = 4;
    private const int Lanes = 4;
    private const int RegisterTile = 3 * Lanes;
    private const int ReplicaBlock = 1024;
    private readonly ushort[] _counts; // (Resamples, replicas)

    /// <summary>Draws the resamples.</summary>
    /// <param name="seed">Seed of the experiment.</param>
    /// <param name="replicas">R</param>
    public Bootstrap(ulong seed, int replicas)
    {
        Replicas = replicas;
        _counts = new ushort[checked(Resamples * replicas)];
        for (int resample = 0; resample < Resamples; resample++)
        {
            Span<ushort> counts = _counts.AsSpan(resample * replicas, replicas);
            for (int draw = 0; draw < replicas; draw += 4)
            {
                (uint x0, uint x1, uint x2, uint x3) = Philox4x32.Block(
                    seed,
                    (uint)draw / 4,
                    step: 0,
                    (uint)resample,
                    RandomStream.Bootstrap
                );
                ReadOnlySpan<uint> words = [x0, x1, x2, x3];
                for (int i = 0; i < Math.Min(4, replicas - draw); i++)
                {
                    // floor(word R / 2^32): uniform on 0 .. R-1 to within R / 2^32.
                    counts[(int)(((ulong)words[i] * (uint)replicas) >> 32)]++;
                }
            }
        }
    }

    /// <summary>R</summary>
    public int Replicas { get; }

    /// <summary>How often each replica stands in a resample. (R)</summary>
    public ReadOnlySpan<ushort> Counts(int resample) => _counts.AsSpan(resample * Replicas, Replicas);

    /// <summary>
    /// sums[b,c] = sum_r count[b,r] x[r,c], r ascending, for all resamples b.
    /// </summary>
    /// <param name="values">(R, columns)</param>
    /// <param name="columns">A multiple of 12.</param>
    /// <param name="sums">(Resamples, columns), overwritten.</param>
    public void Sums(ReadOnlySpan<double> values, int columns, Span<double> sums)
    {
        sums.Clear();
        Span<double> counts = stackalloc double[ReplicaBlock * ResampleTile];
        for (int first = 0; first < Replicas; first += ReplicaBlock)
        {
            int rows = Math.Min(ReplicaBlock, Replicas - first);
            ReadOnlySpan<double> block = values.Slice(first * columns, rows * columns);
            for (int resample = 0; resample < Resamples; resample += ResampleTile)
            {
                for (int i = 0; i < ResampleTile; i++)
                {
                    ReadOnlySpan<ushort> source = Counts(resample + i).Slice(first, rows);
                    for (int r = 0; r < rows; r++)
                    {
                        counts[(r * ResampleTile) + i] = source[r];
                    }
                }

                for (int column = 0; column < columns; column += RegisterTile)
                {
                    Accumulate(block, counts, rows, columns, column, sums[(resample * columns)..]);
                }
            }
        }
    }

    private static void Accumulate(
        ReadOnlySpan<double> values,
        ReadOnlySpan<double> counts,
        int rows,
        int columns,
        int column,
        Span<double> sums
    )
    {
        Span<double> s0 = sums.Slice(column, RegisterTile);
        Span<double> s1 = sums.Slice(columns + column, RegisterTile);
        Span<double> s2 = sums.Slice((2 * columns) + column, RegisterTile);
        Span<double> s3 = sums.Slice((3 * columns) + column, RegisterTile);
        (Vector256<double> a0, Vector256<double> b0, Vector256<double> c0) = Load(s0);
        (Vector256<double> a1, Vector256<double> b1, Vector256<double> c1) = Load(s1);
        (Vector256<double> a2, Vector256<double> b2, Vector256<double> c2) = Load(s2);
        (Vector256<double> a3, Vector256<double> b3, Vector256<double> c3) = Load(s3);
        for (int r = 0; r < rows; r++)
        {
            (Vector256<double> x, Vector256<double> y, Vector256<double> z) = Load(values[((r * columns) + column)..]);
            ReadOnlySpan<double> count = counts.Slice(r * ResampleTile, ResampleTile);
            Vector256<double> n = Vector256.Create(count[0]);
            a0 = Vector256.FusedMultiplyAdd(n, x, a0);
            b0 = Vector256.FusedMultiplyAdd(n, y, b0);
            c0 = Vector256.FusedMultiplyAdd(n, z, c0);
            n = Vector256.Create(count[1]);
            a1 = Vector256.FusedMultiplyAdd(n, x, a1);
            b1 = Vector256.FusedMultiplyAdd(n, y, b1);
            c1 = Vector256.FusedMultiplyAdd(n, z, c1);
            n = Vector256.Create(count[2]);
            a2 = Vector256.FusedMultiplyAdd(n, x, a2);
            b2 = Vector256.FusedMultiplyAdd(n, y, b2);
            c2 = Vector256.FusedMultiplyAdd(n, z, c2);
            n = Vector256.Create(count[3]);
            a3 = Vector256.FusedMultiplyAdd(n, x, a3);
            b3 = Vector256.FusedMultiplyAdd(n, y, b3);
            c3 = Vector256.FusedMultiplyAdd(n, z, c3);
        }

        Store(a0, b0, c0, s0);
        Store(a1, b1, c1, s1);
        Store(a2, b2, c2, s2);
        Store(a3, b3, c3, s3);
    }

    private static (Vector256<double> A, Vector256<double> B, Vector256<double> C) Load(ReadOnlySpan<double> from) =>
        (Vector256.Create(from), Vector256.Create(from[Lanes..]), Vector256.Create(from[(2 * Lanes)..]));

    private static void Store(Vector256<double> a, Vector256<double> b, Vector256<double> c, Span<double> to)
    {
        a.CopyTo(to);
        b.CopyTo(to[Lanes..]);
        c.CopyTo(to[(2 * Lanes)..]);
    }
}
