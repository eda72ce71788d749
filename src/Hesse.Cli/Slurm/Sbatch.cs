using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Hesse.Cli.Slurm;

/// <summary>Hands scripts to Slurm.</summary>
internal static class Sbatch
{
    /// <summary>Submits a script.</summary>
    /// <returns>The job's number.</returns>
    /// <exception cref="HesseException">69: there is no sbatch here; 74: Slurm refused the script.</exception>
    public static long Submit(string script, params string[] options)
    {
        ProcessStartInfo start = new("sbatch")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string word in (string[])["--parsable", .. options, script])
        {
            start.ArgumentList.Add(word);
        }

        try
        {
            using Process process = Process.Start(start)!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            // With several clusters the cluster's name follows.
            return
                process.ExitCode == 0
                && long.TryParse(output.Split(';')[0], NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                ? number
                : throw new HesseException(
                    ExitCode.InputOutput,
                    $"sbatch {script}: {error.GetAwaiter().GetResult().Trim().ReplaceLineEndings(" ")} {output}".TrimEnd()
                );
        }
        catch (Win32Exception cause)
        {
            throw new HesseException(
                ExitCode.DeviceUnavailable,
                "there is no sbatch on this machine; --dry-run prints the scripts for another one",
                cause
            );
        }
    }
}
