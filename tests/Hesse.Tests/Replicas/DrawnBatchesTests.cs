using Hesse.Replicas;

namespace Hesse.Tests.Replicas;

public sealed class DrawnBatchesTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 3)]
    [InlineData(17, 17)]
    public void Rows_of_a_batch_are_distinct(int samples, int size)
    {
        int[] rows = Draw(samples, size, 50);
        for (int k = 0; k < 50; k++)
        {
            int[] batch = rows[(k * size)..((k + 1) * size)];
            batch.Distinct().Count().ShouldBe(size);
            batch.ShouldAllBe(row => row >= 0 && row < samples);
        }
    }

    [Fact]
    public void Pairs_of_rows_meet_as_often_as_in_draws_without_replacement()
    {
        // Every pair of 5 rows is in a batch of 2 with probability 1/10.
        const int Batches = 20_000;
        int[] rows = Draw(5, 2, Batches);
        int[] counts = new int[25];
        for (int k = 0; k < Batches; k++)
        {
            counts[(Math.Min(rows[2 * k], rows[(2 * k) + 1]) * 5) + Math.Max(rows[2 * k], rows[(2 * k) + 1])]++;
        }

        double expected = Batches / 10.0;
        double distance = counts.Where(count => count > 0).Sum(count => Math.Pow(count - expected, 2) / expected);
        counts.Count(count => count > 0).ShouldBe(10);
        // Chi-square with 9 degrees of freedom: 27.9 is exceeded once in a thousand times.
        distance.ShouldBeLessThan(27.9);
    }

    [Fact]
    public void A_batch_does_not_depend_on_how_many_there_are()
    {
        Draw(11, 4, 9)[..20].ShouldBe(Draw(11, 4, 5));
    }

    private static int[] Draw(int samples, int size, int batches)
    {
        int[] rows = new int[batches * size];
        DrawnBatches.Fill(3, samples, size, 5, 2, rows);
        return rows;
    }
}
