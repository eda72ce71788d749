using Hesse.Planning;
using Shouldly;
using Xunit;

namespace Hesse.Tests.Planning;

public sealed class ReplicaRangeTests
{
    [Fact]
    public void A_folder_name_reads_back()
    {
        ReplicaRange.TryParse("seeds-00000256-00000299", out ReplicaRange? range).ShouldBeTrue();
        range.ShouldBe(new ReplicaRange(256, 44));
        range!.FolderName.ShouldBe("seeds-00000256-00000299");
    }

    [Theory]
    [InlineData("seeds-00000256-00000255")]
    [InlineData("seeds-256-299")]
    [InlineData("seeds-00000000-00000255-x")]
    [InlineData("seeds-0000000a-00000255")]
    [InlineData("replaced-00000000-00000255")]
    public void Other_names_are_no_chunks(string name) => ReplicaRange.TryParse(name, out _).ShouldBeFalse();

    [Fact]
    public void More_replicas_leave_the_first_chunk_and_end_at_block_boundaries() =>
        ReplicaRange
            .Missing([new ReplicaRange(0, 20)], 600)
            .ShouldBe([new ReplicaRange(20, 236), new ReplicaRange(256, 256), new ReplicaRange(512, 88)]);

    [Fact]
    public void Gaps_between_chunks_are_found() =>
        ReplicaRange
            .Missing([new ReplicaRange(512, 256), new ReplicaRange(0, 256)], 700)
            .ShouldBe([new ReplicaRange(256, 256)]);

    [Fact]
    public void Shards_share_every_block_once()
    {
        List<(int Setting, int Block)> taken = [];
        for (int index = 0; index < 3; index++)
        {
            Shard shard = new(index, 3);
            taken.AddRange(
                from setting in Enumerable.Range(0, 4)
                from block in Enumerable.Range(0, 2)
                where shard.Owns(setting, 2, block)
                select (setting, block)
            );
        }

        taken.Count.ShouldBe(8);
        taken.Distinct().Count().ShouldBe(8);
    }
}
