using System.Diagnostics;
using Hesse.Cli;
using Hesse.Cli.Verbs;
using Hesse.Specs;

namespace Hesse.Tests.Cli;

public sealed class FirstStepsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_spec_that_init_writes_is_valid_and_its_sweep_too()
    {
        string text = InitVerb.Template().Replace("NAME", "first", StringComparison.Ordinal);
        File.WriteAllText(_folder.PathOf("first.yaml"), text);
        SpecReader.Read(_folder.PathOf("first.yaml")).Name.ShouldBe("first");

        string swept = text.Replace("# sweep:", "sweep:", StringComparison.Ordinal)
            .Replace("#   training.", "  training.", StringComparison.Ordinal);
        File.WriteAllText(_folder.PathOf("first.yaml"), swept);
        SpecReader.Read(_folder.PathOf("first.yaml")).Sweep.Count.ShouldBe(2);
    }

    [Fact]
    public void Every_verb_has_examples_that_are_commands_and_help_shows_them()
    {
        foreach (VerbTable verb in VerbTable.Of(Program.Verbs))
        {
            verb.Examples.ShouldNotBeEmpty(verb.Name);
            string help = CommandLine.Run(verb.Name, "--help").Output;
            help.ShouldStartWith(verb.Usage);
            foreach ((string command, string meaning) in verb.Examples)
            {
                string[] words = command.Split(" > ")[0].Split(' ');
                words[..2].ShouldBe(["hesse", verb.Name]);
                Program.Read(words[1..]).Errors.ShouldBeEmpty(command);
                help.ShouldContain(command);
                help.ShouldContain(meaning);
            }
        }
    }

    [Theory]
    [InlineData("../up")]
    [InlineData("a b")]
    [InlineData("..")]
    public void Init_takes_names_only(string name)
    {
        (int code, _, string error) = CommandLine.Run("init", name);
        code.ShouldBe(64);
        error.ShouldContain("is no name");
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public void Completion_knows_every_verb(string shell)
    {
        (int code, string output, _) = CommandLine.Run("completion", shell);
        code.ShouldBe(0);
        foreach (string word in new[] { "run", "plan", "probe", "hessian-spectrum", "replicas" })
        {
            output.ShouldContain(word);
        }
    }

    [Fact]
    public void Completion_for_another_shell_names_the_nearest()
    {
        (int code, _, string error) = CommandLine.Run("completion", "fishy");
        code.ShouldBe(64);
        error.ShouldContain("fish");
    }

    [Theory]
    [InlineData("hesse pro", 1, "probe")]
    [InlineData("hesse probe --what hessian-sp", 3, "hessian-spectrum")]
    [InlineData("hesse run --repl", 2, "--replicas")]
    [InlineData("hesse completion z", 2, "zsh")]
    public void Bash_completes(string line, int place, string expected)
    {
        string script = _folder.PathOf("completion.sh");
        File.WriteAllText(script, CommandLine.Run("completion", "bash").Output);
        string words = string.Join(' ', line.Split(' ').Select(word => $"'{word}'"));
        ProcessStartInfo start = new("bash")
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
            ArgumentList =
            {
                "-c",
                $"source {script}; COMP_WORDS=({words}); COMP_CWORD={place}; _hesse; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            },
        };
        using Process bash = Process.Start(start)!;
        string[] answers = bash.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        bash.WaitForExit();
        answers.ShouldContain(expected);
        answers.ShouldAllBe(answer => answer.StartsWith(line.Split(' ')[place], StringComparison.Ordinal));
    }
}
