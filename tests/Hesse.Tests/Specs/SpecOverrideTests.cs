using Hesse.Specs;

namespace Hesse.Tests.Specs;

public sealed class SpecOverrideTests
{
    [Fact]
    public void Values_from_the_command_line_take_the_place_of_those_in_the_file()
    {
        Spec spec = SpecText.Read(
            SpecText.Full,
            SpecOverride.Set("training.batch.size=50"),
            SpecOverride.Set("network.hidden=[7]"),
            SpecOverride.Set("training.optimizer={kind: sgd, step-size: 0.5}"),
            SpecOverride.Set("observe=[{quantity: loss, at: [20]}]"),
            SpecOverride.Set("data.random-labels = 1e-2"),
            SpecOverride.Replicas("12"),
            SpecOverride.Seed("18446744073709551615")
        );

        spec.Training.Batch.Size.ShouldBe(50);
        spec.Network.Hidden.ShouldBe([7]);
        spec.Training.Optimizer.ShouldBe(new SgdSpec { StepSize = new Schedule(0.5) });
        spec.Observe.ShouldHaveSingleItem().Times.ShouldBe([20]);
        ((GaussDataSpec)spec.Data).RandomLabels.ShouldBe(0.01);
        spec.Replicas.ShouldBe(12);
        spec.Seed.ShouldBe(ulong.MaxValue);
    }

    [Fact]
    public void Keys_missing_in_the_file_are_added_and_the_last_value_holds()
    {
        Spec spec = SpecText.Read(
            SpecText.Minimal,
            SpecOverride.Set("statistics.quantiles=[0.1]"),
            SpecOverride.Set("replicas=3"),
            SpecOverride.Replicas("4")
        );

        spec.Statistics.Quantiles.ShouldBe([0.1]);
        spec.Replicas.ShouldBe(4);
    }

    [Theory]
    [InlineData(
        "training.batch.sise=5",
        "--set training.batch.sise=5: training.batch: unknown key 'sise'; did you mean 'size'?"
    )]
    [InlineData("trainign.steps=5", "--set trainign.steps=5: unknown key 'trainign'; did you mean 'training'?")]
    [InlineData("training.steps=-5", "--set training.steps=-5: training.steps: -5 is out of range: 0 .. 2147483646")]
    [InlineData(
        "training.steps=",
        "--set training.steps=: training.steps: expected a whole number 0 .. 2147483646, found nothing"
    )]
    [InlineData(
        "training.batch.size=500",
        "--set training.batch.size=500: training.batch.size: 500 is more than the 100 training samples"
    )]
    [InlineData(
        "training.steps=[",
        "--set training.steps=[: not valid YAML: While parsing a node, did not find expected node content."
    )]
    [InlineData(
        "training.steps=*x",
        "--set training.steps=*x: aliases (*name) are not allowed in a spec; write the value out"
    )]
    [InlineData(
        "observe.0.every=3",
        "--set observe.0.every=3: observe has no keys that could be set one by one; set it whole"
    )]
    [InlineData(
        "training.steps.x=3",
        "--set training.steps.x=3: training.steps has no keys that could be set one by one; set it whole"
    )]
    [InlineData("name=\e[31m", "--set name=?[31m: control character 0x1b; a spec is plain text")]
    public void Fault_names_the_option(string assignment, string message) =>
        SpecText.FaultsOf(SpecText.Full, SpecOverride.Set(assignment)).ShouldBe([message]);

    [Fact]
    public void Keys_of_a_schedule_are_set_one_by_one_and_a_number_is_its_start()
    {
        Schedule Set(string yaml, params string[] assignments) =>
            ((SgdSpec)SpecText.Read(yaml, [.. assignments.Select(SpecOverride.Set)]).Training.Optimizer).StepSize;

        const string step = "training.optimizer.step-size";
        Set(SpecText.Full, $"{step}.start=0.3").Start.ShouldBe(0.3);
        Schedule falling = Set(SpecText.Full, $"{step}.factor=0.5", $"{step}.milestones=[4, 8]");
        (falling.Start, falling.Factor).ShouldBe((0.1, 0.5));
        falling.Milestones.ShouldBe([4, 8]);
        string written = SpecText.Full.Replace(
            "step-size: 0.1",
            "step-size: {start: 0.2, factor: 0.1, milestones: [5]}"
        );
        Set(written, $"{step}.start=0.7").At(5).ShouldBe(0.7 * 0.1);
        SpecText
            .FaultsOf(SpecText.Full, SpecOverride.Set($"{step}.sart=1"))
            .ShouldBe([$"--set {step}.sart=1: {step} has no keys that could be set one by one; set it whole"]);
        SpecText
            .FaultsOf(written, SpecOverride.Set($"{step}.sart=1"))
            .ShouldBe([$"--set {step}.sart=1: {step}: unknown key 'sart'; did you mean 'start'?"]);
    }

    [Fact]
    public void Replicas_and_seed_are_named_as_typed()
    {
        SpecText
            .FaultsOf(SpecText.Full, SpecOverride.Seed("x"), SpecOverride.Replicas("0"))
            .ShouldBe([
                "--seed x: seed: expected a whole number 0 .. 18446744073709551615, found the text 'x'",
                "--replicas 0: replicas: 0 is out of range: 1 .. 2147483647",
            ]);
    }

    [Theory]
    [InlineData("training.batch.size")]
    [InlineData("=5")]
    [InlineData("")]
    public void Assignment_without_a_key_is_64(string assignment)
    {
        HesseException fault = Should.Throw<HesseException>(() => SpecOverride.Set(assignment));

        fault.Code.ShouldBe(ExitCode.Usage);
        fault.Message.ShouldBe($"--set {assignment}: write --set key=value, as --set training.batch.size=50");
    }

    [Fact]
    public void Swept_key_cannot_be_set_beside_its_sweep()
    {
        string swept = SpecText.Minimal + "sweep: {training.batch.size: [5, 10]}\n";

        SpecText
            .FaultsOf(swept, SpecOverride.Set("training.batch.size=7"))
            .ShouldBe(["--set training.batch.size=7: training.batch.size: this key is swept; set sweep instead"]);
        SpecText
            .Read(swept, SpecOverride.Set("sweep={}"), SpecOverride.Set("training.batch.size=7"))
            .Sweep.ShouldBeEmpty();
    }
}
