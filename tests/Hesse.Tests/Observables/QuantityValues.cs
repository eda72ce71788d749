using Hesse.Backends;
using Hesse.Backends.Reference;
using Hesse.Data;
using Hesse.Observables;
using Hesse.Replicas;
using Hesse.Tests.Backends;

namespace Hesse.Tests.Observables;

/// <summary>Evaluates a quantity on points.</summary>
internal static class QuantityValues
{
    public static Dictionary<string, double[]> Of(
        string name,
        ReferenceCase it,
        IReadOnlyDictionary<string, string>? options = null,
        int? batch = null,
        IBackend? backend = null
    ) => Of(name, it.At(), options, batch, backend);

    /// <summary>The values of the quantity's parts by name, "" for the one without. (R, element shape)</summary>
    public static Dictionary<string, double[]> Of(
        string name,
        Points points,
        IReadOnlyDictionary<string, string>? options = null,
        int? batch = null,
        IBackend? backend = null,
        int first = 4
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
        double[] values = new double[points.Replicas * lengths.Sum()];
        Array.Fill(values, double.NegativeInfinity);
        using IBackend? own = backend is null ? new ReferenceBackend() : null;
        quantity.Evaluate(SnapshotOf(points, backend ?? own!, batch, first), values);
        Dictionary<string, double[]> found = [];
        for (int i = 0; i < lengths.Length; i++)
        {
            int from = lengths[..i].Sum();
            found.Add(
                parts[i].Name ?? string.Empty,
                [
                    .. Enumerable
                        .Range(0, points.Replicas)
                        .SelectMany(r => values.Skip((r * lengths.Sum()) + from).Take(lengths[i])),
                ]
            );
        }

        return found;
    }

    /// <summary>Points as replicas first, first + 1, ... at step 2 of an experiment with seed 3.</summary>
    public static Snapshot SnapshotOf(Points points, IBackend backend, int? batch = null, int first = 4) =>
        new()
        {
            Backend = backend,
            Network = points.Network,
            Replicas = points.Replicas,
            Seed = 3,
            Step = 2,
            ReplicaNumbers = [.. Enumerable.Range(first, points.Replicas)],
            Parameters = points.Parameters,
            Training = points.Data,
            Precision = points.Precision,
            Batches = batch is { } size ? Batches(points.Data, size) : null,
        };

    public static BatchIndices Batches(DataSet data, int size) =>
        new(3, data.Samples, new() { Size = size, Order = Hesse.Specs.BatchOrder.Epochs });
}
