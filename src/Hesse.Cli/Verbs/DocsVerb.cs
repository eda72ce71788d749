using CommandLine;

namespace Hesse.Cli.Verbs;

/// <summary>hesse docs: the generated pages of docs/, for those who change verbs, keys or quantities.</summary>
[Verb("docs", Hidden = true, HelpText = "Print a generated page of the documentation.")]
internal sealed class DocsVerb : IVerb
{
    private static readonly string[] Pages = ["options", "results", "spec"];

    [Value(0, MetaName = "PAGE", Required = true, HelpText = "options, results or spec.")]
    public string Page { get; set; } = string.Empty;

    [Option("debug", HelpText = "Show stack traces.")]
    public bool Debug { get; set; }

    public ExitCode Execute(IReadOnlyList<string> args, Messages messages)
    {
        messages.Output.Write(
            Page switch
            {
                "options" => OptionsPage.Write(VerbTable.Of(Program.Verbs)),
                "results" => QuantitiesPage.Write(),
                "spec" => SpecPage.Write(),
                _ => throw new HesseException(ExitCode.Usage, Specs.NearestName.Unknown("page", Page, Pages)),
            }
        );
        return ExitCode.Ok;
    }
}
