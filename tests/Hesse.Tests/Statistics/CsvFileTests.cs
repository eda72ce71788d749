using Hesse.Statistics;
using Shouldly;
using Xunit;

namespace Hesse.Tests.Statistics;

public sealed class CsvFileTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("=cmd()", "'=cmd()")]
    [InlineData("+1", "'+1")]
    [InlineData("@x", "'@x")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    public void Text_is_never_a_formula_and_never_two_cells(string text, string cell) =>
        CsvFile.Text(text).ShouldBe(cell);

    [Theory]
    [InlineData(0.1, "0.1")]
    [InlineData(-2.5e-300, "-2.5E-300")]
    [InlineData(double.NaN, "nan")]
    [InlineData(double.NegativeInfinity, "-inf")]
    public void Numbers_read_back(double value, string cell) => CsvFile.Number(value).ShouldBe(cell);
}
