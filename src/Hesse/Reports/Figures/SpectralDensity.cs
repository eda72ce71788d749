namespace Hesse.Reports.Figures;

/// <summary>The density of the Hessian's eigenvalues from the nodes and weights of stochastic Lanczos quadrature.</summary>
internal static class SpectralDensity
{
    private const int MostSteps = 4;

    /// <summary>The figure, where the quantity is observed.</summary>
    public static IEnumerable<Figure> Of(StoredSetting setting)
    {
        if (
            setting.Find("spectral-density", "nodes") is not { } nodes
            || setting.Find("spectral-density", "weights") is not { } weights
        )
        {
            yield break;
        }

        int probes = (int)nodes.Layout.ElementShape[0];
        QuantityLabel label = QuantityLabel.Of("spectral-density");
        int[] shown = Thinning.Even(nodes.Times.Count, MostSteps);
        Densities densities = new(
            "spectral-density",
            label with
            {
                Definition =
                    $"{label.Definition} {probes} probes of {nodes.Layout.ElementShape[1]} iterations for each replica.",
            },
            "eigenvalue λ(H)",
            [.. shown.Select(i => nodes.Times[i])],
            nodes.Times.Count,
            nodes.Width,
            (i, receive) => Visit(nodes, weights, shown[i], probes, receive)
        )
        {
            LogarithmFirst = setting.Spec.Observe.Any(one =>
                one.Quantity == "spectral-density" && one.Choice("scale") == "log"
            ),
        };
        yield return densities.Draw(setting, nodes.Replicas);
    }

    // Each probe's weights sum to 1; the estimate is the mean over the probes.
    private static void Visit(StoredArray nodes, StoredArray weights, int time, int probes, Densities.Receiver receive)
    {
        double[] all = weights.Read(time, [.. Enumerable.Range(0, weights.Width)]);
        for (int i = 0; i < all.Length; i++)
        {
            all[i] /= probes;
        }

        nodes.Visit(
            time,
            (replica, numbers) => receive(replica, numbers.Span, all.AsSpan(replica * weights.Width, weights.Width))
        );
    }
}
