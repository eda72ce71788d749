using Hesse.Specs;

namespace Hesse.Tests.Specs;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("abc", "", 3)]
    [InlineData("loss", "lsos", 1)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("steps", "step", 1)]
    public void Distance_counts_edits(string a, string b, int distance)
    {
        NearestName.Distance(a, b).ShouldBe(distance);
        NearestName.Distance(b, a).ShouldBe(distance);
    }

    [Theory]
    [InlineData("hiden", "hidden")]
    [InlineData("Random_Labels", "random-labels")]
    [InlineData("xyz", null)]
    [InlineData("", null)]
    public void Nearest_is_within_reach(string name, string? nearest) =>
        NearestName.Of(name, ["hidden", "random-labels", "at"]).ShouldBe(nearest);

    [Fact]
    public void Endless_name_is_not_compared() => NearestName.Of(new string('a', 1_000_000), ["a"]).ShouldBeNull();
}
