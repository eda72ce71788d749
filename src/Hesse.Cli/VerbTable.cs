using System.Reflection;
using CommandLine;

namespace Hesse.Cli;

/// <summary>A verb as its attributes describe it: what help, completion and the command-line page are made from.</summary>
/// <param name="Name">Its word.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Values">Words that are no options, in order.</param>
/// <param name="Options">Its options.</param>
/// <param name="Examples">Commands, each with what it does.</param>
internal sealed record VerbTable(
    string Name,
    string Summary,
    IReadOnlyList<ValueAttribute> Values,
    IReadOnlyList<VerbOption> Options,
    IReadOnlyList<(string Command, string Meaning)> Examples
)
{
    /// <summary>How it is called: hesse run SPEC [options].</summary>
    public string Usage =>
        string.Join(
            ' ',
            [
                "hesse",
                Name,
                .. Values.Select(value => value.Required ? value.MetaName : $"[{value.MetaName}]"),
                .. Options
                    .Where(option => option.Attribute.Required)
                    .Select(option => $"{option.Word} {option.Attribute.MetaValue}"),
                "[options]",
            ]
        );

    /// <summary>The verbs that users are told of.</summary>
    public static IReadOnlyList<VerbTable> Of(IReadOnlyList<Type> verbs) =>
        [.. verbs.Where(verb => !verb.GetCustomAttribute<VerbAttribute>()!.Hidden).Select(Of)];

    private static VerbTable Of(Type type)
    {
        VerbAttribute verb = type.GetCustomAttribute<VerbAttribute>()!;
        PropertyInfo[] properties = type.GetProperties();
        return new VerbTable(
            verb.Name,
            verb.HelpText,
            [.. properties.Select(property => property.GetCustomAttribute<ValueAttribute>()).OfType<ValueAttribute>()],
            [
                .. properties
                    .Select(property => (property, option: property.GetCustomAttribute<OptionAttribute>()))
                    .Where(pair => pair.option is not null)
                    .Select(pair => new VerbOption(pair.option!, pair.property.PropertyType == typeof(bool))),
            ],
            type.GetCustomAttribute<ExamplesAttribute>()?.All ?? []
        );
    }
}

/// <summary>One option of a verb.</summary>
/// <param name="Attribute">Name, value, default and help.</param>
/// <param name="IsFlag">Whether it takes no value.</param>
internal sealed record VerbOption(OptionAttribute Attribute, bool IsFlag)
{
    /// <summary>--name</summary>
    public string Word => $"--{Attribute.LongName}";
}
