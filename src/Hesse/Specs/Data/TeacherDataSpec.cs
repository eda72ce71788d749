using Hesse.Networks;

namespace Hesse.Specs;

/// <summary>Normal inputs, targets by a net with normal weights.</summary>
public sealed record TeacherDataSpec : RegressionDataSpec
{
    /// <summary>Widths of the teacher's hidden layers; empty for a linear teacher.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [10];

    /// <summary>phi of the teacher.</summary>
    public Activation Activation { get; init; } = Activation.Relu;

    /// <summary>d</summary>
    public int Dimension { get; init; } = 50;

    /// <summary>C</summary>
    public int Outputs { get; init; } = 1;

    /// <summary>N</summary>
    public int Samples { get; init; } = 1000;

    /// <summary>Number of test samples.</summary>
    public int TestSamples { get; init; }

    /// <summary>Standard deviations of the inputs: one for all coordinates, or one a coordinate.</summary>
    public IReadOnlyList<double> Scales { get; init; } = [1];

    internal override (int Samples, int TestSamples, int Dimension, int Outputs) Shape =>
        (Samples, TestSamples, Dimension, Outputs);

    internal static Variant<DataSpec> Keys() =>
        new Variant<DataSpec, TeacherDataSpec>(
            "teacher",
            "Normal inputs; the targets are the outputs of a net without biases and with weights N(0, 1 / fan-in).",
            new TeacherDataSpec(),
            new SpecKey<TeacherDataSpec, IReadOnlyList<int>>(
                "hidden",
                new ListKind<int>(new IntegerKind<int>(1, int.MaxValue)),
                s => s.Hidden,
                (s, v) => s with { Hidden = v },
                "Widths of the teacher's hidden layers; an empty list for a linear teacher."
            ),
            new SpecKey<TeacherDataSpec, Activation>(
                "activation",
                new ChoiceKind<Activation>(),
                s => s.Activation,
                (s, v) => s with { Activation = v },
                "Function between the teacher's layers."
            ),
            Whole<TeacherDataSpec>(
                "dimension",
                1,
                s => s.Dimension,
                (s, v) => s with { Dimension = v },
                "Input dimension."
            ),
            Whole<TeacherDataSpec>("outputs", 1, s => s.Outputs, (s, v) => s with { Outputs = v }, "Target columns."),
            Whole<TeacherDataSpec>(
                "samples",
                1,
                s => s.Samples,
                (s, v) => s with { Samples = v },
                "Number of training samples."
            ),
            Whole<TeacherDataSpec>(
                "test-samples",
                0,
                s => s.TestSamples,
                (s, v) => s with { TestSamples = v },
                "Number of test samples."
            ),
            new SpecKey<TeacherDataSpec, IReadOnlyList<double>?>(
                "scales",
                new OneOrListKind<double>(new NumberKind(0, open: true)),
                s => s.Scales,
                (s, v) => s with { Scales = v! },
                "Standard deviations of the inputs: one value, or one a coordinate."
            ),
            PerReplicaKey<TeacherDataSpec>()
        );
}
