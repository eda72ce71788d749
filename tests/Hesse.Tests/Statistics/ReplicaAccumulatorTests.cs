using Hesse.Statistics;
using Shouldly;
using Xunit;

namespace Hesse.Tests.Statistics;

[Trait("Category", "Numerical")]
public sealed class ReplicaAccumulatorTests
{
    private const int Block = ReplicaAccumulator.Block;

    // A mean and a sum of squares of some thousand numbers keep all but the last digits.
    private const double Rounding = 1e-13;

    [Fact]
    public void Parts_along_blocks_merge_to_the_bits_of_the_whole()
    {
        foreach (int replicas in (int[])[1, Block, Block + 1, (2 * Block) + 7, (5 * Block) - 1, 9 * Block])
        {
            double[] values = Values(replicas);
            ReplicaMoments whole = ReplicaAccumulator.Of(values);
            int blocks = (replicas + Block - 1) / Block;
            for (int cuts = 0; cuts < 1 << (blocks - 1); cuts++)
            {
                Merged(values, blocks, cuts, leftFirst: true).ShouldBe(whole);
                Merged(values, blocks, cuts, leftFirst: false).ShouldBe(whole);
            }
        }
    }

    [Fact]
    public void Parts_that_do_not_follow_each_other_are_refused()
    {
        ReplicaAccumulator first = new();
        first.Add(Values(Block));
        ReplicaAccumulator third = new(firstBlock: 2);
        third.Add(Values(Block));
        Should.Throw<ArgumentException>(() => first.Merge(third)).Message.ShouldContain("block 2");
    }

    [Fact]
    public void A_large_offset_costs_no_digits_of_the_spread()
    {
        // Multiples of 2^-10 beside 10^8 are exact, and so are the sums below, in decimals.
        const double offset = 1e8;
        double[] values = [.. Enumerable.Range(0, (3 * Block) + 5).Select(r => offset + (r * 7919 % 1024 / 1024.0))];
        decimal mean = values.Select(x => (decimal)(x - offset)).Average();
        decimal squares = values.Sum(x => ((decimal)(x - offset) - mean) * ((decimal)(x - offset) - mean));

        ReplicaMoments moments = ReplicaAccumulator.Of(values);

        moments.Mean.ShouldBe(offset + (double)mean, Math.BitIncrement(offset) - offset);

        // Means of blocks are rounded to 2^-26; their differences, at most 0.1, enter the squares.
        moments.Squares.ShouldBe((double)squares, 1e-8 * (double)squares);
        moments.StandardDeviation.ShouldBe(
            Math.Sqrt((double)squares / (values.Length - 1)),
            1e-8 * moments.StandardDeviation
        );
    }

    [Fact]
    public void Values_that_are_not_finite_are_counted_and_not_averaged()
    {
        double[] values = Values(2 * Block);
        double[] finite = [.. values.Where((_, r) => r % 3 != 0)];
        for (int r = 0; r < values.Length; r += 3)
        {
            values[r] = (r % 2) == 0 ? double.NaN : double.NegativeInfinity;
        }

        ReplicaMoments moments = ReplicaAccumulator.Of(values);

        moments.Count.ShouldBe(finite.Length);
        moments.Diverged.ShouldBe(values.Length - finite.Length);
        moments.Mean.ShouldBe(finite.Average(), Rounding);
        moments.Squares.ShouldBe(
            finite.Sum(x => (x - finite.Average()) * (x - finite.Average())),
            Rounding * values.Length
        );
    }

    [Fact]
    public void A_block_without_finite_values_adds_only_to_the_diverged()
    {
        double[] values = Values(3 * Block);
        ReplicaMoments outer = ReplicaMoments
            .Of(values.AsSpan(0, Block))
            .And(ReplicaMoments.Of(values.AsSpan(2 * Block)));
        values.AsSpan(Block, Block).Fill(double.NaN);
        ReplicaAccumulator.Of(values).ShouldBe(outer with { Diverged = Block });
    }

    // Cuts before block i + 1 where bit i is set; parts are joined from the left or from the right.
    private static ReplicaMoments Merged(double[] values, int blocks, int cuts, bool leftFirst)
    {
        List<ReplicaAccumulator> parts = [];
        int start = 0;
        for (int end = 1; end <= blocks; end++)
        {
            if (end == blocks || ((cuts >> (end - 1)) & 1) == 1)
            {
                ReplicaAccumulator part = new(start);
                part.Add(values.AsSpan(start * Block, Math.Min(end * Block, values.Length) - (start * Block)));
                parts.Add(part);
                start = end;
            }
        }

        while (parts.Count > 1)
        {
            int into = leftFirst ? 0 : parts.Count - 2;
            parts[into].Merge(parts[into + 1]);
            parts.RemoveAt(into + 1);
        }

        return parts[0].Total;
    }

    private static double[] Values(int replicas) =>
        [.. Enumerable.Range(0, replicas).Select(r => Math.Sin((double)r * r) + 0.3)];
}
