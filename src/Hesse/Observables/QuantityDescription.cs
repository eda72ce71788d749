namespace Hesse.Observables;

/// <summary>A quantity that a run can observe or a probe can measure.</summary>
/// <param name="Name">Its one name: in specs, array files and figures.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Shape">Shape of its array in a finished run: R replicas, T times, N samples, C outputs, P parameters; of the parts without one of their own too.</param>
/// <param name="NeedsTestData">Whether the data must hold test samples.</param>
public sealed record QuantityDescription(string Name, string Summary, string Shape, bool NeedsTestData = false)
{
    /// <summary>What is computed, in the notation of docs/numerics.md.</summary>
    public string Formula { get; init; } = string.Empty;

    /// <summary>Where it is from: papers by their arXiv numbers; empty for what needs none.</summary>
    public string Source { get; init; } = string.Empty;

    /// <summary>Whether it has an array without a part's name.</summary>
    public bool HasMain { get; init; } = true;

    /// <summary>Its further arrays.</summary>
    public IReadOnlyList<PartDescription> Parts { get; init; } = [];

    /// <summary>What can be asked for beside the name.</summary>
    public IReadOnlyList<QuantityOption> Options { get; init; } = [];

    /// <summary>Everything that an editor shows: sentence, shape, formula and parts.</summary>
    internal string Whole =>
        $"{Summary} Shape {Shape}. {(HasMain ? $"Formula: {Formula}." : $"{Formula}.")}"
        + string.Concat(Parts.Select(part => $" Part {part.Name} {part.Shape}: {part.Formula}."))
        + (Source.Length > 0 ? $" Source: {Source}." : string.Empty)
        + (NeedsTestData ? " Needs test data." : string.Empty);
}

/// <summary>One of the arrays of a quantity, NAME.part.npy.</summary>
/// <param name="Name">Name of the part.</param>
/// <param name="Shape">Shape of its array in a finished run.</param>
/// <param name="Formula">What it holds.</param>
/// <param name="When">The condition under which it is there; empty for always.</param>
public sealed record PartDescription(string Name, string Shape, string Formula, string When = "");
