namespace Hesse.Reports.Figures;

/// <summary>The scale-invariant PAC-Bayes bound beside the errors that it bounds, and the terms of its divergence (docs/numerics.md, section 12).</summary>
internal static class PacBayes
{
    private const string Quantity = "pac-bayes-bound";

    /// <summary>Parts that these figures show.</summary>
    public static IReadOnlyList<string> Scalars { get; } =
    [
        Quantity,
        $"{Quantity}.pinsker",
        $"{Quantity}.gibbs-error",
        $"{Quantity}.train-error",
        $"{Quantity}.test-error",
        $"{Quantity}.divergence",
        $"{Quantity}.effective-curvature",
        $"{Quantity}.weighted-norm",
    ];

    /// <summary>Bound and errors; terms; terms by layers. Where they are observed at two steps or more.</summary>
    public static IEnumerable<Figure> Of(StoredSetting setting)
    {
        if (setting.Find(Quantity) is not { Times.Count: > 1 } bound)
        {
            yield break;
        }

        (string? Part, string Name)[] errors =
        [
            (null, "bound"),
            ("pinsker", "bound by Pinsker's inequality"),
            ("gibbs-error", "training error of Q"),
            ("train-error", "training error of θ\u209c"),
            ("test-error", "test error of θ\u209c"),
        ];
        yield return new LineFamily
        {
            Name = Quantity,
            Label = new QuantityLabel(
                "PAC-Bayes bound and errors",
                "share of wrong answers",
                "The bound holds with probability 1 − δ for the error of the normal distribution Q around θ\u209c; beside it the errors on the training set and on the test set.",
                MayBeLog: false
            ),
            Times = bound.Times,
            Replicas = bound.Replicas,
            Lines = [.. LineFamily.Parts(setting, Quantity, errors)],
        }.Draw(setting);
        (string?, string)[] terms =
        [
            ("divergence", "both"),
            ("effective-curvature", "effective curvature"),
            ("weighted-norm", "weighted distance from the initial point"),
        ];
        yield return new LineFamily
        {
            Name = $"{Quantity}.terms",
            Label = new QuantityLabel(
                "Terms of the PAC-Bayes bound",
                "nats",
                "The divergence of Q from the prior is the sum of the effective curvature and of the weighted distance from the initial point."
            ),
            Times = bound.Times,
            Replicas = bound.Replicas,
            Lines = [.. LineFamily.Parts(setting, Quantity, terms)],
        }.Draw(setting);
        foreach (
            (string part, string title) in ((string, string)[])
                [
                    ("layer-curvature", "Effective curvature of each layer"),
                    ("layer-norm", "Weighted distance of each layer from its initial point"),
                ]
        )
        {
            if (setting.Find(Quantity, part) is { Width: > 1 } layers)
            {
                yield return new LineFamily
                {
                    Name = $"{Quantity}.{part}",
                    Label = new QuantityLabel(title, "nats", "The layers' shares of the term of that name."),
                    Times = layers.Times,
                    Replicas = layers.Replicas,
                    Lines =
                    [
                        .. Enumerable
                            .Range(0, layers.Width)
                            .Select(layer =>
                                ($"layer {layer + 1}", (Func<int, double[]>)(time => layers.Read(time, [layer])))
                            ),
                    ],
                }.Draw(setting);
            }
        }
    }
}
