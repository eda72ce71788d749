using System.Text;
using Hesse.Planning;
using Hesse.Specs;

namespace Hesse.Tests.Planning;

/// <summary>What only the data and the net can tell against a spec.</summary>
public sealed class PlanFaultsTests
{
    private const string Text = """
        version: 1
        name: unfit
        data: {kind: gauss, classes: 2, dimension: 3, samples: 6}
        network: {hidden: [2]}
        loss: cross-entropy
        training: {optimizer: {kind: momentum, step-size: 0.1, momentum: 0.9}, batch: {size: 6, order: epochs}, steps: 6}
        observe:
          - {quantity: loss, every: 1}
          - {quantity: noise-gaussianity, at: [4]}
          - {quantity: stability-twins, at: [4]}
          - {quantity: preconditioned-sharpness, at: [4]}
        """;

    [Fact]
    public void All_of_it_is_told_at_once_with_its_place() =>
        FaultsOf(Text)
            .ShouldBe([
                "spec.yaml:9:5: noise-gaussianity: mini-batches of 6 rows have no noise, the data has 6; give a smaller batch",
                "spec.yaml:11:5: observe: preconditioned-sharpness needs an optimizer that divides by a diagonal: rmsprop, adam, adamw, adagrad, adapnm or preconditioned-sgd, without workers",
            ]);

    [Fact]
    public void A_setting_of_a_sweep_has_the_places_of_its_spec() =>
        FaultsOf(Text.Replace("order: epochs", "order: sequential") + "\nsweep: {seed: [1, 2]}\n")[0]
            .ShouldStartWith("spec.yaml:9:5: noise-gaussianity: ");

    [Fact]
    public void A_spec_made_in_code_has_no_places()
    {
        Spec spec = Read(Text) with { Places = SpecPlaces.None };
        Should
            .Throw<HesseException>(() => Plan.Of(spec, new RunOptions()))
            .Message.ShouldStartWith("noise-gaussianity: ");
    }

    [Fact]
    public void Places_are_no_part_of_a_specs_value() => Read(Text).Places.ShouldBe(SpecPlaces.None);

    private static string[] FaultsOf(string text)
    {
        HesseException failure = Should.Throw<HesseException>(() => Plan.Of(Read(text), new RunOptions()));
        failure.Code.ShouldBe(ExitCode.BadData);
        return failure.Message.Split('\n');
    }

    private static Spec Read(string text) =>
        SpecReader.Parse(Encoding.UTF8.GetBytes(text), SpecFormat.Yaml, "spec.yaml", "/data");
}
