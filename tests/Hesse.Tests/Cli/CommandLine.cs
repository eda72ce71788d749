using Hesse.Cli;

namespace Hesse.Tests.Cli;

/// <summary>Runs a command in this process.</summary>
internal static class CommandLine
{
    public static (int Code, string Output, string Error) Run(params string[] args)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        int code = Program.Run(args, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
