using System.Globalization;
using System.Text;
using CommandLine;

namespace Hesse.Cli;

/// <summary>Every verb with its words and options as Markdown, from the attributes that the parser reads.</summary>
internal static class OptionsPage
{
    /// <summary>The part of docs/cli.md below its marker.</summary>
    public static string Write(IReadOnlyList<VerbTable> verbs)
    {
        StringBuilder page = new();
        foreach (VerbTable verb in verbs)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n### hesse {verb.Name}\n\n{verb.Summary}\n\n");
            page.Append("| | default | |\n|---|---|---|\n");
            foreach (ValueAttribute value in verb.Values)
            {
                string kind = value.Required ? "required" : Default(value.Default);
                page.Append(CultureInfo.InvariantCulture, $"| {value.MetaName} | {kind} | {Cell(value.HelpText)} |\n");
            }

            foreach (VerbOption option in verb.Options)
            {
                OptionAttribute about = option.Attribute;
                string word = option.IsFlag ? option.Word : $"{option.Word} {about.MetaValue}";
                string kind = about.Required ? "required" : Default(about.Default);
                page.Append(CultureInfo.InvariantCulture, $"| `{word}` | {kind} | {Cell(about.HelpText)} |\n");
            }

            page.Append('\n');
            foreach ((string command, string meaning) in verb.Examples)
            {
                page.Append(CultureInfo.InvariantCulture, $"    {command}\n        {meaning}\n");
            }
        }

        return page.ToString();
    }

    private static string Default(object? value) => value is null ? string.Empty : $"`{value}`";

    /// <summary>Text that neither ends a cell nor begins a tag.</summary>
    private static string Cell(string text) =>
        text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
