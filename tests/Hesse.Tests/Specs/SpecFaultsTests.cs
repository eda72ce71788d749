using Hesse.Specs;

namespace Hesse.Tests.Specs;

/// <summary>Every class of fault has its line: place, key, what is wrong, the nearest valid name.</summary>
public sealed class SpecFaultsTests
{
    [Theory]
    // keys
    [InlineData("replicas: 3", "replicsa: 3", "spec.yaml:4:1: unknown key 'replicsa'; did you mean 'replicas'?")]
    [InlineData("  hidden:", "  hiden:", "spec.yaml:18:3: network: unknown key 'hiden'; did you mean 'hidden'?")]
    [InlineData("  hidden:", "  hiden:", "spec.yaml:18:3: network.hidden: this key is required and missing")]
    [InlineData(
        "random-labels",
        "random_labels",
        "spec.yaml:15:3: data: unknown key 'random_labels'; did you mean 'random-labels'?"
    )]
    [InlineData(
        "  steps: 20",
        "  steps: 20\n  step-size: 1",
        "spec.yaml:29:3: training: unknown key 'step-size'; did you mean 'training.optimizer.step-size'?"
    )]
    [InlineData(
        "size: 5,",
        "size: 5, zzzzzz: 1,",
        "spec.yaml:27:20: training.batch: unknown key 'zzzzzz'; valid: size, order"
    )]
    [InlineData("seed: 7", "replicas: 7", "spec.yaml:4:1: duplicate key 'replicas', first given in line 3")]
    [InlineData("version: 1\n", "", "spec.yaml:1:1: version: this key is required and missing")]
    [InlineData("name: tiny\n", "", "spec.yaml:1:1: name: this key is required and missing")]
    [InlineData(
        "  kind: gauss\n",
        "",
        "spec.yaml:8:3: data.kind: this key is required and missing (one of gauss, idx, cifar10, npy, chebyshev, linear, decoupled, teacher, image)"
    )]
    [InlineData("loss: cross-entropy\n", "", "spec.yaml:1:1: loss: this key is required and missing")]
    [InlineData("  steps: 20\n", "", "spec.yaml:26:3: training.steps: this key is required and missing")]
    [InlineData(
        "step-size: 0.1, ",
        "",
        "spec.yaml:26:14: training.optimizer.step-size: this key is required and missing"
    )]
    // kinds of values
    [InlineData("version: 1", "version: 2", "spec.yaml:1:10: version: 2 is out of range: 1 .. 1")]
    [InlineData("gauss", "gaus", "spec.yaml:8:9: data.kind: unknown kind 'gaus'; did you mean 'gauss'?")]
    [InlineData(
        "gauss",
        "wavelets",
        "spec.yaml:8:9: data.kind: unknown kind 'wavelets'; valid: gauss, idx, cifar10, npy, chebyshev, linear, decoupled, teacher, image"
    )]
    [InlineData("sgd", "sdg", "spec.yaml:26:21: training.optimizer.kind: unknown kind 'sdg'; did you mean 'sgd'?")]
    [InlineData("relu", "rleu", "spec.yaml:19:15: network.activation: unknown value 'rleu'; did you mean 'relu'?")]
    [InlineData(
        "quantity: loss",
        "quantity: lsos",
        "spec.yaml:30:16: observe[0].quantity: unknown quantity 'lsos'; did you mean 'loss'?"
    )]
    [InlineData(
        "quantity: loss",
        "quantity: 3",
        "spec.yaml:30:16: observe[0].quantity: expected the name of a quantity, found the number 3"
    )]
    [InlineData(
        "per-replica: false",
        "per-replica: off",
        "spec.yaml:16:16: data.per-replica: expected true or false, found the text 'off'"
    )]
    [InlineData(
        "bias: true",
        "bias: 'true'",
        "spec.yaml:20:9: network.bias: expected true or false, found the text 'true'"
    )]
    [InlineData(
        "replicas: 3",
        "replicas: '3'",
        "spec.yaml:4:11: replicas: expected a whole number 1 .. 2147483647, found the text '3'"
    )]
    [InlineData(
        "replicas: 3",
        "replicas: 1e3",
        "spec.yaml:4:11: replicas: expected a whole number 1 .. 2147483647, found the number 1e3"
    )]
    [InlineData(
        "replicas: 3",
        "replicas: 10_000",
        "spec.yaml:4:11: replicas: expected a whole number 1 .. 2147483647, found the text '10_000'"
    )]
    [InlineData(
        "name: tiny",
        "name: 17",
        "spec.yaml:2:7: name: expected a text (put numbers and the like in quotation marks), found the number 17"
    )]
    [InlineData(
        "name: tiny",
        "name:",
        "spec.yaml:2:6: name: expected a text (put numbers and the like in quotation marks), found nothing"
    )]
    [InlineData(
        "hidden: [10, 30]",
        "hidden: 10",
        "spec.yaml:18:11: network.hidden: expected a list, found the number 10"
    )]
    [InlineData(
        "mean-scale: 4.0",
        "mean-scale: [4.0]",
        "spec.yaml:13:15: data.mean-scale: expected a number, found a list"
    )]
    [InlineData(
        "loss: cross-entropy",
        "loss: [mse]",
        "spec.yaml:24:7: loss: expected one of cross-entropy, mse, half-squared-error, logistic, found a list"
    )]
    [InlineData(
        "statistics: {quantiles: [0.25, 0.5]}",
        "statistics: 3",
        "spec.yaml:33:13: statistics: expected keys and values (quantiles), found the number 3"
    )]
    [InlineData(
        "step-size: 0.1",
        "step-size: fast",
        "spec.yaml:26:37: training.optimizer.step-size: expected a number or {start, factor, milestones}, found the text 'fast'"
    )]
    // ranges
    [InlineData("replicas: 3", "replicas: 0", "spec.yaml:4:11: replicas: 0 is out of range: 1 .. 2147483647")]
    [InlineData("replicas: 3", "replicas: -1", "spec.yaml:4:11: replicas: -1 is out of range: 1 .. 2147483647")]
    [InlineData(
        "replicas: 3",
        "replicas: 2147483648",
        "spec.yaml:4:11: replicas: 2147483648 is out of range: 1 .. 2147483647"
    )]
    [InlineData("seed: 7", "seed: -1", "spec.yaml:3:7: seed: -1 is out of range: 0 .. 18446744073709551615")]
    [InlineData(
        "seed: 7",
        "seed: 18446744073709551616",
        "spec.yaml:3:7: seed: 18446744073709551616 is out of range: 0 .. 18446744073709551615"
    )]
    [InlineData("classes: 10", "classes: 0", "spec.yaml:9:12: data.classes: 0 is out of range: 1 .. 2147483647")]
    [InlineData(
        "hidden: [10, 30]",
        "hidden: [10, 0]",
        "spec.yaml:18:16: network.hidden[1]: 0 is out of range: 1 .. 2147483647"
    )]
    [InlineData(
        "step-size: 0.1",
        "step-size: .nan",
        "spec.yaml:26:37: training.optimizer.step-size: .nan is not a finite number"
    )]
    [InlineData(
        "step-size: 0.1",
        "step-size: .inf",
        "spec.yaml:26:37: training.optimizer.step-size: .inf is not a finite number"
    )]
    [InlineData(
        "step-size: 0.1",
        "step-size: 1e999",
        "spec.yaml:26:37: training.optimizer.step-size: 1e999 is not a finite number"
    )]
    [InlineData(
        "step-size: 0.1",
        "step-size: 0",
        "spec.yaml:26:37: training.optimizer.step-size: 0 is out of range: must be greater than 0"
    )]
    [InlineData(
        "step-size: 0.1",
        "step-size: {start: 1, milestones: [5, 5]}",
        "spec.yaml:26:64: training.optimizer.step-size.milestones[1]: each value must be greater than the one before"
    )]
    [InlineData(
        "step-size: 0.1",
        "step-size: {factor: 0.5}",
        "spec.yaml:26:37: training.optimizer.step-size.start: this key is required and missing"
    )]
    [InlineData(
        "weight-decay: 0",
        "weight-decay: -1",
        "spec.yaml:26:56: training.optimizer.weight-decay: -1 is out of range: must be at least 0"
    )]
    [InlineData("  steps: 20", "  steps: -1", "spec.yaml:28:10: training.steps: -1 is out of range: 0 .. 2147483646")]
    [InlineData("size: 5,", "size: 0,", "spec.yaml:27:17: training.batch.size: 0 is out of range: 1 .. 2147483647")]
    [InlineData(
        "random-labels: 0.1",
        "random-labels: 1.5",
        "spec.yaml:15:18: data.random-labels: 1.5 is out of range: 0 .. 1"
    )]
    [InlineData(
        "[0.25, 0.5]",
        "[0.5, 0.25]",
        "spec.yaml:33:31: statistics.quantiles[1]: each value must be greater than the one before"
    )]
    [InlineData("[0.25, 0.5]", "[0.25, 1.5]", "spec.yaml:33:32: statistics.quantiles[1]: 1.5 is out of range: 0 .. 1")]
    [InlineData(
        "name: tiny",
        "name: a/b",
        "spec.yaml:2:7: name: 'a/b' is no name: 1 to 64 of A-Z a-z 0-9 . _ -, and not '.' or '..'"
    )]
    [InlineData(
        "name: tiny",
        "name: ..",
        "spec.yaml:2:7: name: '..' is no name: 1 to 64 of A-Z a-z 0-9 . _ -, and not '.' or '..'"
    )]
    // times
    [InlineData("every: 5", "every: 0", "spec.yaml:30:29: observe[0].every: 0 is out of range: 1 .. 2147483647")]
    [InlineData(
        "every: 5",
        "every: 5, at: [1]",
        "spec.yaml:30:5: observe[0]: needs exactly one of every, at and log-spaced; 2 are given"
    )]
    [InlineData(
        ", every: 5",
        "",
        "spec.yaml:30:5: observe[0]: needs exactly one of every, at and log-spaced; none is given"
    )]
    [InlineData("at: [0, 20]", "at: []", "spec.yaml:31:35: observe[1].at: needs at least 1 value")]
    [InlineData(
        "at: [0, 20]",
        "at: [20, 0]",
        "spec.yaml:31:40: observe[1].at[1]: each value must be greater than the one before"
    )]
    [InlineData(
        "at: [0, 20]",
        "at: [3, 3]",
        "spec.yaml:31:39: observe[1].at[1]: each value must be greater than the one before"
    )]
    [InlineData(
        "at: [0, 20]",
        "at: [0, 21]",
        "spec.yaml:31:39: observe[1].at[1]: 21 lies after the last step, training.steps = 20"
    )]
    [InlineData(
        "quantity: trace",
        "quantity: loss",
        "spec.yaml:32:16: observe[2].quantity: loss stands in observe already; a quantity stands once"
    )]
    // what keys say together
    [InlineData(
        "test-samples: 20",
        "test-samples: 0",
        "spec.yaml:31:16: observe[1].quantity: test-accuracy needs test data: set data.test-samples"
    )]
    [InlineData(
        "size: 5,",
        "size: 101,",
        "spec.yaml:27:17: training.batch.size: 101 is more than the 100 training samples"
    )]
    [InlineData(
        "order: epochs",
        "order: full",
        "spec.yaml:27:17: training.batch.size: order full takes all samples: leave size out"
    )]
    [InlineData("size: 5, ", "", "spec.yaml:27:10: training.batch: size is missing; only order full has none")]
    [InlineData(
        "bias: true",
        "bias: [true, false]",
        "spec.yaml:20:9: network.bias: has 2 values for 3 layers; give one, or one a layer"
    )]
    [InlineData(
        "gain: 1.5",
        "gain: [1, 2]",
        "spec.yaml:22:9: network.gain: has 2 values for 3 layers; give one, or one a layer"
    )]
    [InlineData(
        "he-normal",
        "pytorch",
        "spec.yaml:22:9: network.gain: goes with the he and xavier initialisations only"
    )]
    [InlineData(
        "he-normal",
        "npy",
        "spec.yaml:21:19: network.initialization: npy needs the file: set network.initial-parameters"
    )]
    [InlineData(
        "gain: 1.5",
        "initial-parameters: p.npy",
        "spec.yaml:22:23: network.initial-parameters: is only read with network.initialization: npy"
    )]
    [InlineData(
        "loss: cross-entropy",
        "loss: logistic",
        "spec.yaml:24:7: loss: logistic needs one output, that is two classes; data has 10"
    )]
    [InlineData(
        "hidden: [10, 30]",
        "hidden: [60000, 60000]",
        "spec.yaml:18:11: network.hidden: the network has more than 2^31 - 1 parameters"
    )]
    public void Fault_has_its_line(string old, string changed, string message) =>
        SpecText.FaultsOf(SpecText.With(old, changed)).ShouldContain(message);

    [Theory]
    [InlineData("{kind: idx, images: a}", "spec.yaml:3:7: data.labels: this key is required and missing")]
    [InlineData(
        "{kind: idx, images: a, labels: b, test-images: c}",
        "spec.yaml:3:7: data: test-images and test-labels go together; one is missing"
    )]
    [InlineData(
        "{kind: npy, inputs: a, targets: b, test-targets: c}",
        "spec.yaml:3:7: data: test-inputs and test-targets go together; one is missing"
    )]
    [InlineData(
        "{kind: npy, inputs: 3, targets: b}",
        "spec.yaml:3:27: data.inputs: expected a path, found the number 3"
    )]
    [InlineData(
        "{kind: npy, inputs: \"a\\0\", targets: b}",
        "spec.yaml:3:27: data.inputs: 'a?' holds a character that no path should"
    )]
    [InlineData(
        "{kind: idx, images: a, labels: b, count: 0}",
        "spec.yaml:3:48: data.count: 0 is out of range: 1 .. 2147483647"
    )]
    [InlineData(
        "{kind: idx, images: a, labels: b, count: null}",
        "spec.yaml:3:48: data.count: expected a whole number 1 .. 2147483647, found nothing"
    )]
    [InlineData("{kind: cifar10, folder: a, classes: [1, 1]}", "spec.yaml:3:43: data.classes: names a class twice")]
    [InlineData(
        "{kind: cifar10, folder: a, classes: [10]}",
        "spec.yaml:3:43: data.classes: CIFAR-10 has the classes 0 .. 9"
    )]
    [InlineData(
        "{kind: cifar10, folder: a, dimension: 3}",
        "spec.yaml:3:34: data: unknown key 'dimension'; valid: folder, count, classes, standardize, kind"
    )]
    public void Data_fault_has_its_line(string data, string message) =>
        SpecText.FaultsOf(SpecText.Minimal.Replace("{kind: gauss}", data)).ShouldContain(message);

    [Theory]
    [InlineData("{kind: idx, images: a, labels: b}", "set data.test-images and data.test-labels")]
    [InlineData("{kind: npy, inputs: a, targets: b}", "set data.test-inputs and data.test-targets")]
    public void Test_quantity_says_which_files_it_needs(string data, string hint)
    {
        string text = SpecText.Minimal.Replace("{kind: gauss}", data) + "observe: [{quantity: test-loss, every: 1}]\n";

        SpecText.FaultsOf(text).ShouldBe([$"spec.yaml:7:22: observe[0].quantity: test-loss needs test data: {hint}"]);
    }

    [Fact]
    public void All_faults_are_reported_in_the_order_of_the_file()
    {
        string text = SpecText
            .Full.Replace("name: tiny", "name: a b")
            .Replace("relu", "rleu")
            .Replace("size: 5,", "size: 500,")
            .Replace("quantity: trace", "quantity: tarce");

        string[] faults = SpecText.FaultsOf(text);

        faults.Select(line => line.Split(':')[1]).ShouldBe(["2", "19", "27", "32"]);
    }

    [Fact]
    public void Faults_of_a_section_do_not_hide_those_of_its_other_keys() =>
        SpecText
            .FaultsOf(SpecText.With("  steps: 20", "  steps: 20\n  stesp: 1").Replace("at: [0, 20]", "at: [0, 21]"))
            .Length.ShouldBe(2);

    [Fact]
    public void More_faults_than_anybody_reads_are_counted()
    {
        string text = SpecText.Minimal + string.Concat(Enumerable.Range(0, 1000).Select(i => $"key{i}: 1\n"));

        string[] faults = SpecText.FaultsOf(text);

        faults.Length.ShouldBe(201);
        faults[^1].ShouldBe("and 800 more faults like these");
    }

    [Theory]
    [InlineData("observe: [", "{}, ")]
    [InlineData("observe: [", "{quantity: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}, ")]
    [InlineData("network: {hidden: [", "x, ")]
    public void Fault_in_each_of_thousands_of_entries_takes_no_time_to_speak_of(string start, string entry)
    {
        // Each check asks which keys are sound: a search through all faults would take minutes here.
        string list = string.Concat(Enumerable.Repeat(entry, 16_000));

        SpecText.FaultsOf($"{start}{list}]{(start.Contains('{') ? "}" : "")}").Length.ShouldBe(201);
    }

    [Fact]
    public void Text_from_the_file_cannot_steer_the_terminal()
    {
        string[] faults = SpecText.FaultsOf(SpecText.Minimal.Replace("name: tiny", "name: \"\\e[31m\\u202E[red]\\n\""));

        faults.ShouldBe([
            "spec.yaml:2:7: name: '?[31m?[red]?' is no name: 1 to 64 of A-Z a-z 0-9 . _ -, and not '.' or '..'",
        ]);
    }

    [Fact]
    public void Spec_made_in_code_is_checked_by_the_same_rules()
    {
        Spec good = SpecText.Read(SpecText.Minimal);

        SpecReader.Check(good).Training.ShouldBe(good.Training);
        Spec bad = good with
        {
            Training = good.Training with { Optimizer = new SgdSpec { StepSize = new(double.NaN) } },
        };
        HesseException fault = Should.Throw<HesseException>(() => SpecReader.Check(bad with { Replicas = 0 }));
        fault.Message.ShouldContain("training.optimizer.step-size: expected a number");
        fault.Message.ShouldContain("replicas: 0 is out of range");
    }
}
