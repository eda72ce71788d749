using Hesse.Replicas;
using Hesse.Specs;
using Shouldly;
using Xunit;

namespace Hesse.Tests.Replicas;

[Trait("Category", "Numerical")]
public class BatchIndicesTests
{
    private const ulong Seed = 0x12345678_9abcdef0;

    private static BatchSpec Batch(BatchOrder order, int? size = null) => new() { Order = order, Size = size };

    // From a Python program written apart from this code. These numbers are part of the scheme philox4x32-10/v1.
    [Theory]
    [InlineData(7, 0, 0, new[] { 0, 4, 1, 2, 3, 6, 5 })]
    [InlineData(7, 4294967, 3, new[] { 0, 1, 2, 4, 6, 5, 3 })]
    [InlineData(20, 0, 0, new[] { 15, 10, 13, 5, 17, 4, 7, 18, 14, 6, 2, 12 })]
    [InlineData(20, 1, 3, new[] { 1, 17, 14, 5, 8, 11, 13, 2, 10, 19, 0, 6 })]
    [InlineData(100, 0, 0, new[] { 28, 90, 77, 68, 31, 46, 8, 5, 79, 81, 97, 65 })]
    [InlineData(100, 4294967, 0, new[] { 95, 17, 93, 7, 79, 48, 91, 43, 53, 94, 10, 69 })]
    [InlineData(65, 1, 0, new[] { 44, 12, 55, 21, 27, 11, 41, 24, 19, 30, 40, 63 })]
    [InlineData(65, 0, 3, new[] { 12, 24, 6, 50, 29, 42, 28, 17, 44, 13, 25, 14 })]
    public void Known_answers_of_the_order_of_an_epoch(int samples, int replica, int epoch, int[] rows)
    {
        BatchIndices indices = new(Seed, samples, Batch(BatchOrder.Epochs, 1));
        Enumerable.Range(0, rows.Length).Select(i => indices.Row(replica, (epoch * samples) + i, 0)).ShouldBe(rows);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(5, 5)]
    [InlineData(17, 4)]
    [InlineData(64, 64)]
    [InlineData(65, 7)]
    [InlineData(100, 5)]
    [InlineData(1000, 999)]
    [InlineData(50_000, 64)]
    public void Every_epoch_visits_every_row_once(int samples, int size)
    {
        BatchIndices indices = new(7, samples, Batch(BatchOrder.Epochs, size));
        indices.BatchesPerEpoch.ShouldBe((int)Math.Ceiling((double)samples / size));
        foreach (int epoch in new[] { 0, 1, 1000 })
        {
            List<int> rows = [];
            for (int t = 0; t < indices.BatchesPerEpoch; t++)
            {
                int step = (epoch * indices.BatchesPerEpoch) + t;
                int expected = t < indices.BatchesPerEpoch - 1 ? size : samples - (t * size);
                indices.BatchSize(step).ShouldBe(expected);
                rows.AddRange(Enumerable.Range(0, expected).Select(b => indices.Row(3, step, b)));
            }

            rows.Order().ShouldBe(Enumerable.Range(0, samples));
        }
    }

    [Fact]
    public void The_largest_set_keeps_its_range()
    {
        BatchIndices indices = new(7, int.MaxValue, Batch(BatchOrder.Epochs, int.MaxValue));
        indices.BatchesPerEpoch.ShouldBe(1);
        int[] rows =
        [
            .. Enumerable.Range(0, 1000).Select(b => indices.Row(0, 0, b)),
            indices.Row(0, 0, int.MaxValue - 1),
        ];
        rows.ShouldAllBe(row => row >= 0 && row < int.MaxValue);
        rows.Distinct().Count().ShouldBe(rows.Length);
    }

    [Fact]
    public void A_batch_larger_than_the_set_is_the_set()
    {
        BatchIndices indices = new(7, 5, Batch(BatchOrder.Epochs, 8));
        indices.BatchSize(3).ShouldBe(5);
        Enumerable.Range(0, 5).Select(b => indices.Row(0, 3, b)).Order().ShouldBe([0, 1, 2, 3, 4]);
    }

    [Fact]
    public void Sequential_goes_round_without_overflow()
    {
        BatchIndices indices = new(7, 7, Batch(BatchOrder.Sequential, 3));
        Enumerable
            .Range(0, 3)
            .SelectMany(t => Enumerable.Range(0, 3).Select(b => indices.Row(5, t, b)))
            .ShouldBe([0, 1, 2, 3, 4, 5, 6, 0, 1]);
        indices.Row(0, int.MaxValue, 2).ShouldBe((int)(((3L * int.MaxValue) + 2) % 7));
    }

    [Fact]
    public void Full_is_all_rows_in_their_order()
    {
        BatchIndices indices = new(7, 4, Batch(BatchOrder.Full));
        indices.BatchSize(9).ShouldBe(4);
        Enumerable.Range(0, 4).Select(b => indices.Row(1, 9, b)).ShouldBe([0, 1, 2, 3]);
    }

    [Fact]
    public void With_replacement_draws_evenly_and_independently()
    {
        const int Samples = 7;
        const int Size = 6;
        const int Steps = 20_000;
        BatchIndices indices = new(7, Samples, Batch(BatchOrder.WithReplacement, Size));
        int[] pairs = new int[Samples * Samples];
        for (int step = 0; step < Steps; step++)
        {
            for (int b = 0; b < Size; b += 2)
            {
                pairs[(indices.Row(0, step, b) * Samples) + indices.Row(0, step, b + 1)]++;
            }
        }

        BatchStatistics.StandardScore(pairs).ShouldBeInRange(-5, 5);
    }

    [Fact]
    public void Bad_sizes_are_refused()
    {
        Should
            .Throw<HesseException>(() => new BatchIndices(7, 0, Batch(BatchOrder.Full)))
            .Code.ShouldBe(ExitCode.BadData);
        Should.Throw<HesseException>(() => new BatchIndices(7, 5, Batch(BatchOrder.Epochs, 0)));
        Should.Throw<HesseException>(() => new BatchIndices(7, 5, Batch(BatchOrder.Sequential)));
    }
}
