using System.Text;
using System.Text.Json.Nodes;
using Hesse.Observables;
using Hesse.Specs;

namespace Hesse.Tests.Specs;

/// <summary>Options of quantities, on a catalogue of the test's own.</summary>
public sealed class ObservationKindTests
{
    private static readonly ObservationKind Kind = new([
        new QuantityDescription("plain", "Nothing to choose.", "(R,T)"),
        new QuantityDescription("top", "Largest values.", "(R,T,k)")
        {
            Options =
            [
                QuantityOption.Whole("k", 1, 1, 100, "How many."),
                QuantityOption.Number("tolerance", 1e-6, 0, 1, "How near."),
                QuantityOption.Choice("scale", ["linear", "log"], "Spacing."),
            ],
        },
        new QuantityDescription("angles", "Angles.", "(R,T,k)")
        {
            Options = [QuantityOption.Whole("k", 15, 1, 50, "How many angles.")],
        },
    ]);

    [Fact]
    public void Options_that_are_not_given_have_their_default()
    {
        ObservationSpec read = Read("{quantity: top, every: 1}", out string[] faults);

        faults.ShouldBeEmpty();
        read.Number("k").ShouldBe(1);
        read.Number("tolerance").ShouldBe(1e-6);
        read.Choice("scale").ShouldBe("linear");
        Read("{quantity: angles, every: 1}", out _).Number("k").ShouldBe(15);
        Read("{quantity: plain, every: 1}", out _).Options.ShouldBeEmpty();
    }

    [Fact]
    public void Options_are_read_and_written_again()
    {
        ObservationSpec read = Read("{quantity: top, k: 3, tolerance: 0.5, scale: log, at: [4]}", out string[] faults);

        faults.ShouldBeEmpty();
        (read.Number("k"), read.Number("tolerance"), read.Choice("scale")).ShouldBe((3, 0.5, "log"));
        string written = Kind.Write(read)!.ToJsonString();
        written.ShouldBe("""{"quantity":"top","at":[4],"k":3,"tolerance":0.5,"scale":"log"}""");
        Read(written, out faults).Options.ShouldBe(read.Options);
        faults.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(
        "{quantity: plain, k: 3, every: 1}",
        "observe: unknown key 'k'; valid: quantity, every, at, log-spaced"
    )]
    [InlineData(
        "{quantity: top, tolerence: 3, every: 1}",
        "observe: unknown key 'tolerence'; did you mean 'tolerance'?"
    )]
    [InlineData("{quantity: top, k: 0, every: 1}", "observe.k: 0 is out of range: 1 .. 100")]
    [InlineData("{quantity: top, k: x, every: 1}", "observe.k: expected a whole number 1 .. 100, found the text 'x'")]
    [InlineData("{quantity: top, scale: lgo, every: 1}", "observe.scale: unknown value 'lgo'; did you mean 'log'?")]
    [InlineData("{quantity: tpo, k: 3, every: 1}", "observe.quantity: unknown quantity 'tpo'; did you mean 'top'?")]
    public void Bad_option_has_its_line(string yaml, string message)
    {
        Read(yaml, out string[] faults);

        faults.ShouldHaveSingleItem().ShouldEndWith(message);
    }

    [Fact]
    public void Schema_lists_options()
    {
        JsonNode properties = Kind.Schema()["properties"]!;

        properties["tolerance"]!["maximum"]!.ToJsonString().ShouldBe("1");
        properties["tolerance"]!["description"]!.GetValue<string>().ShouldBe("Of top: How near. Default 1E-06.");
        properties["k"]!["description"]!
            .GetValue<string>()
            .ShouldBe("Of top: How many. Default 1. Of angles: How many angles. Default 15.");
    }

    private static ObservationSpec Read(string yaml, out string[] faults)
    {
        SpecFaults found = new();
        SpecNode node = SpecReader.Tree(
            Encoding.UTF8.GetBytes(yaml),
            SpecFormat.Yaml,
            (line, column) => new SpecOrigin("spec.yaml", line, column),
            found
        );
        Kind.TryRead(node, "observe", new SpecBinding(node, "/data", found), out ObservationSpec value).ShouldBeTrue();
        faults = found.Any ? Should.Throw<HesseException>(found.ThrowIfAny).Message.Split('\n') : [];
        return value;
    }
}
