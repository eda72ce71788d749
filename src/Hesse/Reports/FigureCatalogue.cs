using Hesse.Reports.Figures;
using Hesse.Stores;

namespace Hesse.Reports;

/// <summary>All figures, in the order of the page. Each is a pure function of the store and yields nothing where its data are missing.</summary>
internal static class FigureCatalogue
{
    /// <summary>
    /// Parts that say how a number came about, or what normal numbers give in its place in every setting; they are no results of their own.
    /// </summary>
    private static readonly string[] Diagnostics =
    [
        "residual",
        "iterations",
        "converged",
        "standard-error",
        "squared-gradient-standard-error",
        "gibbs-standard-error",
        "flag",
        "state",
        "pooling-misleads",
        "gaussian-accepted",
        "gaussian-anderson-darling-accepted",
    ];

    /// <summary>Figures of one setting.</summary>
    public static IReadOnlyList<Func<StoredSetting, IEnumerable<Figure>>> OfSetting { get; } =
    [
        ScalarCurves.Of,
        ScalarHistograms.Of,
        TopEigenvalues.Of,
        LossIncrement.Of,
        NoiseTests.Of,
        Spectra.Of,
        EigenvalueDensities.Of,
        SpectralDensity.Of,
        PrincipalAngles.Of,
        EarlyStopping.Of,
        PacBayes.Of,
        GeneralisationBounds.Of,
        Trajectories.Of,
    ];

    /// <summary>Figures that hold settings against each other.</summary>
    public static IReadOnlyList<Func<StoredExperiment, IEnumerable<Figure>>> OfExperiment { get; } =
    [ComparedCurves.Of, FinalValues.Of, SweepHeatMaps.Of, Trajectories.Of];

    /// <summary>Whether an array holds one number of each replica and step, and is a result.</summary>
    public static bool IsScalar(StoredArray array) =>
        array.Layout.ElementShape.Count == 0
        && array.Times.Count > 0
        && array.Layout.Type is NpyType.Float32 or NpyType.Float64
        && array.Layout.Quantity != ChunkFolder.FirstBadStep
        && !(array.Layout.Part is { } part && Diagnostics.Contains(part, StringComparer.Ordinal));

    /// <summary>Name of a figure that shows one array: that of its file.</summary>
    public static string NameOf(StoredArray array) => Path.GetFileNameWithoutExtension(array.Layout.FileName);
}
