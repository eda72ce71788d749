using Hesse.Stores;

namespace Hesse.Statistics;

/// <summary>replicas.csv: for each replica whether and when it diverged, and every scalar quantity at its last step.</summary>
internal static class ReplicaTable
{
    /// <summary>Writes the table.</summary>
    /// <param name="files">The disk.</param>
    /// <param name="path">Where the table goes.</param>
    /// <param name="arraysFolder">Where the merged arrays lie.</param>
    /// <param name="arrays">The merged arrays.</param>
    /// <param name="firstBadSteps">Step at which each replica was found to have diverged, -1 for none. (R)</param>
    public static FileRecord Write(
        IFiles files,
        string path,
        string arraysFolder,
        IReadOnlyList<ArrayRecord> arrays,
        ReadOnlySpan<long> firstBadSteps
    )
    {
        using CsvFile table = new(files, path);
        table.Add("replica").Add("diverged").Add("first-bad-step");
        List<double[]> columns = [];
        foreach (ArrayRecord array in arrays.Where(array => ArrayLayout.Of(array).ElementShape.Count == 0))
        {
            table.Add(array.Part is null ? array.Quantity : $"{array.Quantity}.{array.Part}");
            using ArrayReader reader = new(files, Path.Combine(arraysFolder, array.File));
            double[] last = new double[reader.Rows];
            reader.ReadColumns(reader.Columns - 1, 1, last);
            columns.Add(last);
        }

        table.EndLine();
        for (int replica = 0; replica < firstBadSteps.Length; replica++)
        {
            long step = firstBadSteps[replica];
            table.Add((long)replica).Add(step < 0 ? 0L : 1L).Add(step < 0 ? string.Empty : CsvFile.Number(step));
            foreach (double[] column in columns)
            {
                table.Add(column[replica]);
            }

            table.EndLine();
        }

        return table.Finish(Path.GetFileName(path));
    }
}
