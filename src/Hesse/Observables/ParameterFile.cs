using Hesse.Networks;
using Hesse.Stores;

namespace Hesse.Observables;

/// <summary>
/// The user's arrays by the ending of their file: .npy holds one array; .safetensors holds the weights and biases of a net by
/// name, which are put into the network's flat order, or one array alone.
/// </summary>
internal static class ParameterFile
{
    private const string Ending = ".safetensors";
    private const string Weight = "weight";
    private const string Bias = "bias";

    /// <summary>One array.</summary>
    /// <exception cref="HesseException">65: the file holds several.</exception>
    public static NpyArray ReadArray(string path)
    {
        if (!IsSafetensors(path))
        {
            return NpyFile.Read(path);
        }

        IReadOnlyList<NamedArray> tensors = SafetensorsFile.Read(path);
        return tensors is [{ Values: var values }]
            ? values
            : throw new HesseException(
                ExitCode.BadData,
                $"{path} holds {tensors.Count} tensors ({Names(tensors)}); needed here: one"
            );
    }

    /// <summary>
    /// Parameters (P) or (R,P). From named tensors: the ones whose names end in weight, of shape (d_l, d_{l-1}) or
    /// (R, d_l, d_{l-1}), each with the tensor of the same name that ends in bias. A layer takes the tensor of its shape; where
    /// several layers have one shape, their tensors follow each other in the natural order of their names.
    /// </summary>
    /// <exception cref="HesseException">65: no assignment of tensors to layers, or not the only one.</exception>
    public static NpyArray ReadParameters(string path, Network network)
    {
        if (!IsSafetensors(path))
        {
            return NpyFile.Read(path);
        }

        IReadOnlyList<NamedArray> tensors = SafetensorsFile.Read(path);
        if (
            tensors is [{ Values: { Shape.Count: <= 2 } flat } only]
            && !only.Name.EndsWith(Weight, StringComparison.Ordinal)
        )
        {
            return flat;
        }

        List<NamedArray> weights = [.. tensors.Where(tensor => tensor.Name.EndsWith(Weight, StringComparison.Ordinal))];
        bool replicas = weights.Count > 0 && weights[0].Values.Shape.Count == 3;
        int count = replicas ? checked((int)weights[0].Values.Shape[0]) : 1;
        double[] parameters = new double[checked(count * network.ParameterCount)];
        HashSet<string> used = new(StringComparer.Ordinal);
        for (int layer = 1; layer <= network.Layers; layer++)
        {
            NamedArray weight = WeightsOf(layer, network, weights, replicas, count, path);
            Copy(weight, network.WeightOffset(layer), network, count, parameters);
            used.Add(weight.Name);
            if (network.HasBias(layer))
            {
                NamedArray bias = BiasOf(layer, weight.Name, network, tensors, replicas, count, path);
                Copy(bias, network.BiasOffset(layer), network, count, parameters);
                used.Add(bias.Name);
            }
        }

        string[] left = [.. tensors.Select(tensor => tensor.Name).Where(name => !used.Contains(name))];
        return left.Length == 0
            ? new NpyArray(
                NpyType.Float64,
                replicas ? [count, network.ParameterCount] : [network.ParameterCount],
                parameters
            )
            : throw new HesseException(
                ExitCode.BadData,
                $"{path}: {string.Join(", ", left)} belongs to no layer of the net {Describe(network)}"
            );
    }

    private static NamedArray WeightsOf(
        int layer,
        Network network,
        List<NamedArray> weights,
        bool replicas,
        int count,
        string path
    )
    {
        long[] shape = Shape(replicas, count, network.Widths[layer], network.Widths[layer - 1]);
        NamedArray[] fitting = [.. weights.Where(tensor => tensor.Values.Shape.SequenceEqual(shape))];
        int[] alike =
        [
            .. Enumerable
                .Range(1, network.Layers)
                .Where(other =>
                    network.Widths[other] == network.Widths[layer]
                    && network.Widths[other - 1] == network.Widths[layer - 1]
                ),
        ];
        return fitting.Length == alike.Length
            ? fitting[Array.IndexOf(alike, layer)]
            : throw new HesseException(
                ExitCode.BadData,
                $"{path} holds {fitting.Length} weight tensors of shape {NpyHeader.Format(shape)}; "
                    + $"the net {Describe(network)} has {alike.Length} such layers (weights there: {Names(weights)})"
            );
    }

    private static NamedArray BiasOf(
        int layer,
        string weight,
        Network network,
        IReadOnlyList<NamedArray> tensors,
        bool replicas,
        int count,
        string path
    )
    {
        string name = weight[..^Weight.Length] + Bias;
        NamedArray bias =
            tensors.FirstOrDefault(tensor => string.Equals(tensor.Name, name, StringComparison.Ordinal))
            ?? throw new HesseException(
                ExitCode.BadData,
                $"{path} has no {name}; say --no-bias, or --bias with one value a layer, where a layer has none"
            );
        long[] shape = Shape(replicas, count, network.Widths[layer]);
        return bias.Values.Shape.SequenceEqual(shape)
            ? bias
            : throw new HesseException(
                ExitCode.BadData,
                $"{path}: {name} has shape {NpyHeader.Format(bias.Values.Shape)}; needed: {NpyHeader.Format(shape)}"
            );
    }

    /// <summary>A tensor (R, ...) or (...) into its place of every parameter vector.</summary>
    private static void Copy(NamedArray tensor, int offset, Network network, int count, double[] parameters)
    {
        double[] values = tensor.Values.ToDoubles();
        int length = values.Length / count;
        for (int r = 0; r < count; r++)
        {
            values.AsSpan(r * length, length).CopyTo(parameters.AsSpan((r * network.ParameterCount) + offset));
        }
    }

    private static long[] Shape(bool replicas, int count, params ReadOnlySpan<long> axes) =>
        replicas ? [count, .. axes] : [.. axes];

    private static bool IsSafetensors(string path) => path.EndsWith(Ending, StringComparison.OrdinalIgnoreCase);

    private static string Describe(Network network) => string.Join('-', network.Widths.ToArray());

    private static string Names(IReadOnlyList<NamedArray> tensors) =>
        tensors.Count == 0
            ? "none"
            : string.Join(
                ", ",
                tensors.Take(8).Select(tensor => $"{tensor.Name} {NpyHeader.Format(tensor.Values.Shape)}")
            ) + (tensors.Count > 8 ? ", ..." : string.Empty);
}
