using System.Globalization;
using Hesse.Planning;
using Hesse.Specs;

namespace Hesse.Cli;

/// <summary>The last lines of a run: what is done, where it lies, where the time went.</summary>
internal static class RunSummary
{
    public static void Write(Messages messages, Spec spec, RunOptions options, RunReport report, bool quiet)
    {
        foreach (string repair in report.Repairs)
        {
            messages.Failure($"computed again: {repair}");
        }

        foreach (string left in report.GivenUp)
        {
            messages.Failure(left);
        }

        foreach (string finding in report.AuditFindings)
        {
            messages.Failure($"audit: {finding}");
        }

        foreach (string warning in report.Warnings)
        {
            messages.Failure($"warning: {warning}");
        }

        foreach (string folder in report.AllDiverged)
        {
            messages.Failure($"warning: every replica diverged in {folder}");
        }

        if (report.Stopped)
        {
            messages.Failure($"stopped early: {report.Done}/{report.Total} replicas done; the same command resumes");
        }

        if (quiet)
        {
            return;
        }

        Stages(messages, report);
        if (report.Audited > 0 && report.AuditFindings.Count == 0)
        {
            messages.Error.WriteLine($"hesse: audit: {report.Audited} replicas computed again, the same bits");
        }

        string diverged = report.Diverged > 0 ? $", {report.Diverged} diverged" : string.Empty;
        messages.Output.WriteLine($"{report.Done}/{report.Total} done{diverged}");
        messages.Output.WriteLine(Messages.Printable(Path.GetFullPath(Path.Combine(options.Output, spec.Name))));
        if (report.Stopped)
        {
            return;
        }

        string next =
            options.Shard.Count > 1
                ? "when all shards are done, join them with hesse merge"
                : $"next: hesse report {Messages.Printable(Path.Combine(options.Output, spec.Name))}";
        messages.Error.WriteLine($"hesse: {next}");
    }

    private static void Stages(Messages messages, RunReport report)
    {
        double total = report.Stages.Sum(stage => stage.Value);
        if (report.Computed == 0 || total <= 0)
        {
            return;
        }

        foreach ((string stage, double seconds) in report.Stages)
        {
            messages.Error.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{stage, -30} {ProgressDisplay.Duration(seconds), 9} {100 * seconds / total, 6:F1} %"
                )
            );
        }

        messages.Error.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{"all", -30} {ProgressDisplay.Duration(total), 9}  {report.Computed} replicas, {report.Computed / total:F1}/s"
            )
        );
    }
}
