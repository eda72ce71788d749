namespace Hesse.Cli.Verbs;

/// <summary>A verb of the command line: its settings, filled by the parser, and what it does.</summary>
internal interface IVerb
{
    /// <summary>Does it.</summary>
    /// <param name="args">The words as typed, for the record.</param>
    /// <param name="messages">Where to write.</param>
    ExitCode Execute(IReadOnlyList<string> args, Messages messages);
}
