using Hesse.Networks;
using Hesse.Specs;

namespace Hesse.Tests.Specs;

public sealed class RegressionDataKindsTests
{
    [Fact]
    public void Every_key_has_a_default()
    {
        Read("{kind: chebyshev}").ShouldBe(new ChebyshevDataSpec { Degree = 4, Points = 20 });
        Read("{kind: linear}")
            .ShouldBe(
                new LinearDataSpec
                {
                    Dimension = 50,
                    Outputs = 50,
                    Samples = 50,
                }
            );
        var decoupled = (DecoupledDataSpec)Read("{kind: decoupled}");
        (decoupled.Samples, decoupled.TestSamples, decoupled.PerReplica).ShouldBe((10_000, 0, false));
        decoupled.Scales.ShouldBe([1, 0.03125]);
        var teacher = (TeacherDataSpec)Read("{kind: teacher, scales: 2, per-replica: true}");
        (teacher.Dimension, teacher.Outputs, teacher.Samples, teacher.Activation, teacher.PerReplica).ShouldBe(
            (50, 1, 1000, Activation.Relu, true)
        );
        teacher.Hidden.ShouldBe([10]);
        teacher.Scales.ShouldBe([2.0]);
    }

    [Fact]
    public void What_is_read_is_written_again()
    {
        foreach (
            string kind in new[]
            {
                "chebyshev",
                "linear",
                "decoupled",
                "teacher, scales: [1, 2], dimension: 2",
                "image",
            }
        )
        {
            Spec spec = SpecText.Read(Text($"{{kind: {kind}}}", "mse"));
            SpecWriter.Canonical(SpecReader.Check(spec)).ShouldBe(SpecWriter.Canonical(spec));
        }
    }

    [Theory]
    [InlineData("{kind: chebyshev}", "cross-entropy", "loss: needs classes")]
    [InlineData("{kind: linear, outputs: 1}", "logistic", "loss: needs classes")]
    [InlineData("{kind: linear, samples: 49}", "mse", "data.samples: 49 samples span no 50 orthogonal columns")]
    [InlineData("{kind: decoupled, scales: []}", "mse", "data.scales: needs at least 1 value")]
    [InlineData("{kind: decoupled, scales: [0]}", "mse", "data.scales[0]: 0 is out of range")]
    [InlineData("{kind: decoupled, samples: 3}", "mse", "training.batch.size: 4 is more than the 3 training samples")]
    [InlineData("{kind: teacher, scales: [1, 2]}", "mse", "data.scales: has 2 values for dimension 50")]
    [InlineData("{kind: chebyshef}", "mse", "did you mean 'chebyshev'?")]
    [InlineData("{kind: chebyshev, per-replica: true}", "mse", "unknown key 'per-replica'")]
    public void Mistakes_are_named(string data, string loss, string message)
    {
        HesseException failure = Should.Throw<HesseException>(() => SpecText.Read(Text(data, loss)));
        failure.Code.ShouldBe(ExitCode.BadData);
        failure.Message.ShouldContain(message);
    }

    [Fact]
    public void Test_quantities_need_test_samples()
    {
        string text = Text("{kind: chebyshev}", "mse") + "observe: [{quantity: test-loss, every: 1}]\n";
        Should.Throw<HesseException>(() => SpecText.Read(text)).Message.ShouldContain("data of this kind have none");
        text = Text("{kind: decoupled}", "mse") + "observe: [{quantity: test-loss, every: 1}]\n";
        Should.Throw<HesseException>(() => SpecText.Read(text)).Message.ShouldContain("set data.test-samples");
        SpecText.Read(text.Replace("decoupled", "decoupled, test-samples: 5", StringComparison.Ordinal));
    }

    private static DataSpec Read(string data) => SpecText.Read(Text(data, "mse")).Data;

    private static string Text(string data, string loss) =>
        $$"""
            version: 1
            name: regression
            data: {{data}}
            network: {hidden: [3]}
            loss: {{loss}}
            training: {optimizer: {kind: sgd, step-size: 0.1}, batch: {size: 4, order: epochs}, steps: 10}

            """;
}
