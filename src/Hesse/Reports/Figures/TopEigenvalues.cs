using System.Globalization;

namespace Hesse.Reports.Figures;

/// <summary>The largest eigenvalues against the training step, with the threshold of stability.</summary>
internal static class TopEigenvalues
{
    private const int MostLines = 8;

    /// <summary>Figures of top-eigenvalues, sharpness, preconditioned-sharpness and layer-spectra.</summary>
    public static IEnumerable<Figure> Of(StoredSetting setting)
    {
        foreach (string quantity in (string[])["top-eigenvalues", "sharpness", "preconditioned-sharpness"])
        {
            if (setting.Find(quantity) is { Times.Count: > 1 } array)
            {
                yield return new LineFamily
                {
                    Name = quantity,
                    Label = QuantityLabel.Of(quantity),
                    Times = array.Times,
                    Replicas = array.Replicas,
                    Lines = [.. Lines(array, setting.Find(quantity, "smallest"))],
                    Reference = ReferenceLine.Threshold(setting, quantity == "preconditioned-sharpness"),
                }.Draw(setting);
            }
        }

        StoredArray[] layers = [.. setting.Arrays.Where(array => array.Layout.Quantity == "layer-spectra")];
        if (layers.Length > 0 && layers[0].Times.Count > 1)
        {
            yield return new LineFamily
            {
                Name = "layer-spectra",
                Label = QuantityLabel.Of("layer-spectra"),
                Times = layers[0].Times,
                Replicas = layers[0].Replicas,
                Lines =
                [
                    .. layers
                        .Take(MostLines)
                        .Select(array => Line($"layer {array.Layout.Part}", array, array.Width - 1)),
                ],
            }.Draw(setting);
        }
    }

    private static IEnumerable<(string, Func<int, double[]>)> Lines(StoredArray largest, StoredArray? smallest)
    {
        for (int i = 0; i < Math.Min(largest.Width, MostLines - (smallest is null ? 0 : 1)); i++)
        {
            yield return Line("λ" + Subscript(i + 1), largest, i);
        }

        if (smallest is not null)
        {
            yield return Line("smallest", smallest, 0);
        }
    }

    private static (string, Func<int, double[]>) Line(string name, StoredArray array, int index) =>
        (name, time => array.Read(time, [index]));

    private static string Subscript(int number) =>
        string.Concat(number.ToString(CultureInfo.InvariantCulture).Select(digit => (char)('\u2080' + (digit - '0'))));
}
