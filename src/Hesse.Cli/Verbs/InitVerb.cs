using System.Text.RegularExpressions;
using CommandLine;

namespace Hesse.Cli.Verbs;

/// <summary>hesse init: a commented spec to begin with.</summary>
[Verb("init", HelpText = "Write a small commented experiment, ready to run and to change.")]
[Examples("hesse init first", "writes first.yaml")]
internal sealed partial class InitVerb : IVerb
{
    private const string Resource = "experiment.yaml";
    private const string Placeholder = "NAME";

    [Value(0, MetaName = "NAME", Default = "experiment", HelpText = "Name of the experiment; the file is NAME.yaml.")]
    public string Name { get; set; } = "experiment";

    [Option("debug", HelpText = "Show stack traces.")]
    public bool Debug { get; set; }

    public ExitCode Execute(IReadOnlyList<string> args, Messages messages)
    {
        string name = Name.EndsWith(".yaml", StringComparison.Ordinal) ? Name[..^".yaml".Length] : Name;
        if (!Names().IsMatch(name) || name is "." or "..")
        {
            throw new HesseException(ExitCode.Usage, $"'{name}' is no name: 1 to 64 of A-Z a-z 0-9 . _ -");
        }

        string path = $"{name}.yaml";
        string text = Template().Replace(Placeholder, name, StringComparison.Ordinal);
        try
        {
            // Never over a file that is there.
            using FileStream file = new(path, FileMode.CreateNew, FileAccess.Write);
            file.Write(System.Text.Encoding.UTF8.GetBytes(text));
        }
        catch (IOException cause) when (File.Exists(path) || Directory.Exists(path))
        {
            throw new HesseException(ExitCode.OutputBusy, $"{path} is there already; choose another name", cause);
        }

        messages.Output.WriteLine(path);
        messages.Error.WriteLine($"hesse: next: hesse plan {path}, then hesse run {path}");
        return ExitCode.Ok;
    }

    /// <summary>The spec with its placeholder.</summary>
    internal static string Template()
    {
        using Stream stream = typeof(InitVerb).Assembly.GetManifestResourceStream(Resource)!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Names();
}
