using System.Reflection;
using CommandLine;
using CommandLine.Text;
using Hesse.Specs;

namespace Hesse.Cli;

/// <summary>What the program says when the words make no verb: help, version, or one line that says what is wrong.</summary>
internal static class Help
{
    private const int Width = 100;

    // Below the list of the verbs.
    private static readonly string[] Beginning =
    [
        "To begin:",
        "  hesse init first              a small commented experiment, first.yaml",
        "  hesse run first.yaml          trains and measures it into results/first",
        "  hesse report results/first    its figures on one page",
        "hesse VERB --help shows the options of a verb, with examples.",
    ];

    public static ExitCode Answer(
        ParserResult<object> result,
        IReadOnlyList<Error> errors,
        IReadOnlyList<string> args,
        IReadOnlyList<Type> verbs,
        Messages messages
    )
    {
        Error error = errors[0];
        switch (error)
        {
            case VersionRequestedError:
                string commit = EngineVersion.Commit is { Length: > 0 } known
                    ? $" ({known[..Math.Min(12, known.Length)]})"
                    : "";
                messages.Output.WriteLine($"hesse {EngineVersion.Number}{commit}");
                return ExitCode.Ok;
            case HelpRequestedError or HelpVerbRequestedError:
                VerbTable? verb = VerbTable.Of(verbs).FirstOrDefault(one => args.Count > 0 && one.Name == args[0]);
                messages.Output.WriteLine(Text(result, verb));
                return ExitCode.Ok;
            default:
                string hint = verbs.FirstOrDefault(verb => args.Count > 0 && NameOf(verb) == args[0]) is { } type
                    ? $"hesse {NameOf(type)} --help"
                    : "hesse --help";
                throw new HesseException(ExitCode.Usage, $"{Describe(error, args, verbs)}; see {hint}");
        }
    }

    private static string Text(ParserResult<object> result, VerbTable? verb) =>
        HelpText
            .AutoBuild(
                result,
                help =>
                {
                    help.Heading = verb is null
                        ? $"hesse {EngineVersion.Number}: trains thousands of small nets at once and differentiates them twice"
                        : $"{verb.Usage}\n{verb.Summary}";
                    help.Copyright = string.Empty;
                    help.AdditionalNewLineAfterOption = false;
                    help.MaximumDisplayWidth = Width;
                    help.AddDashesToOption = true;
                    return help;
                },
                example => example,
                verbsIndex: true,
                maxDisplayWidth: Width
            )
            .ToString()
            .TrimEnd()
        // Behind what the parser's own writer breaks into lines: a command is copied whole.
        + $"\n\n{string.Join('\n', verb is null ? Beginning : Examples(verb))}";

    private static IEnumerable<string> Examples(VerbTable verb) =>
        verb
            .Examples.SelectMany(example => new[] { $"  {example.Command}", $"      {example.Meaning}" })
            .Prepend("Examples:");

    private static string Describe(Error error, IReadOnlyList<string> args, IReadOnlyList<Type> verbs) =>
        error switch
        {
            NoVerbSelectedError => "no verb",
            BadVerbSelectedError bad => NearestName.Unknown("verb", bad.Token, [.. verbs.Select(NameOf)]),
            UnknownOptionError unknown => NearestName.Unknown("option", Dashed(unknown.Token), Options(args, verbs)),
            MissingRequiredOptionError missing when missing.NameInfo.LongName.Length == 0 =>
                $"{Values(args, verbs)} is missing",
            MissingRequiredOptionError missing => $"--{missing.NameInfo.LongName} is missing",
            MissingValueOptionError missing => $"--{missing.NameInfo.LongName} needs a value",
            BadFormatConversionError bad => $"--{bad.NameInfo.LongName}: its value cannot be read",
            RepeatedOptionError repeated => $"--{repeated.NameInfo.LongName} is given twice",
            BadFormatTokenError bad => $"'{bad.Token}' cannot be read",
            _ => $"the command line cannot be read ({error.Tag})",
        };

    private static string Dashed(string token) => token.Length == 1 ? $"-{token}" : $"--{token}";

    private static string[] Options(IReadOnlyList<string> args, IReadOnlyList<Type> verbs) =>
        [.. Members<OptionAttribute>(args, verbs).Select(option => $"--{option.LongName}"), "--help", "--version"];

    private static string Values(IReadOnlyList<string> args, IReadOnlyList<Type> verbs) =>
        string.Join(
            " or ",
            Members<ValueAttribute>(args, verbs).Where(value => value.Required).Select(value => value.MetaName)
        );

    private static IEnumerable<T> Members<T>(IReadOnlyList<string> args, IReadOnlyList<Type> verbs)
        where T : Attribute =>
        verbs
            .Where(verb => NameOf(verb) == args[0])
            .SelectMany(verb => verb.GetProperties())
            .Select(property => property.GetCustomAttribute<T>())
            .OfType<T>();

    private static string NameOf(Type verb) => verb.GetCustomAttribute<VerbAttribute>()!.Name;
}
