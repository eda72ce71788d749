using Hesse.Statistics;

namespace Hesse.Reports;

/// <summary>One number of each replica at each of its steps: a scalar quantity, or the largest eigenvalue of an observed spectrum.</summary>
/// <param name="Name">The quantity; with .largest for that of a spectrum.</param>
/// <param name="Label">What figures call it.</param>
/// <param name="Array">Where it is stored.</param>
/// <param name="Index">Its flat index in a replica's value.</param>
internal sealed record ScalarSeries(string Name, QuantityLabel Label, StoredArray Array, int Index)
{
    private static readonly string[] Spectra =
    [
        "hessian-spectrum",
        "ggn-spectrum",
        "second-moment-spectrum",
        "gradient-covariance-spectrum",
        "residual-spectrum",
    ];

    /// <summary>Steps.</summary>
    public IReadOnlyList<int> Times => Array.Times;

    /// <summary>All series of a setting, in the order of the observations.</summary>
    public static IEnumerable<ScalarSeries> Of(StoredSetting setting)
    {
        foreach (StoredArray array in setting.Arrays)
        {
            string quantity = array.Layout.Quantity;
            if (FigureCatalogue.IsScalar(array))
            {
                QuantityLabel label = QuantityLabel.Of(quantity, array.Layout.Part);
                yield return new ScalarSeries(FigureCatalogue.NameOf(array), label, array, 0);
            }
            else if (array.Layout.Part is null && Spectra.Contains(quantity, StringComparer.Ordinal))
            {
                yield return Largest(array, array.Width - 1);
            }
            else if (array.Layout.Part is null && quantity == "top-eigenvalues")
            {
                yield return Largest(array, 0);
            }
        }
    }

    /// <summary>Its values at one step. (R)</summary>
    public double[] At(int time) => Array.Read(time, [Index]);

    /// <summary>The last step at which any replica has a value (the last of all where none has), and the distribution there.</summary>
    public (int Step, ReplicaDistribution Distribution) Last(Bands bands)
    {
        ReplicaDistribution last = ReplicaDistribution.Of(At(Times.Count - 1), bands.Levels);
        // What belongs to an update has no value after the last one.
        if (last.Count == 0 && Times.Count > 1)
        {
            ReplicaDistribution before = ReplicaDistribution.Of(At(Times.Count - 2), bands.Levels);
            return before.Count > 0 ? (Times[^2], before) : (Times[^1], last);
        }

        return (Times[^1], last);
    }

    private static ScalarSeries Largest(StoredArray array, int index)
    {
        QuantityLabel spectrum = QuantityLabel.Of(array.Layout.Quantity);
        string axis = spectrum.Axis.Replace("λᵢ", "λ₁", StringComparison.Ordinal);
        QuantityLabel label = new($"Largest eigenvalue {axis}", axis, spectrum.Definition);
        return new ScalarSeries($"{array.Layout.Quantity}.largest", label, array, index);
    }
}
