using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;
using Hesse.Stores;
using Shouldly;
using Xunit;

namespace Hesse.Tests.Data;

public sealed class NpyDataTests : IDisposable
{
    private static readonly double[] Inputs = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
    private static readonly double[] Targets = [1.1, 2, 3, 4, 5, 6, 7, 8, 9];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Numbers(string name, long[] shape, double[] values)
    {
        NpyFile.Write<double>(_folder.PathOf(name), NpyType.Float64, shape, values);
        return _folder.PathOf(name);
    }

    private string Classes(string name, NpyType type, params long[] labels)
    {
        NpyFile.Write<long>(_folder.PathOf(name), type, [labels.Length], labels);
        return _folder.PathOf(name);
    }

    private NpyDataSpec Files(string targets) => new() { Inputs = Numbers("x.npy", [3, 2], Inputs), Targets = targets };

    private static IDataSource Open(NpyDataSpec spec, Precision precision = Precision.Float64) =>
        NpyData.Open(spec, precision);

    private static string Refusal(NpyDataSpec spec, Precision precision = Precision.Float64)
    {
        HesseException failure = Should.Throw<HesseException>(() => Open(spec, precision));
        failure.Code.ShouldBe(ExitCode.BadData);
        failure.Message.ShouldNotContain("\n");
        return failure.Message;
    }

    [Theory]
    [InlineData(NpyType.UInt8)]
    [InlineData(NpyType.Int32)]
    [InlineData(NpyType.Int64)]
    public void Integers_are_classes(NpyType type)
    {
        IDataSource source = Open(Files(Classes("y.npy", type, 2, 0, 3)));
        (source.Dimension, source.Outputs, source.Samples, source.TestSamples, source.PerReplica).ShouldBe(
            (2, 4, 3, 0, false)
        );
        DataSet data = source.Training(0, 1);
        data.Inputs.ShouldBe(Inputs);
        data.Labels.ShouldBe([2, 0, 3]);
        data.Targets.ShouldBeNull();
    }

    [Fact]
    public void Floating_numbers_are_targets_rounded_once()
    {
        NpyDataSpec files = Files(Numbers("y.npy", [3, 3], Targets));
        DataSet wide = Open(files).Training(0, 1);
        (wide.Outputs, wide.Labels).ShouldBe((3, null));
        wide.Targets.ShouldBe(Targets);
        DataSet narrow = Open(files, Precision.Float32).Training(0, 1);
        narrow.Inputs.ShouldBe(Inputs.Select(x => (double)(float)x));
        narrow.Targets.ShouldBe(Targets.Select(x => (double)(float)x));
    }

    [Fact]
    public void Targets_that_are_one_hot_are_classes_to_cross_entropy()
    {
        Network network = new([2, 3], [true], Activation.Tanh, Loss.CrossEntropy);
        NpyDataSpec files = Files(Numbers("y.npy", [3, 3], [0, 0, 1, 1, 0, 0, 0, -0.0, 1]));
        Open(files).Training(0, 1).ForNetwork(network).Labels.ShouldBe([2, 0, 2]);
        double[][] others =
        [
            [0, 0, 1, 0.5, 0.5, 0, 0, 0, 1],
            [0, 0, 1, 0, 0, 0, 0, 0, 1],
            [0, 0, 1, 1, 1, 0, 0, 0, 1],
            [0, 0, 1, 2, 0, 0, 0, 0, 1],
        ];
        foreach (double[] other in others)
        {
            DataSet set = Open(Files(Numbers("y.npy", [3, 3], other))).Training(0, 1);
            Should
                .Throw<HesseException>(() => set.ForNetwork(network))
                .Message.ShouldBe(
                    "loss cross-entropy needs classes: integer labels, or rows of targets with one 1 and else 0; row 1 is something else"
                );
        }

        Network wider = new([2, 4], [true], Activation.Tanh, Loss.CrossEntropy);
        Should
            .Throw<HesseException>(() => Open(files).Training(0, 1).ForNetwork(wider))
            .Message.ShouldBe("the targets have 3 columns, the network has 4 outputs");
    }

    [Fact]
    public void Test_samples_may_hold_further_classes()
    {
        NpyDataSpec files = Files(Classes("y.npy", NpyType.Int64, 0, 0, 0));
        Open(files).Outputs.ShouldBe(2);
        IDataSource source = Open(
            files with
            {
                TestInputs = Numbers("tx.npy", [1, 2], [1, 2]),
                TestTargets = Classes("ty.npy", NpyType.Int32, 5),
            }
        );
        (source.TestSamples, source.Outputs).ShouldBe((1, 6));
        source.Test(0, 1)!.Labels.ShouldBe([5]);
        source.Training(0, 1).Outputs.ShouldBe(6);
        source.ContentHash.ShouldNotBe(Open(files).ContentHash);
    }

    [Fact]
    public void Shapes_must_fit()
    {
        string labels = Classes("y.npy", NpyType.Int64, 0, 1, 2);
        Refusal(Files(Classes("y2.npy", NpyType.Int64, 0, 1))).ShouldContain("y2.npy: 2 targets for the 3 inputs");
        Refusal(Files(labels) with { Inputs = Numbers("a.npy", [6], Inputs) })
            .ShouldContain("a.npy: has shape (6,); inputs are (samples, dimension)");
        Refusal(Files(labels) with { Inputs = Numbers("a.npy", [0, 2], []) }).ShouldContain("has shape (0, 2)");
        Refusal(Files(Numbers("b.npy", [3], [1.0, 2, 3])))
            .ShouldContain("b.npy: has shape (3,) of <f8; targets are (samples,) of integers");
        Refusal(Files(labels) with { TestInputs = Numbers("c.npy", [1, 2], [1, 2]) }).ShouldContain("go together");
        Refusal(
                Files(labels) with
                {
                    TestInputs = Numbers("c.npy", [2, 1], [1, 2]),
                    TestTargets = Classes("d.npy", NpyType.Int64, 0, 1),
                }
            )
            .ShouldContain("c.npy: 1 columns; the training inputs have 2");
        Refusal(
                Files(labels) with
                {
                    TestInputs = Numbers("c.npy", [1, 2], [1, 2]),
                    TestTargets = Numbers("d.npy", [1, 1], [0]),
                }
            )
            .ShouldContain("d.npy: is not of the kind of the training targets");
    }

    [Fact]
    public void Values_that_are_not_finite_are_named()
    {
        string labels = Classes("y.npy", NpyType.Int64, 0, 1, 2);
        NpyDataSpec files = Files(labels) with { Inputs = Numbers("n.npy", [3, 2], [1, 2, 3, double.NaN, 5, 6]) };
        Refusal(files).ShouldContain("n.npy: row 1, column 1 is not a finite float64 number");
        files = Files(labels) with { Inputs = Numbers("n.npy", [3, 2], [1, 2, 3, 4, 1e300, 6]) };
        Open(files).Samples.ShouldBe(3);
        Refusal(files, Precision.Float32).ShouldContain("n.npy: row 2, column 0 is not a finite float32 number");
    }

    [Fact]
    public void Labels_are_classes_from_0()
    {
        Refusal(Files(Classes("y.npy", NpyType.Int64, 0, -1, 2)))
            .ShouldContain("y.npy: label -1 of row 1 is not a class");
        Refusal(Files(Classes("y.npy", NpyType.Int64, 0, 1L << 40, 2))).ShouldContain("label 1099511627776 of row 1");
    }

    [Fact]
    public void Missing_files_are_named()
    {
        HesseException failure = Should.Throw<HesseException>(() => Open(Files(_folder.PathOf("none.npy"))));
        failure.Code.ShouldBe(ExitCode.InputMissing);
        failure.Message.ShouldContain("none.npy: no such file");
    }
}
