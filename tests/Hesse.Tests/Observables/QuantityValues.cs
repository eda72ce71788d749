using Hesse.Backends;
using Hesse.Backends.Reference;
using Hesse.Data;
using Hesse.Observables;
using Hesse.Replicas;
using Hesse.Tests.Backends;

namespace Hesse.Tests.Observables;

/// <summary>Evaluates a quantity on one point.</summary>
internal static class QuantityValues
{
    public static Dictionary<string, double[]> Of(
        string name,
        ReferenceCase it,
        IReadOnlyDictionary<string, string>? options = null,
        int? batch = null,
        IBackend? backend = null
    ) => Of(name, it.At(), options, batch, backend);

    /// <summary>The values of the quantity's parts by name, "" for the one without.</summary>
    public static Dictionary<string, double[]> Of(
        string name,
        Points points,
        IReadOnlyDictionary<string, string>? options = null,
        int? batch = null,
        IBackend? backend = null
    )
    {
        Dictionary<string, string> all = Quantities.DefaultOptions(QuantityCatalogue.Find(name)!);
        foreach ((string option, string value) in options ?? new Dictionary<string, string>())
        {
            all[option] = value;
        }

        IQuantity quantity = Quantities.Get(name).With(all).ForSamples(points.Samples, batch);
        IReadOnlyList<QuantityPart> parts = quantity.Parts(points.Network, points.Samples);
        int[] lengths = [.. parts.Select(part => (int)part.ElementShape.Aggregate(1L, (x, y) => x * y))];
        double[] values = new double[lengths.Sum()];
        Array.Fill(values, double.NegativeInfinity);
        using IBackend? own = backend is null ? new ReferenceBackend() : null;
        quantity.Evaluate(
            new Snapshot
            {
                Backend = backend ?? own!,
                Network = points.Network,
                Replicas = 1,
                Seed = 3,
                Step = 2,
                ReplicaNumbers = [4],
                Parameters = points.Parameters,
                Training = points.Data,
                Precision = points.Precision,
                Batches = batch is { } size ? Batches(points.Data, size) : null,
            },
            values
        );
        Dictionary<string, double[]> found = [];
        int from = 0;
        for (int i = 0; i < lengths.Length; i++)
        {
            found.Add(parts[i].Name ?? string.Empty, values[from..(from + lengths[i])]);
            from += lengths[i];
        }

        return found;
    }

    public static BatchIndices Batches(DataSet data, int size) =>
        new(3, data.Samples, new() { Size = size, Order = Hesse.Specs.BatchOrder.Epochs });
}
