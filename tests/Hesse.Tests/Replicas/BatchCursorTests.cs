using Hesse.Replicas;
using Hesse.Specs;
using Shouldly;
using Xunit;

namespace Hesse.Tests.Replicas;

[Trait("Category", "Numerical")]
public class BatchCursorTests
{
    [Theory]
    [InlineData(BatchOrder.Epochs, 1, 1, 16)]
    [InlineData(BatchOrder.Epochs, 3, 2, 16)]
    [InlineData(BatchOrder.Epochs, 20, 7, 8)]
    [InlineData(BatchOrder.Epochs, 65, 9, 16)]
    [InlineData(BatchOrder.Epochs, 100, 5, 16)]
    [InlineData(BatchOrder.Epochs, 100, 30, 13)]
    [InlineData(BatchOrder.Epochs, 100, 30, 4)]
    [InlineData(BatchOrder.Epochs, 7, 3, 1)]
    [InlineData(BatchOrder.Epochs, 60_000, 1000, 8)]
    [InlineData(BatchOrder.WithReplacement, 100, 1, 8)]
    [InlineData(BatchOrder.WithReplacement, 100, 5, 16)]
    [InlineData(BatchOrder.WithReplacement, 10, 15, 3)]
    [InlineData(BatchOrder.WithReplacement, 10, 16, 1)]
    [InlineData(BatchOrder.Sequential, 10, 3, 8)]
    [InlineData(BatchOrder.Full, 10, null, 8)]
    public void The_rows_of_all_lanes_are_those_of_the_scalar_form(BatchOrder order, int samples, int? size, int lanes)
    {
        const int First = 4090;
        BatchIndices indices = new(0xfedcba98_76543210, samples, new BatchSpec { Order = order, Size = size });
        BatchCursor cursor = new(indices, [.. Enumerable.Range(First, lanes)]);
        int[] rows = new int[indices.LargestBatch * lanes];
        int back = indices.BatchesPerEpoch;
        // Forward over two epochs, then back into the first.
        int[] steps =
        [
            .. Enumerable.Range(0, (2 * back) + 1).Where(step => step < 40 || step >= 2 * back),
            0,
            back - 1,
        ];
        foreach (int step in steps)
        {
            Array.Fill(rows, -1);
            int filled = cursor.Fill(step, rows);
            filled.ShouldBe(indices.BatchSize(step));
            int[] expected =
            [
                .. Enumerable.Range(0, filled * lanes).Select(i => indices.Row(First + (i % lanes), step, i / lanes)),
            ];
            rows.AsSpan(0, filled * lanes).SequenceEqual(expected).ShouldBeTrue($"step {step}");
            rows.Skip(filled * lanes).ShouldAllBe(row => row == -1);
        }
    }

    [Fact]
    public void Steps_allocate_nothing()
    {
        BatchIndices indices = new(1, 100, new BatchSpec { Order = BatchOrder.Epochs, Size = 5 });
        BatchCursor cursor = new(indices, [.. Enumerable.Range(0, 16)]);
        int[] rows = new int[5 * 16];
        cursor.Fill(0, rows);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int step = 0; step < 100; step++)
        {
            cursor.Fill(step, rows);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }
}
