using System.Text;
using Hesse.Backends;
using Hesse.Observables;
using Hesse.Specs;

namespace Hesse.Cli;

/// <summary>Scripts that complete verbs, options, and the values of options that have a fixed set.</summary>
internal static class Completion
{
    private static readonly string[] Shells = ["bash", "zsh", "fish"];

    /// <summary>The script for a shell.</summary>
    /// <exception cref="HesseException">64: no such shell.</exception>
    public static string Script(string shell, IReadOnlyList<VerbTable> verbs) =>
        shell switch
        {
            "bash" => Bash(verbs),
            "zsh" => Zsh(verbs),
            "fish" => Fish(verbs),
            _ => throw new HesseException(ExitCode.Usage, NearestName.Unknown("shell", shell, Shells)),
        };

    /// <summary>The values that an option can have, empty where they are not a fixed set.</summary>
    private static IReadOnlyList<string> Choices(VerbOption option) =>
        option.Attribute.LongName switch
        {
            "backend" => BackendSelector.Names,
            "what" => Probe.Names,
            "precision" => ["float32", "float64"],
            "color" => ["auto", "always", "never"],
            "format" => ["npz", "csv"],
            "scheduler" => ["slurm"],
            _ => [],
        };

    private static string[] Values(VerbTable verb) => verb.Name == "completion" ? Shells : [];

    private static string Bash(IReadOnlyList<VerbTable> verbs)
    {
        StringBuilder script = new();
        script.Append(
            """
            # hesse completion for bash:  eval "$(hesse completion bash)"
            _hesse() {
                local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
                COMPREPLY=()
                if [ "$COMP_CWORD" -eq 1 ]; then
                    COMPREPLY=($(compgen -W "
            """
        );
        script.AppendJoin(' ', verbs.Select(verb => verb.Name)).Append(" --help --version\" -- \"$word\"))\n");
        script.Append("        return\n    fi\n    case ${COMP_WORDS[1]} in\n");
        foreach (VerbTable verb in verbs)
        {
            script.Append("        ").Append(verb.Name).Append(")\n            case $before in\n");
            foreach (VerbOption option in verb.Options.Where(option => Choices(option).Count > 0))
            {
                script
                    .Append("                ")
                    .Append(option.Word)
                    .Append(") COMPREPLY=($(compgen -W \"")
                    .AppendJoin(' ', Choices(option))
                    .Append("\" -- \"$word\")); return ;;\n");
            }

            string[] words = [.. verb.Options.Select(option => option.Word), "--help", .. Values(verb)];
            script
                .Append("            esac\n            if [[ $word == -* ]] || ")
                .Append(Values(verb).Length > 0 ? "true" : "false")
                .Append("; then COMPREPLY=($(compgen -W \"")
                .AppendJoin(' ', words)
                .Append("\" -- \"$word\")); return; fi ;;\n");
        }

        script.Append(
            "    esac\n    COMPREPLY=($(compgen -f -- \"$word\"))\n}\ncomplete -o filenames -F _hesse hesse\n"
        );
        return script.ToString();
    }

    private static string Zsh(IReadOnlyList<VerbTable> verbs)
    {
        StringBuilder script = new();
        script.Append(
            "#compdef hesse\n# hesse completion for zsh:  hesse completion zsh > a folder of $fpath, as _hesse\n_hesse() {\n"
        );
        script.Append("    local -a verbs\n    verbs=(\n");
        foreach (VerbTable verb in verbs)
        {
            script.Append("        ").Append(Quoted($"{verb.Name}:{verb.Summary}")).Append('\n');
        }

        script.Append(
            "    )\n    if (( CURRENT == 2 )); then _describe verb verbs; return; fi\n    local verb=$words[2]\n    shift words; (( CURRENT-- ))\n    case $verb in\n"
        );
        foreach (VerbTable verb in verbs)
        {
            script.Append("        ").Append(verb.Name).Append(") _arguments");
            foreach (VerbOption option in verb.Options)
            {
                string help = option
                    .Attribute.HelpText.Replace("[", "(", StringComparison.Ordinal)
                    .Replace("]", ")", StringComparison.Ordinal)
                    .Replace(":", "\\:", StringComparison.Ordinal);
                string value =
                    option.IsFlag ? string.Empty
                    : Choices(option) is { Count: > 0 } choices ? $":value:({string.Join(' ', choices)})"
                    : ":value:_files";
                script.Append(" \\\n            ").Append(Quoted($"{option.Word}[{help}]{value}"));
            }

            script
                .Append(" \\\n            ")
                .Append(
                    Quoted(Values(verb).Length > 0 ? $"1:value:({string.Join(' ', Values(verb))})" : "*:file:_files")
                )
                .Append(" ;;\n");
        }

        script.Append("    esac\n}\ncompdef _hesse hesse\n");
        return script.ToString();
    }

    private static string Fish(IReadOnlyList<VerbTable> verbs)
    {
        StringBuilder script = new();
        script.Append("# hesse completion for fish:  hesse completion fish > ~/.config/fish/completions/hesse.fish\n");
        foreach (VerbTable verb in verbs)
        {
            script
                .Append("complete -c hesse -n __fish_use_subcommand -f -a ")
                .Append(verb.Name)
                .Append(" -d ")
                .Append(Quoted(verb.Summary))
                .Append('\n');
            string condition = $"complete -c hesse -n '__fish_seen_subcommand_from {verb.Name}' ";
            foreach (VerbOption option in verb.Options)
            {
                script.Append(condition).Append("-l ").Append(option.Attribute.LongName);
                if (!option.IsFlag)
                {
                    script.Append(" -r");
                }

                if (Choices(option) is { Count: > 0 } choices)
                {
                    script.Append(" -f -a ").Append(Quoted(string.Join(' ', choices)));
                }

                script.Append(" -d ").Append(Quoted(option.Attribute.HelpText)).Append('\n');
            }

            if (Values(verb) is { Length: > 0 } values)
            {
                script.Append(condition).Append("-f -a ").Append(Quoted(string.Join(' ', values))).Append('\n');
            }
        }

        return script.ToString();
    }

    /// <summary>One word for the shell, whatever it holds.</summary>
    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
