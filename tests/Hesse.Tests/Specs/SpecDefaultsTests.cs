using Hesse.Networks;
using Hesse.Specs;

namespace Hesse.Tests.Specs;

public sealed class SpecDefaultsTests
{
    [Fact]
    public void Without_a_batch_every_update_sees_all_rows_and_momentum_is_zero()
    {
        string text = SpecText
            .Minimal.Replace(", batch: {size: 5}", string.Empty, StringComparison.Ordinal)
            .Replace("kind: sgd", "kind: momentum", StringComparison.Ordinal);
        TrainingSpec training = SpecText.Read(text).Training;
        training.Batch.ShouldBe(new BatchSpec { Order = BatchOrder.Full });
        training.Optimizer.ShouldBe(new MomentumSpec { StepSize = new(0.1), Momentum = new(0) });
    }

    [Fact]
    public void Everything_but_the_required_keys_has_the_documented_default()
    {
        Spec spec = SpecText.Read(SpecText.Minimal);

        spec.Version.ShouldBe(1);
        spec.Name.ShouldBe("tiny");
        spec.Seed.ShouldBe(0UL);
        spec.Replicas.ShouldBe(1);
        spec.Precision.ShouldBe(Precision.Float32);
        spec.ObservationPrecision.ShouldBe(Precision.Float64);
        spec.Data.ShouldBe(
            new GaussDataSpec
            {
                Classes = 10,
                Dimension = 50,
                Samples = 100,
                TestSamples = 0,
                MeanScale = 4,
                NoiseScale = 2,
                RandomLabels = 0,
                PerReplica = false,
            }
        );
        spec.Network.Hidden.ShouldBe([10, 30]);
        spec.Network.Activation.ShouldBe(Activation.Relu);
        spec.Network.Bias.ShouldBe([true]);
        spec.Network.Initialization.ShouldBe(Initialization.Pytorch);
        spec.Network.Gain.ShouldBeNull();
        spec.Network.InitialParameters.ShouldBeNull();
        spec.Network.SharedInitialization.ShouldBeFalse();
        spec.Loss.ShouldBe(Loss.CrossEntropy);
        spec.Training.Optimizer.ShouldBe(new SgdSpec { StepSize = new Schedule(0.1), WeightDecay = new Schedule(0) });
        spec.Training.Batch.ShouldBe(new BatchSpec { Size = 5, Order = BatchOrder.Epochs });
        spec.Training.Steps.ShouldBe(20);
        spec.Observe.ShouldBeEmpty();
        spec.Statistics.Quantiles.ShouldBe([0.05, 0.25, 0.5, 0.75, 0.95]);
        spec.Sweep.ShouldBeEmpty();
    }

    [Fact]
    public void Every_section_is_read()
    {
        Spec spec = SpecText.Read(SpecText.Full);

        spec.Seed.ShouldBe(7UL);
        spec.Replicas.ShouldBe(3);
        spec.Data.ShouldBe(new GaussDataSpec { TestSamples = 20, RandomLabels = 0.1 });
        spec.Network.Initialization.ShouldBe(Initialization.HeNormal);
        spec.Network.Gain.ShouldBe([1.5]);
        spec.Network.SharedInitialization.ShouldBeTrue();
        spec.Observe.Select(one => one.Quantity).ShouldBe(["loss", "test-accuracy", "trace"]);
        spec.Observe[0].Times.ShouldBe([0, 5, 10, 15, 20]);
        spec.Observe[1].Times.ShouldBe([0, 20]);
        spec.Observe[2].Times.ShouldBe([0, 1, 4, 20]);
        spec.Statistics.Quantiles.ShouldBe([0.25, 0.5]);
    }

    [Theory]
    [InlineData("0.1", 0.1)]
    [InlineData("1e-3", 1e-3)]
    [InlineData("{start: 0.1}", 0.1)]
    [InlineData("{start: 0.1, factor: 1, milestones: [3]}", 0.1)]
    public void Step_size_that_never_changes_is_a_number(string text, double value)
    {
        Spec spec = SpecText.Read(SpecText.With("step-size: 0.1", $"step-size: {text}"));

        SpecReader.Check(spec).Training.Optimizer.ShouldBe(new SgdSpec { StepSize = new Schedule(value) });
    }

    [Fact]
    public void A_milestone_after_the_last_step_is_valid_and_changes_nothing()
    {
        // 20 steps: the same schedule serves a longer run.
        Spec spec = SpecText.Read(
            SpecText.With("step-size: 0.1", "step-size: {start: 0.5, factor: 0.1, milestones: [20, 900]}")
        );
        Schedule schedule = ((SgdSpec)spec.Training.Optimizer).StepSize;
        Enumerable.Range(0, spec.Training.Steps).ShouldAllBe(step => schedule.At(step) == 0.5);
        schedule.At(20).ShouldBe(0.05, 1e-15);
    }

    [Fact]
    public void Schedule_falls_at_its_milestones()
    {
        Spec spec = SpecText.Read(
            SpecText.With("weight-decay: 0", "weight-decay: {start: 0.5, factor: 0.1, milestones: [4, 9]}")
        );

        Schedule schedule = ((SgdSpec)spec.Training.Optimizer).WeightDecay;
        schedule.Start.ShouldBe(0.5);
        schedule.Factor.ShouldBe(0.1);
        schedule.Milestones.ShouldBe([4, 9]);
    }

    [Theory]
    [InlineData("relu", Activation.Relu)]
    [InlineData("tanh", Activation.Tanh)]
    [InlineData("sigmoid", Activation.Sigmoid)]
    [InlineData("softplus", Activation.Softplus)]
    [InlineData("gelu", Activation.Gelu)]
    [InlineData("elu", Activation.Elu)]
    [InlineData("silu", Activation.Silu)]
    [InlineData("sine", Activation.Sine)]
    [InlineData("hardtanh", Activation.Hardtanh)]
    [InlineData("leaky-relu", Activation.LeakyRelu)]
    [InlineData("identity", Activation.Identity)]
    public void Activation_has_its_name(string name, Activation activation) =>
        SpecText.Read(SpecText.With("relu", name)).Network.Activation.ShouldBe(activation);

    [Theory]
    [InlineData("he-normal", Initialization.HeNormal)]
    [InlineData("he-uniform", Initialization.HeUniform)]
    [InlineData("xavier-normal", Initialization.XavierNormal)]
    [InlineData("xavier-uniform", Initialization.XavierUniform)]
    public void Initialization_has_its_name(string name, Initialization initialization) =>
        SpecText.Read(SpecText.With("he-normal", name)).Network.Initialization.ShouldBe(initialization);

    [Theory]
    [InlineData("cross-entropy", Loss.CrossEntropy)]
    [InlineData("mse", Loss.Mse)]
    [InlineData("half-squared-error", Loss.HalfSquaredError)]
    public void Loss_has_its_name(string name, Loss loss) =>
        SpecText.Read(SpecText.With("cross-entropy", name)).Loss.ShouldBe(loss);

    [Theory]
    [InlineData("{size: 5, order: with-replacement}", BatchOrder.WithReplacement, 5)]
    [InlineData("{size: 100, order: sequential}", BatchOrder.Sequential, 100)]
    [InlineData("{order: full}", BatchOrder.Full, null)]
    public void Batch_order_has_its_name(string text, BatchOrder order, int? size) =>
        SpecText
            .Read(SpecText.With("{size: 5, order: epochs}", text))
            .Training.Batch.ShouldBe(new BatchSpec { Size = size, Order = order });

    [Theory]
    [InlineData("bias: [true, false, true]", new[] { true, false, true })]
    [InlineData("bias: false", new[] { false })]
    public void Bias_is_one_or_one_a_layer(string text, bool[] bias) =>
        SpecText.Read(SpecText.With("bias: true", text)).Network.Bias.ShouldBe(bias);

    [Fact]
    public void Files_lie_relative_to_the_spec_or_absolute()
    {
        string idx = """
            {kind: idx, images: a/../x, labels: /y, test-images: ../z, test-labels: w.gz, count: 9, classes: [3, 1], standardize: pixel}
            """;
        var read = (IdxDataSpec)SpecText.Read(SpecText.Minimal.Replace("{kind: gauss}", idx.Trim())).Data;
        (read.Images, read.Labels, read.TestImages, read.TestLabels).ShouldBe(("/data/x", "/y", "/z", "/data/w.gz"));
        read.Count.ShouldBe(9);
        read.Classes.ShouldBe([3, 1]);
        read.Standardize.ShouldBe(Standardize.Pixel);
        SpecText
            .Read(SpecText.Minimal.Replace("{kind: gauss}", "{kind: cifar10, folder: c, standardize: channel}"))
            .Data.ShouldBe(new Cifar10DataSpec { Folder = "/data/c", Standardize = Standardize.Channel });
        SpecText
            .Read(SpecText.Minimal.Replace("{kind: gauss}", "{kind: npy, inputs: x.npy, targets: y.npy}"))
            .Data.ShouldBe(new NpyDataSpec { Inputs = "/data/x.npy", Targets = "/data/y.npy" });
        SpecText
            .Read(SpecText.Minimal.Replace("[10, 30]", "[], initialization: npy, initial-parameters: p.npy"))
            .Network.InitialParameters.ShouldBe("/data/p.npy");
    }

    [Fact]
    public void Largest_seed_and_no_training_at_all_are_allowed()
    {
        Spec spec = SpecText.Read(
            SpecText.Minimal.Replace("steps: 20", "steps: 0")
                + "seed: 18446744073709551615\nobserve: [{quantity: loss, every: 1}]\n"
        );

        spec.Seed.ShouldBe(ulong.MaxValue);
        spec.Training.Steps.ShouldBe(0);
        spec.Observe[0].Times.ShouldBe([0]);
    }

    [Fact]
    public void Two_classes_with_loss_logistic_make_one_output()
    {
        Spec spec = SpecText.Read(
            SpecText.Minimal.Replace("gauss", "gauss, classes: 2").Replace("cross-entropy", "logistic")
        );

        spec.OutputWidth(2).ShouldBe(1);
        spec.CreateNetwork(50, 2).OutputWidth.ShouldBe(1);
        Should.Throw<HesseException>(() => spec.CheckAgainstData(100, 50, 3)).Message.ShouldContain("two classes");
    }

    [Fact]
    public void Spec_is_checked_against_the_data_once_they_are_known()
    {
        Spec spec = SpecText.Read(SpecText.Minimal);

        spec.CheckAgainstData(5, 50, 10);
        HesseException fault = Should.Throw<HesseException>(() => spec.CheckAgainstData(4, 50, 10));
        fault.Code.ShouldBe(ExitCode.BadData);
        fault.Message.ShouldBe("training.batch.size: 5 is more than the 4 training samples");
    }
}
