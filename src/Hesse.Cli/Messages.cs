namespace Hesse.Cli;

/// <summary>Where a command writes: data to one stream, messages to the other.</summary>
/// <param name="Output">Data.</param>
/// <param name="Error">Messages.</param>
internal sealed record Messages(TextWriter Output, TextWriter Error)
{
    /// <summary>Text without anything that a terminal would obey.</summary>
    public static string Printable(string text) =>
        string.Concat(text.Select(letter => char.IsControl(letter) ? '?' : letter));

    /// <summary>Messages that wait until the command has succeeded: a failure is told in one line.</summary>
    public void Notices(IEnumerable<string> notices)
    {
        foreach (string notice in notices.Distinct(StringComparer.Ordinal))
        {
            Failure(notice);
        }
    }

    /// <summary>A message, one line for each of its lines, each with the program's name.</summary>
    public void Failure(string message)
    {
        try
        {
            foreach (string line in message.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                Error.WriteLine($"hesse: {Printable(line.TrimEnd('\r'))}");
            }
        }
        // The error stream is closed or full: nobody can be told why, and the exit code is all that is left.
        catch (Exception failure) when (Stores.StoreFailure.Is(failure)) { }
    }
}
