using System.Globalization;
using System.Text;
using Hesse.Stores;

namespace Hesse.Statistics;

/// <summary>Writes a table line by line: invariant numbers that read back exactly, '\n' ends, no cell that a spreadsheet would run.</summary>
internal sealed class CsvFile : IDisposable
{
    private const int FlushAt = 1 << 18;
    private readonly IFiles _files;
    private readonly string _path;
    private readonly ChecksumStream _stream;
    private readonly StringBuilder _text = new();
    private bool _lineStarted;

    public CsvFile(IFiles files, string path)
    {
        _files = files;
        _path = path;
        _stream = new ChecksumStream(files.Create(path));
    }

    /// <summary>Shortest text that reads back as the same number; nan, inf, -inf.</summary>
    public static string Number(double value) =>
        double.IsNaN(value) ? "nan"
        : double.IsPositiveInfinity(value) ? "inf"
        : double.IsNegativeInfinity(value) ? "-inf"
        : value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>A cell of text: quoted where needed, and never the start of a formula.</summary>
    public static string Text(string text)
    {
        string safe = text.Length > 0 && "=+-@\t\r".Contains(text[0], StringComparison.Ordinal) ? "'" + text : text;
        return safe.AsSpan().ContainsAny("\",\n\r")
            ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : safe;
    }

    public CsvFile Add(string text) => Cell(Text(text));

    public CsvFile Add(double value) => Cell(Number(value));

    public CsvFile Add(long value) => Cell(value.ToString(CultureInfo.InvariantCulture));

    public void EndLine()
    {
        _text.Append('\n');
        _lineStarted = false;
        if (_text.Length >= FlushAt)
        {
            Flush();
        }
    }

    /// <summary>Brings the file to the disk and describes it under this name.</summary>
    public FileRecord Finish(string name)
    {
        Flush();
        _files.Sync(_stream.Inner);
        return new FileRecord(name, _stream.Bytes, _stream.Crc32C, _stream.Sha256);
    }

    public void Dispose() => _stream.Dispose();

    private CsvFile Cell(string cell)
    {
        _text.Append(_lineStarted ? "," : string.Empty).Append(cell);
        _lineStarted = true;
        return this;
    }

    private void Flush()
    {
        try
        {
            _stream.Write(Encoding.UTF8.GetBytes(_text.ToString()));
        }
        catch (Exception failure) when (StoreFailure.Is(failure))
        {
            throw StoreFailure.Translate(failure, _path, _text.Length);
        }

        _text.Clear();
    }
}
