using CommandLine;
using Hesse.Stores;

namespace Hesse.Cli.Verbs;

/// <summary>hesse export: copies of finished results for other programs.</summary>
[Verb("export", HelpText = "Copy finished results into one .npz file or into CSV tables.")]
[Examples("hesse export results/gauss-10 --format npz", "everything in one file")]
internal sealed class ExportVerb : IVerb
{
    [Value(0, MetaName = "DIR", Required = true, HelpText = "The --out folder or one run inside it.")]
    public string Folder { get; set; } = string.Empty;

    [Option("format", Required = true, MetaValue = "FORMAT", HelpText = "npz or csv.")]
    public string Format { get; set; } = string.Empty;

    [Option("debug", HelpText = "Show stack traces.")]
    public bool Debug { get; set; }

    public ExitCode Execute(IReadOnlyList<string> args, Messages messages)
    {
        if (Format is not ("npz" or "csv"))
        {
            throw new HesseException(ExitCode.Usage, $"--format {Format}: write npz or csv");
        }

        using StopSignals signals = new(stopAfter: null);
        foreach (string folder in Results.Find(Folder))
        {
            IReadOnlyList<string> written = signals.Run(() =>
                Format == "npz" ? [Export.ToNpz(folder, signals.Token)] : Export.ToCsv(folder, signals.Token)
            );
            foreach (string file in written)
            {
                messages.Output.WriteLine(Messages.Printable(file));
            }
        }

        return ExitCode.Ok;
    }
}
