namespace Hesse.Cli;

/// <summary>Commands that show what a verb is for: help and docs/cli.md end with them, and tests parse each.</summary>
/// <param name="lines">A command, what it does, the next command, ...</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ExamplesAttribute(params string[] lines) : Attribute
{
    /// <summary>Commands, each with what it does.</summary>
    public IReadOnlyList<(string Command, string Meaning)> All { get; } =
    [.. lines.Chunk(2).Select(pair => (pair[0], pair[1]))];
}
