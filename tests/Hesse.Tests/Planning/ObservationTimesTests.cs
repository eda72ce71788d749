using Hesse.Planning;

namespace Hesse.Tests.Planning;

public sealed class ObservationTimesTests
{
    [Theory]
    [InlineData(1, 3, new[] { 0, 1, 2, 3 })]
    [InlineData(2, 5, new[] { 0, 2, 4 })]
    [InlineData(5, 5, new[] { 0, 5 })]
    [InlineData(6, 5, new[] { 0 })]
    [InlineData(1, 0, new[] { 0 })]
    public void Every_k_is_its_multiples_up_to_the_last_step(int stride, int steps, int[] times)
    {
        IReadOnlyList<int> read = ObservationTimes.Every(stride, steps);

        read.ShouldBe(times);
        read.Count.ShouldBe(times.Length);
        Enumerable.Range(0, read.Count).Select(i => read[i]).ShouldBe(times);
        Should.Throw<ArgumentOutOfRangeException>(() => read[times.Length]);
        Should.Throw<ArgumentOutOfRangeException>(() => read[-1]);
    }

    [Fact]
    public void Longest_training_at_every_step_takes_no_memory()
    {
        IReadOnlyList<int> times = ObservationTimes.Every(1, int.MaxValue - 1);

        times.Count.ShouldBe(int.MaxValue);
        times[^1].ShouldBe(int.MaxValue - 1);
    }

    [Theory]
    [InlineData(3, 20, new[] { 0, 1, 4, 20 })]
    [InlineData(4, 1000, new[] { 0, 1, 10, 100, 1000 })]
    [InlineData(1, 20, new[] { 0, 20 })]
    [InlineData(2, 20, new[] { 0, 1, 20 })]
    [InlineData(10, 3, new[] { 0, 1, 2, 3 })]
    [InlineData(5, 1, new[] { 0, 1 })]
    [InlineData(5, 0, new[] { 0 })]
    public void Log_spaced_is_zero_and_a_rounded_geometric_progression(int points, int steps, int[] times) =>
        ObservationTimes.LogSpaced(points, steps).ShouldBe(times);
}
