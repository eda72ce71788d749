using System.Text.Json.Nodes;

namespace Hesse.Tests.Cli;

public sealed class SelfTestVerbTests
{
    [Fact]
    public void Results_stand_in_a_table_with_error_and_tolerance()
    {
        (int code, string output, string error) = CommandLine.Run("selftest", "--backend", "reference");
        code.ShouldBe(0);
        error.ShouldBeEmpty();
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines[0].ShouldStartWith("reference on ");
        lines.ShouldContain(line => line.Contains("closed forms: linear regression", StringComparison.Ordinal));
        lines[^1].ShouldBe($"  reference: all {lines.Length - 3} checks passed");
    }

    [Fact]
    public void Json_holds_the_same()
    {
        (int code, string output, _) = CommandLine.Run("selftest", "--backend", "cpu", "--threads", "2", "--json");
        code.ShouldBe(0);
        JsonNode backend = JsonNode.Parse(output)!["backends"]!.AsArray().ShouldHaveSingleItem()!;
        backend["backend"]!.GetValue<string>().ShouldBe("cpu");
        backend["passed"]!.GetValue<bool>().ShouldBeTrue();
        foreach (JsonNode? check in backend["checks"]!.AsArray())
        {
            check!["error"]!.GetValue<double>().ShouldBeLessThanOrEqualTo(check["tolerance"]!.GetValue<double>());
        }
    }

    [Theory]
    [InlineData("--backend", "cpus")]
    [InlineData("--threads", "0")]
    public void Wrong_words_are_told_in_one_line(string option, string value)
    {
        (int code, string output, string error) = CommandLine.Run("selftest", option, value);
        code.ShouldBe(64);
        output.ShouldBeEmpty();
        error.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldHaveSingleItem();
    }
}
