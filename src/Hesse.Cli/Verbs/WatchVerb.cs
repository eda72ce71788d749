using CommandLine;
using Hesse.Reports;

namespace Hesse.Cli.Verbs;

/// <summary>hesse watch: the report of a folder in a browser while its runs go on.</summary>
[Verb("watch", HelpText = "Serve the report of finished chunks on this machine while a run goes on; Ctrl-C ends it.")]
[Examples(
    "hesse watch results",
    "the report of what is finished, at an address of this machine",
    "hesse watch results --port 8642",
    "at a fixed port, for a tunnel through ssh"
)]
internal sealed class WatchVerb : IVerb
{
    [Value(0, MetaName = "DIR", Required = true, HelpText = "The --out folder or one run inside it.")]
    public string Folder { get; set; } = string.Empty;

    [Option("port", MetaValue = "N", HelpText = "A port of this machine; default: any that is free.")]
    public int? Port { get; set; }

    [Option("debug", HelpText = "Show stack traces.")]
    public bool Debug { get; set; }

    public ExitCode Execute(IReadOnlyList<string> args, Messages messages)
    {
        if (Port is < 1 or > 65535)
        {
            throw new HesseException(ExitCode.Usage, $"--port {Port}: write a number from 1 to 65535");
        }

        if (!Directory.Exists(Folder))
        {
            throw new HesseException(ExitCode.InputMissing, $"{Folder}: there is no such folder");
        }

        using StopSignals signals = new(stopAfter: null);
        using LiveReport report = new(Folder, Port ?? 0);
        messages.Output.WriteLine(report.Address);
        messages.Output.Flush();
        messages.Error.WriteLine("hesse: open this address in a browser on this machine; Ctrl-C ends");
        signals.Token.WaitHandle.WaitOne();
        return ExitCode.Ok;
    }
}
