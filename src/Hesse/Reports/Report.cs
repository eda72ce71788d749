using System.Text;
using Hesse.Stores;

namespace Hesse.Reports;

/// <summary>The files of one figure.</summary>
/// <param name="Figure">Its name.</param>
/// <param name="Setting">Slug of the setting; empty without a sweep, and for figures over all settings.</param>
/// <param name="Files">The specification and the tables, full paths.</param>
public sealed record FigureFiles(string Figure, string Setting, IReadOnlyList<string> Files);

/// <summary>What a report wrote.</summary>
/// <param name="Experiment">Name of the experiment.</param>
/// <param name="Page">The page, full path.</param>
/// <param name="Figures">The figures.</param>
/// <param name="Warnings">What the reader may not expect, one line each.</param>
public sealed record ReportFiles(
    string Experiment,
    string Page,
    IReadOnlyList<FigureFiles> Figures,
    IReadOnlyList<string> Warnings
);

/// <summary>Figures and report.html of stored experiments: pure functions of the store, from what is finished.</summary>
public static class Report
{
    /// <summary>Writes figures/ into every setting and report.html beside them.</summary>
    /// <param name="folder">The --out folder, one run inside it, or one setting (whose whole experiment is meant).</param>
    /// <param name="stop">Gives up between two figures; every file that is there is whole.</param>
    /// <returns>One entry for each experiment.</returns>
    /// <exception cref="HesseException">66: there is no result; 65: it is damaged; 74, 77: the files cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static IReadOnlyList<ReportFiles> Write(string folder, CancellationToken stop = default) =>
        Results.Guarded(
            folder,
            () =>
                (IReadOnlyList<ReportFiles>)
                    [
                        .. StoredExperiment
                            .Find(DiskFiles.Instance, folder)
                            .Select(one => Write(DiskFiles.Instance, one, stop)),
                    ]
        );

    private static ReportFiles Write(IFiles files, StoredExperiment experiment, CancellationToken stop)
    {
        ExperimentFigures figures = ExperimentFigures.Of(experiment, stop);
        List<FigureFiles> written = [];
        written.AddRange(figures.Comparison.Select(figure => Write(files, figures.Folder(-1), string.Empty, figure)));
        for (int i = 0; i < experiment.Settings.Count; i++)
        {
            string slug = experiment.Settings[i].Manifest.Slug;
            written.AddRange(figures.OfSettings[i].Select(figure => Write(files, figures.Folder(i), slug, figure)));
        }

        string page = Path.Combine(experiment.Folder, "report.html");
        Write(files, page, ReportPage.Write(figures));
        return new ReportFiles(experiment.Name, page, written, [.. Warnings(experiment)]);
    }

    private static IEnumerable<string> Warnings(StoredExperiment experiment)
    {
        foreach (StoredSetting setting in experiment.Settings)
        {
            if (setting.Done < setting.Manifest.Replicas)
            {
                yield return $"{setting.Paths.Root}: {setting.Done} of {setting.Manifest.Replicas} replicas are finished; the report shows these";
            }

            foreach (string broken in setting.Broken)
            {
                yield return $"left out: {broken}";
            }
        }

        if (PageAssets.Libraries is null)
        {
            yield return PageAssets.Missing;
        }
    }

    private static FigureFiles Write(IFiles files, string folder, string slug, Figure figure)
    {
        files.CreateFolder(folder);
        List<string> written = [Path.Combine(folder, $"{figure.Name}.vl.json")];
        Write(files, written[0], figure.SpecificationText());
        foreach (FigureTable table in figure.Tables)
        {
            written.Add(Path.Combine(folder, table.File));
            Write(files, written[^1], table.ToCsv());
        }

        return new FigureFiles(figure.Name, slug, written);
    }

    // By one rename, so that a reader never meets half a file.
    private static void Write(IFiles files, string path, string text) =>
        PartFile.Publish(
            files,
            path,
            temporary =>
            {
                using Stream file = files.Create(temporary);
                file.Write(Encoding.UTF8.GetBytes(text));
            }
        );
}
