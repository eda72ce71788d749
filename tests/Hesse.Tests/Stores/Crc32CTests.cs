using Hesse.Stores;
using Shouldly;
using Xunit;

namespace Hesse.Tests.Stores;

public sealed class Crc32CTests
{
    [Fact]
    public void The_standard_text_has_the_standard_checksum() => Crc32C.Of("123456789"u8).ShouldBe("e3069283");

    [Fact]
    public void Pieces_add_up_to_the_whole()
    {
        Crc32C pieces = default;
        pieces.Append("123"u8);
        pieces.Append("456789"u8);
        pieces.Hex.ShouldBe("e3069283");
    }
}
