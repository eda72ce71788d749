using Hesse.Specs;

namespace Hesse.Tests.Specs;

public sealed class OptimizerKindsTests
{
    [Theory]
    [InlineData("adam", 1e-3)]
    [InlineData("adamw", 1e-3)]
    [InlineData("rmsprop", 0.01)]
    [InlineData("adagrad", 0.01)]
    [InlineData("adapnm", 1e-3)]
    public void Step_size_has_the_default_of_the_rules_source(string kind, double stepSize)
    {
        OptimizerSpec optimizer = Read($"{{kind: {kind}}}");
        double found = optimizer switch
        {
            AdamSpec adam => adam.StepSize.Start,
            AdamWSpec adamw => adamw.StepSize.Start,
            RmsPropSpec rmsprop => rmsprop.StepSize.Start,
            AdagradSpec adagrad => adagrad.StepSize.Start,
            _ => ((AdaPnmSpec)optimizer).StepSize.Start,
        };
        found.ShouldBe(stepSize);
    }

    [Fact]
    public void Other_numbers_have_the_defaults_of_the_rules_source()
    {
        Read("{kind: momentum, step-size: 0.1, momentum: 0.9}")
            .ShouldBe(
                new MomentumSpec
                {
                    StepSize = new(0.1),
                    Momentum = new(0.9),
                    Dampening = new(0),
                    WeightDecay = new(0),
                }
            );
        Read("{kind: adamw}")
            .ShouldBe(
                new AdamWSpec
                {
                    Beta1 = new(0.9),
                    Beta2 = new(0.999),
                    Epsilon = new(1e-8),
                    WeightDecay = new(0.01),
                }
            );
        Read("{kind: adam}").ShouldBe(new AdamSpec { WeightDecay = new(0) });
        Read("{kind: rmsprop}").ShouldBe(new RmsPropSpec { Decay = new(0.99), Epsilon = new(1e-8) });
        Read("{kind: adagrad}").ShouldBe(new AdagradSpec { Epsilon = new(1e-10) });
        Read("{kind: pnm, step-size: 1}")
            .ShouldBe(
                new PnmSpec
                {
                    StepSize = new(1),
                    Beta1 = new(0.9),
                    Beta0 = new(1),
                    WeightDecay = new(0),
                }
            );
        Read("{kind: adaptive-sgd}").ShouldBe(new AdaptiveSgdSpec { StepSize = new(1), Refresh = 1 });
        Read("{kind: preconditioned-sgd, step-size: 1, from: second-moment}")
            .ShouldBe(
                new PreconditionedSgdSpec
                {
                    StepSize = new(1),
                    From = PreconditionerSource.SecondMoment,
                    Epsilon = new(1e-8),
                    Decay = new(0.99),
                }
            );
        Read("{kind: sgd-partial-hessian, step-size: 0.1, beta: 0.9}")
            .ShouldBe(
                new SgdPartialHessianSpec
                {
                    StepSize = new(0.1),
                    Beta = new(0.9),
                    Momentum = new(0.9),
                    Scale = new(1e-3),
                    Epsilon = new(1e-4),
                }
            );
        Read("{kind: adapnm}")
            .ShouldBe(
                new AdaPnmSpec
                {
                    Beta1 = new(0.9),
                    Beta2 = new(0.999),
                    Beta0 = new(1),
                    Epsilon = new(1e-8),
                }
            );
    }

    [Theory]
    [InlineData("sgd", "step-size")]
    [InlineData("momentum", "step-size")]
    [InlineData("nesterov", "step-size")]
    [InlineData("nesterov", "momentum")]
    [InlineData("mass", "step-size")]
    [InlineData("mass", "secondary-step-size")]
    [InlineData("mass", "momentum")]
    [InlineData("pnm", "step-size")]
    [InlineData("sign-sgd", "step-size")]
    [InlineData("preconditioned-sgd", "step-size")]
    [InlineData("preconditioned-sgd", "from")]
    [InlineData("sgd-partial-hessian", "step-size")]
    [InlineData("sgd-partial-hessian", "beta")]
    public void Numbers_without_a_default_are_required(string kind, string key) =>
        Should
            .Throw<HesseException>(() => Read($"{{kind: {kind}}}"))
            .Message.ShouldContain($"training.optimizer.{key}: this key is required and missing");

    [Theory]
    [InlineData("{kind: adam, beta1: 1}", "training.optimizer.beta1: 1 is out of range: 0 .. below 1")]
    [InlineData("{kind: rmsprop, epsilon: -1}", "training.optimizer.epsilon: -1 is out of range: must be at least 0")]
    [InlineData("{kind: adagrad, decay: 0.9}", "unknown key 'decay'")]
    [InlineData("{kind: adam, beta: 0.9}", "unknown key 'beta'; did you mean 'beta1'?")]
    [InlineData(
        "{kind: adam, beta1: {start: 0.9, factor: 1.1, milestones: [5, 9]}}",
        "training.optimizer.beta1: becomes 1.089 at step 9, out of range: 0 .. below 1"
    )]
    [InlineData("{kind: sgd, step-size: {start: 1, factor: 0.5}}", "factor and milestones go together")]
    [InlineData("{kind: sgd, step-size: {start: 1, milestones: [3]}}", "factor and milestones go together")]
    [InlineData("{kind: gradient-flow, method: euler}", "unknown value 'euler'; valid: rk4, adaptive, central")]
    [InlineData(
        "{kind: gradient-flow, method: central}, batch: {order: full}",
        "training.optimizer: method central needs step-size"
    )]
    [InlineData(
        "{kind: gradient-flow, step-size: 0.1}, batch: {order: full}",
        "training.optimizer.step-size: is only read with method: central"
    )]
    [InlineData(
        "{kind: gradient-flow, method: central, step-size: 0.1}, batch: {order: full}",
        "precision: method central takes differences"
    )]
    [InlineData("{kind: gradient-flow}", "training.batch.order: gradient-flow follows the gradient of all samples")]
    [InlineData("{kind: adaptive-sgd, refresh: 0}", "training.optimizer.refresh: 0 is out of range")]
    [InlineData(
        "{kind: preconditioned-sgd, step-size: 1, from: hessian}",
        "from: unknown value 'hessian'; valid: gradient"
    )]
    [InlineData("{kind: momentm, step-size: 1}", "unknown kind 'momentm'; did you mean 'momentum'?")]
    public void A_wrong_number_or_key_is_named(string optimizer, string message) =>
        Should.Throw<HesseException>(() => Read(optimizer)).Message.ShouldContain(message);

    [Fact]
    public void Every_rule_takes_rescale_weights_and_schedules_and_survives_writing()
    {
        foreach ((string name, OptimizerSpec rule) in Optimizers.EveryRule.ByName)
        {
            Spec spec = SpecText.Read(SpecText.Minimal);
            OptimizerSpec optimizer = rule with { RescaleWeights = true };
            spec = spec with { Training = spec.Training with { Optimizer = optimizer } };
            string written = SpecWriter.Canonical(spec);
            written.ShouldContain("\"rescale-weights\"", Case.Sensitive, name);
            SpecReader.Check(spec).Training.Optimizer.GetType().ShouldBe(rule.GetType());
            SpecReader.Check(spec).Training.Optimizer.RescaleWeights.ShouldBeTrue(name);
            SpecWriter.Canonical(SpecReader.Check(spec)).ShouldBe(written);
        }
    }

    [Fact]
    public void Identity_does_not_know_of_weights_that_are_not_rescaled()
    {
        string without = SpecWriter.Identity(SpecText.Read(SpecText.Minimal));
        string off = SpecText.Minimal.Replace(
            "kind: sgd,",
            "kind: sgd, rescale-weights: false,",
            StringComparison.Ordinal
        );
        string on = SpecText.Minimal.Replace(
            "kind: sgd,",
            "kind: sgd, rescale-weights: true,",
            StringComparison.Ordinal
        );
        SpecWriter.Identity(SpecText.Read(off)).ShouldBe(without);
        SpecWriter.Identity(SpecText.Read(on)).ShouldNotBe(without);
    }

    private static OptimizerSpec Read(string optimizer) =>
        SpecText
            .Read(SpecText.Minimal.Replace("{kind: sgd, step-size: 0.1}", optimizer, StringComparison.Ordinal))
            .Training.Optimizer;
}
