using MathNet.Numerics.Distributions;

namespace Hesse.Reports.Figures;

/// <summary>The change of the loss in one update beside its prediction to second order, and the standardised rest beside normal quantiles.</summary>
internal static class LossIncrement
{
    private const string Quantity = "loss-increment";

    /// <summary>The figures, where the quantity is observed.</summary>
    public static IEnumerable<Figure> Of(StoredSetting setting)
    {
        if (
            setting.Find(Quantity, "measured") is not { } measured
            || setting.Find(Quantity, "predicted-mean") is not { } predicted
        )
        {
            yield break;
        }

        if (measured.Times.Count > 1)
        {
            yield return new LineFamily
            {
                Name = Quantity,
                Label = new QuantityLabel(
                    "Loss increment, measured and predicted",
                    "Δ\u209c",
                    "Δ\u209c = L(θ\u209c₊₁) − L(θ\u209c) of each replica, and its expectation given θ\u209c to second order in the update."
                ),
                Times = measured.Times,
                Replicas = measured.Replicas,
                Lines =
                [
                    ("measured", time => measured.Read(time, [0])),
                    ("predicted mean", time => predicted.Read(time, [0])),
                ],
                Scale = values => AxisScale.SymLog(values),
            }.Draw(setting);
        }

        if (setting.Find(Quantity, "standardised") is { } standardised)
        {
            yield return new QuantileQuantile
            {
                Name = $"{Quantity}.normal-quantiles",
                Label = new QuantityLabel(
                    "Loss increment against the normal distribution",
                    "(Δ\u209c − predicted mean) / predicted sd",
                    "Quantiles over the replicas of the loss increment, less its predicted mean and divided by its predicted standard deviation, against those of N(0, 1). On the dashed line the prediction holds in full."
                ),
                Expected = "quantile of N(0, 1)",
                Quantile = level => Normal.InvCDF(0, 1, level),
                Array = standardised,
            }.Draw();
        }
    }
}
