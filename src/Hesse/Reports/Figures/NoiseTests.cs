namespace Hesse.Reports.Figures;

/// <summary>Tests of normality of the gradient noise, and its tail index.</summary>
internal static class NoiseTests
{
    private const string Gaussianity = "noise-gaussianity";
    private const string Tail = "tail-index";
    private const int MostEigenvectors = 3;

    /// <summary>Share of accepted directions, p-values against the uniform distribution, and tail index, where they are observed.</summary>
    public static IEnumerable<Figure> Of(StoredSetting setting)
    {
        (string Part, string Name)[] shares =
        [
            ("accepted", "noise, Shapiro\u2013Wilk"),
            ("gaussian-accepted", "normal numbers, Shapiro\u2013Wilk"),
            ("anderson-darling-accepted", "noise, Anderson\u2013Darling"),
            ("gaussian-anderson-darling-accepted", "normal numbers, Anderson\u2013Darling"),
        ];
        if (setting.Find(Gaussianity, "accepted") is { Times.Count: > 1 } accepted)
        {
            yield return new LineFamily
            {
                Name = $"{Gaussianity}.accepted",
                Label = new QuantityLabel(
                    "Directions in which the gradient noise passes as normal",
                    "share accepted at 5 %",
                    "The share of random directions in which a test at the level 5 % does not reject normality of the mini-batch noise, and the same of as many samples of normal numbers.",
                    MayBeLog: false
                ),
                Times = accepted.Times,
                Replicas = accepted.Replicas,
                Lines = [.. Lines(setting, Gaussianity, shares)],
                Scale = _ => new AxisScale(ScaleKind.Linear, 0, 1, 0),
            }.Draw(setting);
        }

        if (setting.Find(Gaussianity, "shapiro-wilk") is { Times.Count: > 1 } statistics)
        {
            yield return new LineFamily
            {
                Name = $"{Gaussianity}.shapiro-wilk",
                Label = new QuantityLabel(
                    "Shapiro\u2013Wilk statistic of the gradient noise by direction",
                    "W",
                    "W of the mini-batch noise, 1 for a normal sample: along random directions (the median over them), along the gradient, and along the eigenvectors of the Hessian's largest eigenvalues.",
                    MayBeLog: false
                ),
                Times = statistics.Times,
                Replicas = statistics.Replicas,
                Lines = [("random directions (median)", time => Medians(statistics, time)), .. Special(setting)],
            }.Draw(setting);
        }

        if (setting.Find(Gaussianity, "p-value") is { } values)
        {
            yield return new QuantileQuantile
            {
                Name = $"{Gaussianity}.p-value-quantiles",
                Label = new QuantityLabel(
                    "p-values of the Shapiro\u2013Wilk test against the uniform distribution",
                    "p-value",
                    "Quantiles of the p-values of all replicas and directions, which are uniform (dashed) where the noise is normal; directions share their mini-batches."
                ),
                Expected = "quantile of U(0, 1)",
                Quantile = level => level,
                Array = values,
            }.Draw();
        }

        if (setting.Find(Tail, "directions") is { Times.Count: > 1 } tail)
        {
            (string Part, string Name)[] parts =
            [
                ("directions", "along directions (median)"),
                ("hill", "Hill, along directions (median)"),
                ("pooled", "all coordinates pooled (as published)"),
                ("coordinates", "sums of one coordinate (check)"),
            ];
            yield return new LineFamily
            {
                Name = Tail,
                Label = new QuantityLabel(
                    "Tail index of the gradient noise",
                    "α",
                    "The index of the stable law that the mini-batch noise would follow; pooling coordinates of different scales looks heavy-tailed although each is normal."
                ),
                Times = tail.Times,
                Replicas = tail.Replicas,
                Lines = [.. Lines(setting, Tail, parts)],
                Reference = new ReferenceLine("α = 2", "the normal distribution.", _ => 2),
            }.Draw(setting);
        }
    }

    /// <summary>W along the directions that matter; their arrays hold W, p-value and A*^2 of each.</summary>
    private static IEnumerable<(string, Func<int, double[]>)> Special(StoredSetting setting)
    {
        if (setting.Find(Gaussianity, "gradient") is { } gradient)
        {
            yield return ("gradient", time => gradient.Read(time, [0]));
        }

        if (setting.Find(Gaussianity, "top-eigenvectors") is { } vectors)
        {
            int each = (int)vectors.Layout.ElementShape[1];
            for (int i = 0; i < Math.Min(MostEigenvectors, (int)vectors.Layout.ElementShape[0]); i++)
            {
                int place = i * each;
                yield return ($"eigenvector {i + 1}", time => vectors.Read(time, [place]));
            }
        }
    }

    /// <summary>A line a part: its number, or its median over the directions, of each replica.</summary>
    private static IEnumerable<(string, Func<int, double[]>)> Lines(
        StoredSetting setting,
        string quantity,
        (string Part, string Name)[] parts
    )
    {
        foreach ((string part, string name) in parts)
        {
            if (setting.Find(quantity, part) is { } array)
            {
                yield return (name, time => Medians(array, time));
            }
        }
    }

    private static double[] Medians(StoredArray array, int time)
    {
        double[] medians = new double[array.Replicas];
        array.Visit(
            time,
            (replica, numbers) =>
            {
                double[] sorted = [.. numbers.ToArray().Where(double.IsFinite).Order()];
                medians[replica] = Statistics.ReplicaStatistics.Quantile(sorted, 0.5);
            }
        );
        return medians;
    }
}
