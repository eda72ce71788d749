using Hesse.Replicas;
using Shouldly;
using Xunit;

namespace Hesse.Tests.Replicas;

/// <summary>
/// Are the orders of epochs as even as shuffles? Chi-square scores over many keys; 6 standard deviations is beyond chance
/// (a chi-square of few degrees of freedom has a long upper tail), while too few rounds give tens to thousands.
/// </summary>
[Trait("Category", "Numerical")]
public class EpochOrderTests
{
    private const double Chance = 6;
    private const int Keys = 100_000;

    private static EpochOrder Order(EpochDomain domain, int replica, int epoch = 0) =>
        new(domain, 1907, replica, epoch);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public void All_permutations_of_small_sets_are_equally_likely(int samples)
    {
        EpochDomain domain = new(samples);
        int[] counts = new int[(int)Math.Pow(samples, samples)];
        for (int key = 0; key < Keys; key++)
        {
            EpochOrder order = Order(domain, key);
            int code = 0;
            for (int position = 0; position < samples; position++)
            {
                code = (code * samples) + order.RowAt(position);
            }

            counts[code]++;
        }

        int[] seen = [.. counts.Where(count => count > 0)];
        seen.Length.ShouldBe(Enumerable.Range(1, samples).Aggregate(1, (product, i) => product * i));
        BatchStatistics.StandardScore(seen).ShouldBeLessThan(Chance);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(20)]
    [InlineData(50)]
    [InlineData(65)]
    [InlineData(100)]
    public void First_rows_and_neighbouring_rows_are_even(int samples)
    {
        EpochDomain domain = new(samples);
        int[] first = new int[samples];
        int[] last = new int[samples];
        int[] neighbours = new int[samples * samples];
        int[] ends = new int[samples * samples];
        for (int key = 0; key < Keys; key++)
        {
            EpochOrder order = Order(domain, key);
            int row = order.RowAt(0);
            first[row]++;
            neighbours[(row * samples) + order.RowAt(1)]++;
            int final = order.RowAt(samples - 1);
            last[final]++;
            ends[(row * samples) + final]++;
        }

        BatchStatistics.StandardScore(first).ShouldBeLessThan(Chance);
        BatchStatistics.StandardScore(last).ShouldBeLessThan(Chance);
        BatchStatistics.StandardScore(OffDiagonal(neighbours, samples)).ShouldBeLessThan(Chance);
        BatchStatistics.StandardScore(OffDiagonal(ends, samples)).ShouldBeLessThan(Chance);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(20)]
    [InlineData(100)]
    public void Epochs_and_replicas_are_independent(int samples)
    {
        EpochDomain domain = new(samples);
        int[] epochs = new int[samples * samples];
        int[] replicas = new int[samples * samples];
        int before = Order(domain, 0).RowAt(samples / 2);
        for (int key = 0; key < Keys; key++)
        {
            int row = Order(domain, key + 1).RowAt(samples / 2);
            replicas[(before * samples) + row]++;
            before = row;
            epochs[(row * samples) + Order(domain, key + 1, 1).RowAt(samples / 2)]++;
        }

        BatchStatistics.StandardScore(epochs).ShouldBeLessThan(Chance);
        BatchStatistics.StandardScore(replicas).ShouldBeLessThan(Chance);
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 2, 1)]
    [InlineData(3, 2, 2)]
    [InlineData(100, 10, 10)]
    [InlineData(50_000, 224, 224)]
    [InlineData(int.MaxValue, 46_341, 46_341)]
    public void The_domain_fits_closely(int samples, uint left, uint right)
    {
        EpochDomain domain = new(samples);
        domain.Left.ShouldBe(left);
        domain.Right.ShouldBe(right);
        ((ulong)left * right).ShouldBeInRange((ulong)samples, (ulong)samples + left);
    }

    private static int[] OffDiagonal(int[] pairs, int samples)
    {
        for (int i = 0; i < samples; i++)
        {
            pairs[i * (samples + 1)].ShouldBe(0);
        }

        return [.. pairs.Where((_, i) => i % (samples + 1) != 0)];
    }
}
