using System.Globalization;
using System.Text;

namespace Hesse.Specs;

/// <summary>All that is wrong with a spec, reported together: one line a fault, in the order of the file.</summary>
internal sealed class SpecFaults
{
    /// <summary>A file of nothing but faults should not flood the terminal.</summary>
    private const int MostReported = 1000;

    private readonly List<(SpecOrigin Origin, string Message)> _faults = [];
    private readonly HashSet<string> _unsound = [];
    private int _unreported;

    public bool Any => _faults.Count > 0;

    /// <summary>Notes a fault.</summary>
    /// <param name="origin">Where.</param>
    /// <param name="path">The key, as training.batch.size, or empty for a fault of the text itself.</param>
    /// <param name="message">What is wrong.</param>
    public void Add(SpecOrigin origin, string path, string message)
    {
        MarkUnsound(path);
        if (_faults.Count == MostReported)
        {
            _unreported++;
            return;
        }

        _faults.Add((origin, path.Length == 0 ? message : $"{path}: {message}"));
    }

    /// <summary>Keeps later checks away from a value that could not be read.</summary>
    public void MarkUnsound(string path)
    {
        if (path.Length > 0)
        {
            _unsound.Add(path);
        }
    }

    /// <summary>Whether these keys, what they lie in and what lies in them are free of faults so far.</summary>
    public bool Sound(params ReadOnlySpan<string> paths)
    {
        foreach (string path in paths)
        {
            foreach (string bad in _unsound)
            {
                if (Contains(path, bad) || Contains(bad, path))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Ends with all faults so far, if there are any.</summary>
    /// <exception cref="HesseException">Exit code 65, one line a fault.</exception>
    public void ThrowIfAny()
    {
        if (_faults.Count == 0)
        {
            return;
        }

        // OrderBy keeps the order of faults at one place, and options (line 0) come after the file that they change.
        IEnumerable<string> lines = _faults
            .OrderBy(fault => fault.Origin.Line == 0 ? int.MaxValue : fault.Origin.Line)
            .ThenBy(fault => fault.Origin.Column)
            .Select(fault => $"{fault.Origin}: {fault.Message}")
            .Distinct();
        string text = string.Join('\n', lines);
        throw new HesseException(
            ExitCode.BadData,
            _unreported == 0 ? text : $"{text}\nand {_unreported} more faults like these"
        );
    }

    /// <summary>Text from a file inside quotation marks, fit for one line of a terminal.</summary>
    public static string Quote(string text) => $"'{Shorten(text)}'";

    /// <summary>Text from a file without control characters, at most 60 characters of it.</summary>
    public static string Shorten(string text) => Printable(text, 60);

    /// <summary>Text without characters that could steer a terminal, cut off with dots after so many.</summary>
    public static string Printable(string text, int most)
    {
        StringBuilder shown = new();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (shown.Length >= most)
            {
                return shown.Append("...").ToString();
            }

            UnicodeCategory category = Rune.GetUnicodeCategory(rune);
            bool hidden =
                category
                is UnicodeCategory.Control
                    or UnicodeCategory.Format
                    or UnicodeCategory.LineSeparator
                    or UnicodeCategory.ParagraphSeparator;
            shown.Append(hidden ? "?" : rune.ToString());
        }

        return shown.ToString();
    }

    private static bool Contains(string outer, string inner) =>
        inner.StartsWith(outer, StringComparison.Ordinal)
        && (inner.Length == outer.Length || inner[outer.Length] is '.' or '[');
}
