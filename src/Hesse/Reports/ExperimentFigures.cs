namespace Hesse.Reports;

/// <summary>All figures of an experiment: those that compare settings, and those of each.</summary>
/// <param name="Experiment">Whose.</param>
/// <param name="Comparison">Figures over settings.</param>
/// <param name="OfSettings">Figures of each setting, in the order of the settings.</param>
internal sealed record ExperimentFigures(
    StoredExperiment Experiment,
    IReadOnlyList<Figure> Comparison,
    IReadOnlyList<IReadOnlyList<Figure>> OfSettings
)
{
    /// <summary>Draws them.</summary>
    /// <param name="experiment">Whose.</param>
    /// <param name="stop">Gives up between two figures.</param>
    public static ExperimentFigures Of(StoredExperiment experiment, CancellationToken stop = default) =>
        new(
            experiment,
            [.. Stopping(FigureCatalogue.OfExperiment.SelectMany(figures => figures(experiment)), stop)],
            [
                .. experiment.Settings.Select(setting =>
                    (IReadOnlyList<Figure>)
                        [.. Stopping(FigureCatalogue.OfSetting.SelectMany(figures => figures(setting)), stop)]
                ),
            ]
        );

    /// <summary>The folder of a setting's figures; that of the comparison for -1.</summary>
    public string Folder(int setting) =>
        Path.Combine(setting < 0 ? Experiment.Folder : Experiment.Settings[setting].Paths.Root, "figures");

    private static IEnumerable<Figure> Stopping(IEnumerable<Figure> figures, CancellationToken stop)
    {
        foreach (Figure figure in figures)
        {
            stop.ThrowIfCancellationRequested();
            // Where every replica has diverged there is nothing to draw; the table of the settings says so.
            if (figure.Tables[0].HasNumbers(figure.Shows))
            {
                yield return figure;
            }
        }
    }
}
