using System.Globalization;
using System.Text;

namespace Hesse.Specs;

/// <summary>All that is wrong with a spec, reported together: one line a fault, in the order of the file.</summary>
internal sealed class SpecFaults
{
    /// <summary>A file of nothing but faults should not flood the terminal.</summary>
    private const int MostReported = 200;

    private readonly List<(SpecOrigin Origin, string Message)> _faults = [];
    private readonly HashSet<string> _unsound = [];

    /// <summary>The sections around unsound keys.</summary>
    private readonly HashSet<string> _around = [];
    private int _unreported;

    public bool Any => _faults.Count > 0;

    /// <summary>Whether further faults are only counted, so that wording them would be wasted work.</summary>
    public bool Full => _faults.Count == MostReported;

    /// <summary>Notes a fault of a value, which later checks then leave alone.</summary>
    /// <param name="origin">Where.</param>
    /// <param name="path">The key, as training.batch.size, or empty for a fault of the text itself.</param>
    /// <param name="message">What is wrong.</param>
    public void Add(SpecOrigin origin, string path, string message)
    {
        MarkUnsound(path);
        Note(origin, path, message);
    }

    /// <summary>Notes a name that does not exist, with the nearest one that does.</summary>
    public void AddUnknown(
        SpecOrigin origin,
        string path,
        string what,
        string name,
        IReadOnlyCollection<string> valid
    ) => Add(origin, path, Full ? "" : NearestName.Unknown(what, name, valid));

    /// <summary>Notes a fault that leaves the values of the section sound, as a key too many.</summary>
    public void Note(SpecOrigin origin, string path, string message)
    {
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
        if (path.Length == 0 || !_unsound.Add(path))
        {
            return;
        }

        string outer = Outer(path);
        while (outer.Length > 0 && _around.Add(outer))
        {
            outer = Outer(outer);
        }
    }

    /// <summary>Whether these keys, what they lie in and what lies in them are free of faults so far.</summary>
    public bool Sound(params ReadOnlySpan<string> paths)
    {
        foreach (string path in paths)
        {
            if (_around.Contains(path))
            {
                return false;
            }

            for (string outer = path; outer.Length > 0; outer = Outer(outer))
            {
                if (_unsound.Contains(outer))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Ends with all faults so far, if there are any.</summary>
    /// <exception cref="HesseException">Exit code 65, or 64 where all faults are of the command line; one line a fault.</exception>
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
            _faults.All(fault => fault.Origin.IsOption) ? ExitCode.Usage : ExitCode.BadData,
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

    /// <summary>observe[2].at[0] to observe[2].at to observe[2] to observe to nothing.</summary>
    private static string Outer(string path) => path[..Math.Max(0, path.LastIndexOfAny(['.', '[']))];
}
