using CommandLine;

namespace Hesse.Cli.Verbs;

/// <summary>hesse completion: a script for the shell.</summary>
[Verb("completion", HelpText = "Print a completion script for bash, zsh or fish.")]
[Examples("hesse completion bash", "for eval \"$(...)\" in ~/.bashrc")]
internal sealed class CompletionVerb : IVerb
{
    [Value(0, MetaName = "SHELL", Required = true, HelpText = "bash, zsh or fish.")]
    public string Shell { get; set; } = string.Empty;

    [Option("debug", HelpText = "Show stack traces.")]
    public bool Debug { get; set; }

    public ExitCode Execute(IReadOnlyList<string> args, Messages messages)
    {
        messages.Output.Write(Completion.Script(Shell, VerbTable.Of(Program.Verbs)));
        return ExitCode.Ok;
    }
}
