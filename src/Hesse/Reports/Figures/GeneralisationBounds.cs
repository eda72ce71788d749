namespace Hesse.Reports.Figures;

/// <summary>What twins and the information bound say of generalisation, beside the gap that is measured.</summary>
internal static class GeneralisationBounds
{
    private const string Twins = "stability-twins";
    private const string Information = "information-bound";

    /// <summary>Parts that these figures show.</summary>
    public static IReadOnlyList<string> Scalars { get; } =
    [
        Twins,
        $"{Twins}.bound-over-smoothness",
        $"{Twins}.loss-sum",
        Information,
        $"{Information}.gap",
        $"{Information}.variance",
        $"{Information}.sensitivity",
        $"{Information}.output",
    ];

    /// <summary>The figures of those that are observed at two steps or more.</summary>
    public static IEnumerable<Figure> Of(StoredSetting setting)
    {
        if (setting.Find(Twins) is { Times.Count: > 1 } twins)
        {
            yield return Family(
                setting,
                twins,
                Twins,
                new QuantityLabel(
                    "Stability: distance of twins whose data differ in one sample",
                    "squared distance",
                    "Mean squared distance between θ\u209c and twins with the same start and the same rows; and its bound 8(1 + t/N)/N Σ η² L, to be multiplied by the loss's smoothness."
                ),
                [(null, "measured"), ("bound-over-smoothness", "bound, divided by the smoothness")]
            );
        }

        if (setting.Find(Information) is { Times.Count: > 1 } information)
        {
            yield return Family(
                setting,
                information,
                Information,
                new QuantityLabel(
                    "Information-theoretic bound and generalisation gap",
                    "loss",
                    "The bound on the expected gap from the mutual information of noisy SGD, and the gap itself: test loss minus training loss."
                ),
                [(null, "bound"), ("gap", "gap")],
                values => AxisScale.SymLog(values)
            );
            yield return Family(
                setting,
                information,
                $"{Information}.terms",
                new QuantityLabel(
                    "Terms of the information-theoretic bound",
                    "term",
                    "What the variance of the gradients along the path, its sensitivity and the output at its end add to the bound."
                ),
                [("variance", "variance"), ("sensitivity", "sensitivity"), ("output", "output")],
                values => AxisScale.SymLog(values)
            );
        }
    }

    private static Figure Family(
        StoredSetting setting,
        StoredArray first,
        string name,
        QuantityLabel label,
        (string? Part, string Name)[] parts,
        Func<IReadOnlyList<double>, AxisScale>? scale = null
    ) =>
        new LineFamily
        {
            Name = name,
            Label = label,
            Times = first.Times,
            Replicas = first.Replicas,
            Lines = [.. LineFamily.Parts(setting, first.Layout.Quantity, parts)],
            Scale = scale,
        }.Draw(setting);
}
