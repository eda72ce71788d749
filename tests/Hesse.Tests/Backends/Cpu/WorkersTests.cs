using Hesse.Backends.Cpu;

namespace Hesse.Tests.Backends.Cpu;

/// <summary>Every item is done once, whoever does it; a failure reaches the caller.</summary>
public sealed class WorkersTests
{
    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 0)]
    [InlineData(3, 2)]
    [InlineData(4, 257)]
    public void Every_item_is_done_once(int threads, int items)
    {
        using Workers workers = new(threads);
        for (int round = 0; round < 3; round++)
        {
            int[] done = new int[items];
            workers.Split(items, (_, item) => Interlocked.Increment(ref done[item]));
            done.ShouldAllBe(count => count == 1);
        }
    }

    [Fact]
    public void Who_is_done_takes_the_items_of_who_is_not()
    {
        using Workers workers = new(2);
        using ManualResetEventSlim others = new();
        int left = 5;
        // Item 0 waits for all others, of which two are in the range of the same worker.
        workers.Split(
            6,
            (_, item) =>
            {
                if (item == 0)
                {
                    others.Wait(TimeSpan.FromMinutes(1)).ShouldBeTrue();
                }
                else if (Interlocked.Decrement(ref left) == 0)
                {
                    others.Set();
                }
            }
        );
    }

    [Fact]
    public void A_failure_is_thrown_to_the_caller_and_the_workers_live_on()
    {
        using Workers workers = new(2);
        Should.Throw<InvalidDataException>(() =>
            workers.Split(4, (_, item) => _ = item == 3 ? throw new InvalidDataException() : 0)
        );
        int done = 0;
        workers.Split(4, (_, _) => Interlocked.Increment(ref done));
        done.ShouldBe(4);
    }
}
