using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Hesse.Tests.Faults;

/// <summary>The command line as a process of its own, and the signals for it.</summary>
internal static partial class HesseProcess
{
    public const int Hangup = 1;
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int User1 = 10;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;
    private static readonly string Assembly = Path.Combine(AppContext.BaseDirectory, "hesse.dll");

    /// <summary>Starts a command; both streams are read.</summary>
    public static Process Start(IReadOnlyList<string> words, params (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = Info(words);
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Runs a command to its end.</summary>
    public static (int Code, string Output, string Error) Run(
        IReadOnlyList<string> words,
        params (string Name, string Value)[] environment
    )
    {
        using Process process = Start(words, environment);
        return Finish(process);
    }

    /// <summary>Runs a line of the shell in which $HESSE stands for the command.</summary>
    public static (int Code, string Output, string Error) Shell(string line, string? folder = null)
    {
        ProcessStartInfo start = new("/bin/bash")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? string.Empty,
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(line);
        start.Environment["HESSE"] = $"dotnet {Assembly}";
        using Process process = Process.Start(start)!;
        return Finish(process);
    }

    /// <summary>Waits for the end; ten minutes are a hang on the busiest machine.</summary>
    public static (int Code, string Output, string Error) Finish(Process process)
    {
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit(TimeSpan.FromMinutes(10)).ShouldBeTrue("the process does not end");
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    /// <summary>Sends a signal.</summary>
    public static void Signal(Process process, int signal) => _ = SendSignal(process.Id, signal);

    private static ProcessStartInfo Info(IReadOnlyList<string> words)
    {
        // Tests that are started by nohup or in the background of a script inherit ignored signals, which a run rightly goes on ignoring.
        ProcessStartInfo start = new("env")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string word in (string[])["--default-signal=HUP,INT,QUIT,TERM", "dotnet", Assembly, .. words])
        {
            start.ArgumentList.Add(word);
        }

        return start;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SendSignal(int process, int signal);
}
