using CommandLine;
using Hesse.Specs;

namespace Hesse.Cli.Verbs;

/// <summary>hesse schema: the JSON Schema of specs.</summary>
[Verb(
    "schema",
    HelpText = "Print the JSON Schema of specs: every key with its default, every quantity with its shape."
)]
[Examples("hesse schema > hesse.schema.json", "for the editor: # yaml-language-server: $schema=hesse.schema.json")]
internal sealed class SchemaVerb : IVerb
{
    [Option("debug", HelpText = "Show stack traces.")]
    public bool Debug { get; set; }

    public ExitCode Execute(IReadOnlyList<string> args, Messages messages)
    {
        messages.Output.Write(Schema.Write());
        return ExitCode.Ok;
    }
}
