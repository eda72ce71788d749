using Hesse.Specs;

namespace Hesse.Tests.Specs;

/// <summary>The traps of YAML (reliability of configuration files): what other readers guess, this one types or refuses.</summary>
public sealed class YamlTreeTests
{
    [Theory]
    [InlineData("true", "Boolean", "true")]
    [InlineData("FALSE", "Boolean", "false")]
    [InlineData("on", "String", "on")]
    [InlineData("off", "String", "off")]
    [InlineData("yes", "String", "yes")]
    [InlineData("no", "String", "no")]
    [InlineData("y", "String", "y")]
    [InlineData("null", "Null", "")]
    [InlineData("~", "Null", "")]
    [InlineData("", "Null", "")]
    [InlineData("17", "Number", "17")]
    [InlineData("-17", "Number", "-17")]
    [InlineData("+17", "Number", "+17")]
    [InlineData("017", "Number", "017")]
    [InlineData("0o17", "Number", "15")]
    [InlineData("0xfF", "Number", "255")]
    [InlineData("0x", "String", "0x")]
    [InlineData("0b1", "String", "0b1")]
    [InlineData("10_000", "String", "10_000")]
    [InlineData("190:20:30", "String", "190:20:30")]
    [InlineData("2026-01-01", "String", "2026-01-01")]
    [InlineData("1e-3", "Number", "1e-3")]
    [InlineData("1E+3", "Number", "1E+3")]
    [InlineData(".5", "Number", ".5")]
    [InlineData("5.", "Number", "5.")]
    [InlineData("-0.5e10", "Number", "-0.5e10")]
    [InlineData(".", "String", ".")]
    [InlineData("1.2.3", "String", "1.2.3")]
    [InlineData("e3", "String", "e3")]
    [InlineData(".inf", "Number", ".inf")]
    [InlineData("-.INF", "Number", "-.INF")]
    [InlineData(".NaN", "Number", ".NaN")]
    [InlineData("nan", "String", "nan")]
    [InlineData("inf", "String", "inf")]
    [InlineData("Infinity", "String", "Infinity")]
    [InlineData("17\n", "String", "17\n")]
    [InlineData("١٢", "String", "١٢")]
    public void Plain_scalar_has_the_type_of_the_core_schema(string text, string kind, string value)
    {
        (SpecNodeKind read, string normalised) = YamlTree.Classify(text);

        read.ToString().ShouldBe(kind);
        normalised.ShouldBe(value);
    }

    [Fact]
    public void Endless_hexadecimal_number_is_text() =>
        YamlTree.Classify("0x" + new string('f', 1_000_000)).Kind.ShouldBe(SpecNodeKind.String);

    [Theory]
    [InlineData("a: *b", "spec.yaml:1:4: aliases (*name) are not allowed in a spec; write the value out")]
    [InlineData("a: &b 1", "spec.yaml:1:4: anchors (&name) are not allowed in a spec")]
    [InlineData("a: &b [1]", "spec.yaml:1:4: anchors (&name) are not allowed in a spec")]
    [InlineData("a: !!str 1", "spec.yaml:1:4: tags (!name) are not allowed in a spec")]
    [InlineData("a: !!python/object:os.system {}", "spec.yaml:1:4: tags (!name) are not allowed in a spec")]
    [InlineData("a: !<tag:x,2000:y> 1", "spec.yaml:1:4: tags (!name) are not allowed in a spec")]
    [InlineData("a:\n  <<: {b: 1}", "spec.yaml:2:3: merge keys (<<) are not allowed in a spec; write the keys out")]
    [InlineData("a: 1\n---\nb: 2", "spec.yaml:2:1: a second document; a spec is one document")]
    [InlineData("%YAML 1.1\n---\na: 1", "spec.yaml:1:1: specs are YAML 1.2: leave the %YAML line out")]
    [InlineData("? [a]\n: b", "spec.yaml:1:3: a key must be a name, not a list or keys and values")]
    [InlineData("{? {a: b} : c}", "spec.yaml:1:4: a key must be a name, not a list or keys and values")]
    [InlineData(
        "a: [1, 2",
        "spec.yaml:2:1: not valid YAML: While parsing a flow sequence, did not find expected ',' or ']'."
    )]
    public void F32_what_specs_do_without_is_refused(string yaml, string message) =>
        SpecText.FaultsOf(yaml).ShouldBe([message]);

    [Fact]
    public void All_that_specs_do_without_is_reported_together()
    {
        string[] faults = SpecText.FaultsOf("a: &x 1\nb: *x\nc: !t 2\n<<: {d: 3}\n*x : 4\n");

        faults.Select(line => line.Split(':')[1]).ShouldBe(["1", "2", "3", "4", "5"]);
    }

    [Fact]
    public void Quoted_scalars_are_texts()
    {
        SpecText.Read(SpecText.With("name: tiny", "name: '17'")).Name.ShouldBe("17");
        SpecText.Read(SpecText.With("name: tiny", "name: \"null\"")).Name.ShouldBe("null");
        SpecText.Read(SpecText.With("name: tiny", "name: on")).Name.ShouldBe("on");
    }

    [Fact]
    public void Windows_line_ends_and_block_style_are_read()
    {
        Spec spec = SpecText.Read(SpecText.Full.Replace("\n", "\r\n").Replace("[10, 30]", "\r\n    - 10\r\n    - 30"));

        spec.Network.Hidden.ShouldBe([10, 30]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n")]
    [InlineData("---\n")]
    [InlineData("null")]
    public void Empty_text_is_refused(string yaml) =>
        SpecText.FaultsOf(yaml).ShouldHaveSingleItem().ShouldContain("expected keys and values (version, name, ");
}
