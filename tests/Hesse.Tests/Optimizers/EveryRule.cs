using Hesse.Specs;

namespace Hesse.Tests.Optimizers;

/// <summary>Each update rule once, with numbers that are not its defaults and a step size that falls at step 3.</summary>
internal static class EveryRule
{
    private static readonly Schedule s_stepSize = new(0.1, 0.5, [3]);

    /// <summary>The rules by the name of their kind.</summary>
    public static IReadOnlyDictionary<string, OptimizerSpec> ByName { get; } =
        new Dictionary<string, OptimizerSpec>
        {
            ["sgd"] = new SgdSpec { StepSize = s_stepSize, WeightDecay = new(0.01) },
            ["momentum"] = new MomentumSpec
            {
                StepSize = s_stepSize,
                Momentum = new(0.8, 1.1, [2]),
                Dampening = new(0.2),
                WeightDecay = new(0.01),
            },
            ["nesterov"] = new NesterovSpec
            {
                StepSize = s_stepSize,
                Momentum = new(0.8),
                WeightDecay = new(0.01),
            },
            ["adam"] = new AdamSpec
            {
                StepSize = s_stepSize,
                Beta1 = new(0.7),
                Beta2 = new(0.9, 1.05, [4]),
                Epsilon = new(1e-3),
                WeightDecay = new(0.01),
            },
            ["adamw"] = new AdamWSpec
            {
                StepSize = s_stepSize,
                Beta1 = new(0.7),
                Beta2 = new(0.9),
                Epsilon = new(1e-3),
                WeightDecay = new(0.2),
            },
            ["rmsprop"] = new RmsPropSpec
            {
                StepSize = s_stepSize,
                Decay = new(0.9),
                Epsilon = new(1e-2),
            },
            ["adagrad"] = new AdagradSpec { StepSize = s_stepSize, Epsilon = new(1e-3) },
            ["mass"] = new MassSpec
            {
                StepSize = s_stepSize,
                SecondaryStepSize = new(0.03),
                Momentum = new(0.8),
            },
            ["pnm"] = new PnmSpec
            {
                StepSize = s_stepSize,
                Beta1 = new(0.8),
                Beta0 = new(0.7),
                WeightDecay = new(0.1),
            },
            ["adapnm"] = new AdaPnmSpec
            {
                StepSize = s_stepSize,
                Beta1 = new(0.8),
                Beta2 = new(0.9),
                Beta0 = new(0.7),
                Epsilon = new(1e-2),
            },
            ["sign-sgd"] = new SignSgdSpec { StepSize = s_stepSize },
        };

    /// <summary>The kinds that ask for more than a gradient; each has tests of its own.</summary>
    public static IReadOnlyList<string> StepByStep { get; } =
    ["adaptive-sgd", "preconditioned-sgd", "sgd-partial-hessian", "gradient-flow"];

    /// <summary>All names, each with and without rescaled weights.</summary>
    public static TheoryData<string, bool> Cases
    {
        get
        {
            TheoryData<string, bool> cases = [];
            foreach (string name in ByName.Keys)
            {
                cases.Add(name, false);
                cases.Add(name, true);
            }

            return cases;
        }
    }

    /// <summary>A rule of <see cref="Cases"/>.</summary>
    public static OptimizerSpec Find(string name, bool rescaleWeights) =>
        ByName[name] with
        {
            RescaleWeights = rescaleWeights,
        };
}
