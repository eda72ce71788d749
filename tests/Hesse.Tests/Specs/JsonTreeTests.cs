using Hesse.Specs;

namespace Hesse.Tests.Specs;

public sealed class JsonTreeTests
{
    [Fact]
    public void Json_says_the_same_as_yaml()
    {
        const string Json = """
            {
              // comments are skipped
              "version": 1, "name": "tiny", /* here too */ "data": {"kind": "gauss"},
              "network": {"hidden": [10, 30]}, "loss": "cross-entropy",
              "training": {"optimizer": {"kind": "sgd", "step-size": 1e-1}, "batch": {"size": 5}, "steps": 20}
            }
            """;

        SpecWriter.Canonical(SpecText.ReadJson(Json)).ShouldBe(SpecWriter.Canonical(SpecText.Read(SpecText.Minimal)));
    }

    [Theory]
    [InlineData(
        "{\"version\": 1,}",
        "spec.json:1:15: not valid JSON: The JSON object contains a trailing comma at the end, which is not allowed."
    )]
    [InlineData("{\"version\": NaN}", "spec.json:1:13: not valid JSON: 'N' is an invalid start of a value.")]
    [InlineData("{\"version\": 01}", "spec.json:1:14: not valid JSON: Invalid leading zero before '1'.")]
    [InlineData(
        "{'version': 1}",
        "spec.json:1:2: not valid JSON: ''' is an invalid start of a property name. Expected a '\"'."
    )]
    [InlineData(
        "{} {}",
        "spec.json:1:4: not valid JSON: '{' is invalid after a single JSON value. Expected end of data."
    )]
    [InlineData("\n {\"é\": 1, \"é\": 2}", "spec.json:2:11: duplicate key 'é', first given in line 2")]
    [InlineData("{\"name\": \"\\ud800\"}", "spec.json:1:10: a \\u escape is half of a surrogate pair")]
    [InlineData("{\"\\udc00\": 1}", "spec.json:1:2: a \\u escape is half of a surrogate pair")]
    public void Bad_json_has_its_line(string json, string message) =>
        SpecText.FaultsOfJson(json).ShouldContain(message);

    [Fact]
    public void Unfinished_json_ends_where_it_breaks_off() =>
        SpecText
            .FaultsOfJson("{\"a\":\n [1, ")
            .ShouldHaveSingleItem()
            .ShouldStartWith("spec.json:2:6: not valid JSON: ");

    [Fact]
    public void Empty_text_is_refused() =>
        SpecText.FaultsOfJson("").ShouldHaveSingleItem().ShouldStartWith("spec.json:1:1: not valid JSON: ");
}
