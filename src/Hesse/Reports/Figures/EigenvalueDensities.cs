namespace Hesse.Reports.Figures;

/// <summary>The density of exactly known eigenvalues.</summary>
internal static class EigenvalueDensities
{
    private const int MostSteps = 4;

    /// <summary>One figure for each of the spectra of H, G and H_p: those of M and C are short, and mostly read by rank.</summary>
    public static IEnumerable<Figure> Of(StoredSetting setting)
    {
        foreach (string quantity in (string[])["hessian-spectrum", "ggn-spectrum", "residual-spectrum"])
        {
            if (setting.Find(quantity) is not { Width: > 1 } array)
            {
                continue;
            }

            QuantityLabel label = QuantityLabel.Of(quantity);
            int[] shown = Thinning.Even(array.Times.Count, MostSteps);
            Densities densities = new(
                $"{quantity}.density",
                new QuantityLabel(
                    label.Title.Replace("Spectrum", "Spectral density", StringComparison.Ordinal),
                    label.Axis,
                    label.Definition
                ),
                $"eigenvalue {label.Axis.Replace("λᵢ", "λ", StringComparison.Ordinal)}",
                [.. shown.Select(i => array.Times[i])],
                array.Times.Count,
                array.Width,
                (i, receive) => array.Visit(shown[i], (replica, numbers) => receive(replica, numbers.Span, []))
            );
            yield return densities.Draw(setting, array.Replicas);
        }
    }
}
