using System.Text.RegularExpressions;
using Hesse.Planning;
using Hesse.Specs;
using Hesse.Tests.Specs;

namespace Hesse.Tests.Planning;

public sealed class SweepExpansionTests
{
    [Fact]
    public void Spec_without_a_sweep_is_one_setting_without_a_slug()
    {
        Spec spec = SpecText.Read(SpecText.Minimal);

        SweepSetting setting = SweepExpansion.Expand(spec).ShouldHaveSingleItem();
        setting.Slug.ShouldBeEmpty();
        setting.Spec.ShouldBeSameAs(spec);
        setting.Values.ShouldBeEmpty();
    }

    [Fact]
    public void First_axis_is_the_slowest()
    {
        IReadOnlyList<SweepSetting> settings = Expand("{training.batch.size: [5, 50], data.random-labels: [0, 0.15]}");

        settings
            .Select(setting => setting.Slug)
            .ShouldBe([
                "batch.size-5_random-labels-0",
                "batch.size-5_random-labels-0.15",
                "batch.size-50_random-labels-0",
                "batch.size-50_random-labels-0.15",
            ]);
        settings.Select(setting => setting.Spec.Training.Batch.Size).ShouldBe([5, 5, 50, 50]);
        settings.Select(setting => ((GaussDataSpec)setting.Spec.Data).RandomLabels).ShouldBe([0, 0.15, 0, 0.15]);
        settings[1].Values.ShouldBe([new("training.batch.size", "5"), new("data.random-labels", "0.15")]);
        settings.ShouldAllBe(setting => setting.Spec.Sweep.Count == 0 && setting.Spec.Name == "tiny");
        settings.Select(setting => SpecWriter.Identity(setting.Spec)).Distinct().Count().ShouldBe(4);
    }

    [Fact]
    public void Whole_optimizers_are_swept()
    {
        IReadOnlyList<SweepSetting> settings = Expand(
            "{training.optimizer: [{kind: sgd, step-size: 0.1}, {kind: sign-sgd, step-size: 0.2}], seed: [1, 2]}"
        );

        settings
            .Select(setting => setting.Slug)
            .ShouldBe([
                "optimizer-kind-sgd-step-size-0.1-weight-decay-0_seed-1",
                "optimizer-kind-sgd-step-size-0.1-weight-decay-0_seed-2",
                "optimizer-kind-sign-sgd-step-size-0.2_seed-1",
                "optimizer-kind-sign-sgd-step-size-0.2_seed-2",
            ]);
        settings[3].Spec.Training.Optimizer.ShouldBe(new SignSgdSpec { StepSize = new(0.2) });
    }

    [Theory]
    [InlineData("{training.optimizer: [{kind: sgd}]}", "sweep.training.optimizer[0].step-size: this key is required")]
    [InlineData(
        "{training.optimizer: [{kind: adam}], training.optimizer.step-size: [1, 2]}",
        "is part of training.optimizer, which is swept as a whole"
    )]
    [InlineData("{training.batch: [{size: 2}]}", "this is a section; sweep one of its keys")]
    public void A_sweep_of_sections_has_its_limits(string sweep, string message) =>
        Should.Throw<HesseException>(() => Expand(sweep)).Message.ShouldContain(message);

    [Fact]
    public void Setting_is_the_spec_that_names_its_values_itself()
    {
        SweepSetting setting = Expand("{training.steps: [7, 20], seed: [3]}")[0];
        Spec written = SpecText.Read(SpecText.Minimal.Replace("steps: 20", "steps: 7") + "seed: 3\n");

        SpecWriter.Canonical(setting.Spec).ShouldBe(SpecWriter.Canonical(written));
    }

    [Theory]
    [InlineData("{network.hidden: [[10, 30], [], [5]]}", "hidden-10-30|hidden-none|hidden-5")]
    [InlineData("{network.bias: [true, [true, false, true]]}", "bias-true|bias-true-false-true")]
    [InlineData(
        "{training.optimizer.step-size: [0.1, 1e-7, {start: 1, factor: 0.5, milestones: [3]}]}",
        "optimizer.step-size-0.1|optimizer.step-size-1E-07|optimizer.step-size-factor-0.5-milestones-3-start-1"
    )]
    [InlineData("{seed: [18446744073709551615]}", "seed-18446744073709551615")]
    [InlineData(
        "{loss: [cross-entropy, mse], precision: [float64]}",
        "loss-cross-entropy_precision-float64|loss-mse_precision-float64"
    )]
    public void Slug_is_readable(string sweep, string slugs) =>
        string.Join('|', Expand(sweep).Select(setting => setting.Slug)).ShouldBe(slugs);

    [Fact]
    public void Equal_slugs_and_long_ones_end_in_a_hash()
    {
        string Slugs(string inputs) =>
            string.Join(
                '|',
                SweepExpansion
                    .Expand(
                        SpecText.Read(
                            SpecText.Minimal.Replace("{kind: gauss}", "{kind: npy, inputs: a, targets: t}")
                                + $"sweep: {{data.inputs: {inputs}}}\n"
                        )
                    )
                    .Select(setting => setting.Slug)
            );

        Slugs("[x/a.npy, x/b.npy]").ShouldBe("inputs-a.npy|inputs-b.npy");
        string[] equal = Slugs("[x/a.npy, y/A.npy, z]").Split('|');
        equal[0].ShouldMatch("^inputs-a\\.npy-[0-9a-f]{12}$");
        equal[1].ShouldMatch("^inputs-A\\.npy-[0-9a-f]{12}$");
        equal[0][^12..].ShouldNotBe(equal[1][^12..]);
        equal[2].ShouldBe("inputs-z");
        string[] longOnes = Slugs($"[{new string('a', 120)}, {new string('a', 121)}]").Split('|');
        longOnes.ShouldAllBe(slug => slug.Length == 100);
        longOnes[0].ShouldNotBe(longOnes[1]);
        Slugs("['ü b/ß?*', c]").ShouldBe("inputs-text|inputs-c");
    }

    [Fact]
    public void Slugs_are_fit_for_folders() =>
        Expand("{network.hidden: [[1], [2]], training.optimizer.weight-decay: [0, 1e+30], data.per-replica: [true]}")
            .ShouldAllBe(setting =>
                Regex.IsMatch(setting.Slug, "^[A-Za-z0-9._-]{1,100}$", RegexOptions.None, TimeSpan.FromSeconds(1))
            );

    [Fact]
    public void Times_follow_a_swept_length()
    {
        Spec spec = SpecText.Read(
            SpecText.Minimal + "observe: [{quantity: loss, every: 10}]\nsweep: {training.steps: [20, 40]}\n"
        );

        SweepExpansion.Expand(spec).Select(setting => setting.Spec.Observe[0].Times.Count).ShouldBe([3, 5]);
    }

    [Fact]
    public void Expansion_survives_writing_and_reading()
    {
        Spec spec = SpecText.Read(SpecText.Full + "sweep: {training.steps: [20, 40], network.gain: [1, [1, 2, 3]]}\n");
        Spec again = SpecText.ReadJson(SpecWriter.Pretty(spec));

        IReadOnlyList<SweepSetting> settings = SweepExpansion.Expand(again);
        settings.Count.ShouldBe(4);
        settings
            .Select(setting => (setting.Slug, SpecWriter.Canonical(setting.Spec)))
            .ShouldBe(
                SweepExpansion.Expand(spec).Select(setting => (setting.Slug, SpecWriter.Canonical(setting.Spec)))
            );
    }

    [Theory]
    [InlineData(
        "{training.batch.sise: [5]}",
        "spec.yaml:7:9: sweep.training.batch.sise: unknown key 'training.batch.sise'; did you mean 'training.batch.size'?"
    )]
    [InlineData("{hidden: [[5]]}", "spec.yaml:7:9: sweep.hidden: unknown key 'hidden'; did you mean 'network.hidden'?")]
    [InlineData(
        "{zzz: [5]}",
        "spec.yaml:7:9: sweep.zzz: unknown key 'zzz'; give the whole path, as training.batch.size"
    )]
    [InlineData(
        "{training.batch: [5]}",
        "spec.yaml:7:9: sweep.training.batch: this is a section; sweep one of its keys"
    )]
    [InlineData("{replicas: [5]}", "spec.yaml:7:9: sweep.replicas: this key cannot be swept")]
    [InlineData("{name: [a]}", "spec.yaml:7:9: sweep.name: this key cannot be swept")]
    [InlineData("{version: [1]}", "spec.yaml:7:9: sweep.version: this key cannot be swept")]
    [InlineData("{observe: [[]]}", "spec.yaml:7:9: sweep.observe: this key cannot be swept")]
    [InlineData(
        "{statistics.quantiles: [[0.5]]}",
        "spec.yaml:7:9: sweep.statistics.quantiles: this key cannot be swept"
    )]
    [InlineData("{sweep: [1]}", "spec.yaml:7:9: sweep.sweep: this key cannot be swept")]
    [InlineData("{seed: 3}", "spec.yaml:7:15: sweep.seed: expected a list of at least one value, found the number 3")]
    [InlineData("{seed: []}", "spec.yaml:7:15: sweep.seed: expected a list of at least one value, found an empty list")]
    [InlineData(
        "{seed: [1, 1.5]}",
        "spec.yaml:7:19: sweep.seed[1]: expected a whole number 0 .. 18446744073709551615, found the number 1.5"
    )]
    [InlineData(
        "{data.noise-scale: [1, 1.0]}",
        "spec.yaml:7:31: sweep.data.noise-scale[1]: 1 stands twice in this list"
    )]
    [InlineData(
        "[1]",
        "spec.yaml:7:8: sweep: expected keys with lists of values, as training.batch.size: [5, 50], found a list"
    )]
    [InlineData(
        "{training.batch.size: [5, 101]}",
        "spec.yaml:7:34: training.batch.size: 101 is more than the 100 training samples"
    )]
    [InlineData("{data.samples: [5, 4]}", "spec.yaml:6:66: training.batch.size: 5 is more than the 4 training samples")]
    public void Fault_of_a_sweep_has_its_line(string sweep, string message) =>
        SpecText.FaultsOf(SpecText.Minimal + $"sweep: {sweep}\n").ShouldBe([message]);

    [Fact]
    public void Keys_of_a_schedule_are_swept_one_by_one()
    {
        const string sweep = """
            sweep:
              training.optimizer.step-size.start: [0.1, 0.2]
              training.optimizer.step-size.factor: [1, 0.5]

            """;
        string text = SpecText.Minimal.Replace(
            "step-size: 0.1",
            "step-size: {start: 0.3, factor: 0.1, milestones: [10]}"
        );
        IReadOnlyList<SweepSetting> settings = SweepExpansion.Expand(SpecText.Read(text + sweep));

        settings
            .Select(one => ((SgdSpec)one.Spec.Training.Optimizer).StepSize)
            .Select(step => (step.At(0), step.At(10)))
            .ShouldBe([(0.1, 0.1), (0.1, 0.05), (0.2, 0.2), (0.2, 0.1)]);
        settings[1].Slug.ShouldBe("optimizer.step-size.start-0.1_optimizer.step-size.factor-0.5");
        SpecText
            .FaultsOf(text + "sweep: {training.optimizer.step-size.start: [1], training.optimizer.step-size: [1]}\n")
            .ShouldBe([
                "spec.yaml:7:9: sweep.training.optimizer.step-size.start: is part of training.optimizer.step-size, which is swept as a whole",
            ]);
    }

    [Fact]
    public void A_number_whose_start_is_swept_stays_a_number()
    {
        IReadOnlyList<SweepSetting> settings = SweepExpansion.Expand(
            SpecText.Read(SpecText.Minimal + "sweep: {training.optimizer.step-size.start: [0.1, 0.2]}\n")
        );

        settings
            .Select(one => ((SgdSpec)one.Spec.Training.Optimizer).StepSize)
            .ShouldBe([new Schedule(0.1), new Schedule(0.2)]);
    }

    [Fact]
    public void Too_many_settings_are_refused()
    {
        string axis = $"[{string.Join(", ", Enumerable.Range(1, 90))}]";

        SpecText
            .FaultsOf(
                SpecText.Minimal + $"sweep: {{seed: {axis}, training.batch.size: {axis}, data.dimension: {axis}}}\n"
            )
            .ShouldBe(["spec.yaml:7:8: sweep: more than 10000 settings"]);
    }

    [Fact]
    public void Many_settings_of_a_long_spec_are_refused()
    {
        string times = string.Join(", ", Enumerable.Range(0, 5000));
        string seeds = string.Join(", ", Enumerable.Range(0, 1000));

        SpecText
            .FaultsOf(
                SpecText.Minimal.Replace("steps: 20", "steps: 5000")
                    + $"observe: [{{quantity: loss, at: [{times}]}}]\nsweep: {{seed: [{seeds}]}}\n"
            )
            .ShouldBe(["spec.yaml:8:8: sweep: 1000 settings are too many for a spec of 6023 values"]);
    }

    private static IReadOnlyList<SweepSetting> Expand(string sweep) =>
        SweepExpansion.Expand(SpecText.Read(SpecText.Minimal + $"sweep: {sweep}\n"));
}
