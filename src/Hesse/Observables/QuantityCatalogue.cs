namespace Hesse.Observables;

/// <summary>All quantities, in the order in which they are listed to users: the one source of `hesse schema`, docs/spec.md and docs/results.md.</summary>
public static class QuantityCatalogue
{
    /// <summary>All quantities.</summary>
    public static IReadOnlyList<QuantityDescription> All { get; } =
    [.. TrainingQuantities.All, .. CurvatureQuantities.All, .. NoiseQuantities.All, .. DynamicsQuantities.All];

    /// <summary>The quantity of this name, or null.</summary>
    public static QuantityDescription? Find(string name) => All.FirstOrDefault(quantity => quantity.Name == name);
}
