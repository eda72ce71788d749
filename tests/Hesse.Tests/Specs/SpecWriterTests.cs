using Hesse.Specs;

namespace Hesse.Tests.Specs;

public sealed class SpecWriterTests
{
    private const string Empty = "";

    [Fact]
    public void Canonical_form_is_pinned() =>
        SpecWriter
            .Canonical(SpecText.Read(SpecText.Minimal))
            .ShouldBe(
                """{"data":{"classes":10,"dimension":50,"kind":"gauss","mean-scale":4,"noise-scale":2,"per-replica":false,"random-labels":0,"samples":100,"test-samples":0},"loss":"cross-entropy","name":"tiny","network":{"activation":"relu","bias":true,"hidden":[10,30],"initialization":"pytorch","shared-initialization":false},"observation-precision":"float64","observe":[],"precision":"float32","replicas":1,"seed":0,"statistics":{"quantiles":[0.05,0.25,0.5,0.75,0.95]},"sweep":{},"training":{"batch":{"order":"epochs","size":5},"optimizer":{"kind":"sgd","step-size":0.1,"weight-decay":0},"steps":20},"version":1}"""
            );

    [Fact]
    public void Identity_is_pinned() =>
        // Computed once; a change means that results of earlier versions no longer belong to their specs.
        SpecWriter
            .Identity(SpecText.Read(SpecText.Minimal))
            .ShouldBe("4a8623ff75493bafede801f4b56fdc55331fb2876d000bd105750021be7d4dba");

    [Fact]
    public void Order_of_keys_and_language_do_not_matter()
    {
        Spec spec = SpecText.Read(SpecText.Full);
        string turned = string.Join('\n', SpecText.Minimal.Trim().Split('\n').Reverse());

        SpecWriter.Canonical(SpecText.Read(turned)).ShouldBe(SpecWriter.Canonical(SpecText.Read(SpecText.Minimal)));
        SpecWriter.Canonical(SpecText.ReadJson(SpecWriter.Pretty(spec))).ShouldBe(SpecWriter.Canonical(spec));
        SpecWriter.Canonical(SpecText.ReadJson(SpecWriter.Canonical(spec))).ShouldBe(SpecWriter.Canonical(spec));
        SpecWriter.Canonical(SpecText.ReadJson(SpecWriter.Sparse(spec))).ShouldBe(SpecWriter.Canonical(spec));
    }

    [Theory]
    [InlineData("step-size: 0.1", "step-size: 1e-1")]
    [InlineData("step-size: 0.1", "step-size: 0.10000000000000000")]
    [InlineData("mean-scale: 4.0", "mean-scale: 4")]
    [InlineData("weight-decay: 0", "weight-decay: -0.0")]
    [InlineData("seed: 7", "seed: 0x7")]
    [InlineData("bias: true", "bias: [true, true, true]")]
    [InlineData("gain: 1.5", "gain: [1.5, 1.5, 1.5]")]
    [InlineData("weight-decay: 0", "weight-decay: {start: 0, factor: 1, milestones: [3]}")]
    public void Two_ways_to_say_the_same_have_one_form(string one, string other) =>
        SpecWriter
            .Canonical(SpecText.Read(SpecText.With(one, other)))
            .ShouldBe(SpecWriter.Canonical(SpecText.Read(SpecText.Full)));

    [Theory]
    [InlineData("name: tiny", "name: other")]
    [InlineData("replicas: 3", "replicas: 4")]
    [InlineData("quantity: trace, log-spaced: 3", "quantity: hessian-spectrum, at: [3]")]
    [InlineData("quantiles: [0.25, 0.5]", "quantiles: [0.5]")]
    [InlineData("name: tiny", "name: tiny\nsweep: {seed: [1, 2]}")]
    public void Identity_leaves_out_what_changes_no_number(string old, string changed) =>
        SpecWriter
            .Identity(SpecText.Read(SpecText.With(old, changed)))
            .ShouldBe(SpecWriter.Identity(SpecText.Read(SpecText.Full)));

    [Theory]
    [InlineData("seed: 7", "seed: 8")]
    [InlineData("\nprecision: float32", "\nprecision: float64")]
    [InlineData("observation-precision: float64", "observation-precision: float32")]
    [InlineData("classes: 10", "classes: 9")]
    [InlineData("dimension: 50", "dimension: 51")]
    [InlineData("samples: 100", "samples: 101")]
    [InlineData("test-samples: 20", "test-samples: 21")]
    [InlineData("mean-scale: 4.0", "mean-scale: 4.000000000000001")]
    [InlineData("noise-scale: 2.0", "noise-scale: 2.5")]
    [InlineData("random-labels: 0.1", "random-labels: 0.2")]
    [InlineData("per-replica: false", "per-replica: true")]
    [InlineData("hidden: [10, 30]", "hidden: [30, 10]")]
    [InlineData("relu", "tanh")]
    [InlineData("bias: true", "bias: [true, false, true]")]
    [InlineData("he-normal", "he-uniform")]
    [InlineData("gain: 1.5", "gain: [1.5, 1.5, 1]")]
    [InlineData("shared-initialization: true", "shared-initialization: false")]
    [InlineData("loss: cross-entropy", "loss: mse")]
    [InlineData("step-size: 0.1", "step-size: 0.2")]
    [InlineData("step-size: 0.1", "step-size: {start: 0.1, factor: 0.5, milestones: [3]}")]
    [InlineData("weight-decay: 0", "weight-decay: 0.1")]
    [InlineData("size: 5", "size: 6")]
    [InlineData("order: epochs", "order: sequential")]
    [InlineData("  steps: 20", "  steps: 21")]
    public void Identity_changes_with_everything_else(string old, string changed) =>
        SpecWriter
            .Identity(SpecText.Read(SpecText.With(old, changed)))
            .ShouldNotBe(SpecWriter.Identity(SpecText.Read(SpecText.Full)));

    [Fact]
    public void Files_enter_the_identity_by_content_and_not_by_path()
    {
        string Text(string inputs, string initial) =>
            SpecText
                .Minimal.Replace("{kind: gauss}", $"{{kind: npy, inputs: {inputs}, targets: y.npy}}")
                .Replace("[10, 30]", $"[10, 30], initialization: npy, initial-parameters: {initial}");
        Spec here = SpecText.Read(Text("x.npy", "p.npy"));
        Spec there = SpecText.Read(Text("/elsewhere/x.npy", "/elsewhere/p.npy"));

        SpecWriter.Identity(there, "aa", "bb").ShouldBe(SpecWriter.Identity(here, "aa", "bb"));
        SpecWriter.Identity(here, "ab", "bb").ShouldNotBe(SpecWriter.Identity(here, "aa", "bb"));
        SpecWriter.Identity(here, "aa", "bc").ShouldNotBe(SpecWriter.Identity(here, "aa", "bb"));
        SpecWriter.Identity(here, "aa", Empty).ShouldNotBe(SpecWriter.Identity(here, Empty, "aa"));
    }

    [Fact]
    public void Resolved_spec_keeps_how_times_were_asked_for()
    {
        Spec spec = SpecText.ReadJson(SpecWriter.Pretty(SpecText.Read(SpecText.Full)));

        spec.Observe[0].Every.ShouldBe(5);
        spec.Observe[1].Times.ShouldBe([0, 20]);
        spec.Observe[2].LogSpaced.ShouldBe(3);
        spec.Observe[2].Times.ShouldBe([0, 1, 4, 20]);
    }
}
