using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Hesse.Statistics;

namespace Hesse.Reports;

/// <summary>The plotted numbers of a figure: columns of numbers or of texts. What is not finite is an empty cell.</summary>
internal sealed class FigureTable
{
    private readonly (string Name, bool IsText)[] _columns;
    private readonly List<object[]> _rows = [];

    /// <summary>An empty table.</summary>
    /// <param name="file">Name of the .csv file.</param>
    /// <param name="columns">Names of the columns; one of texts begins with '$', which is not part of the name.</param>
    public FigureTable(string file, params IReadOnlyList<string> columns)
    {
        File = file;
        _columns = [.. columns.Select(name => (name.TrimStart('$'), name.StartsWith('$')))];
    }

    /// <summary>Name of the .csv file.</summary>
    public string File { get; }

    /// <summary>Number of rows.</summary>
    public int Rows => _rows.Count;

    /// <summary>Adds a row: strings in columns of texts, int or double in the others.</summary>
    public void Add(params object[] cells)
    {
        if (cells.Length != _columns.Length)
        {
            throw new ArgumentException($"{cells.Length} cells for {_columns.Length} columns");
        }

        _rows.Add(cells);
    }

    /// <summary>Whether a column holds a finite number.</summary>
    public bool HasNumbers(string column)
    {
        int index = Array.FindIndex(_columns, one => one.Name == column);
        return _rows.Exists(row => row[index] is int || (row[index] is double number && double.IsFinite(number)));
    }

    /// <summary>The table as text.</summary>
    /// <param name="digits">Significant digits, or 0 for numbers that read back exactly.</param>
    public string ToCsv(int digits = 0)
    {
        StringBuilder text = new();
        text.AppendJoin(',', _columns.Select(column => CsvFile.Text(column.Name))).Append('\n');
        foreach (object[] row in _rows)
        {
            for (int i = 0; i < row.Length; i++)
            {
                text.Append(i == 0 ? string.Empty : ",").Append(Cell(row[i], digits));
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>The data member of a Vega-Lite view: the file, and the type of each column.</summary>
    public JsonObject Reference() =>
        new()
        {
            ["url"] = File,
            ["format"] = new JsonObject
            {
                ["type"] = "csv",
                ["parse"] = new JsonObject(
                    _columns.Select(column =>
                        KeyValuePair.Create(column.Name, (JsonNode?)(column.IsText ? "string" : "number"))
                    )
                ),
            },
        };

    private static string Cell(object cell, int digits) =>
        cell switch
        {
            string text => CsvFile.Text(text),
            int number => number.ToString(CultureInfo.InvariantCulture),
            double number when !double.IsFinite(number) => string.Empty,
            double number when digits > 0 => number.ToString($"G{digits}", CultureInfo.InvariantCulture),
            double number => CsvFile.Number(number),
            _ => throw new ArgumentException($"a cell of type {cell.GetType().Name}"),
        };
}
