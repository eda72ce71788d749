using System.Diagnostics;
using System.Globalization;
using Hesse.Planning;
using Spectre.Console;

namespace Hesse.Cli;

/// <summary>Shows how far a run has come: a bar on a terminal, else a plain line a minute; nothing when quiet.</summary>
internal sealed class ProgressDisplay(Messages messages, string name, string color, bool quiet)
{
    private static readonly TimeSpan LineEvery = TimeSpan.FromMinutes(1);

    /// <summary>Runs with progress shown.</summary>
    public RunReport Run(Func<IProgress<RunProgress>?, RunReport> run)
    {
        if (quiet)
        {
            return run(null);
        }

        return IsTerminal() ? WithBar(run) : run(new Lines(messages, name));
    }

    /// <summary>12s, 3m02s, 2h05m</summary>
    public static string Duration(double seconds)
    {
        if (!double.IsFinite(seconds) || seconds > 1e7)
        {
            return "?";
        }

        TimeSpan time = TimeSpan.FromSeconds(Math.Max(0, seconds));
        return time.TotalHours >= 1 ? $"{(int)time.TotalHours}h{time.Minutes:D2}m"
            : time.TotalMinutes >= 1 ? $"{time.Minutes}m{time.Seconds:D2}s"
            : $"{time.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture)}s";
    }

    private bool IsTerminal() =>
        color != "never"
        && (
            color == "always"
            || (
                ReferenceEquals(messages.Error, Console.Error)
                && !Console.IsErrorRedirected
                && Environment.GetEnvironmentVariable("TERM") != "dumb"
                && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
                && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI"))
            )
        );

    private RunReport WithBar(Func<IProgress<RunProgress>?, RunReport> run)
    {
        IAnsiConsole console = AnsiConsole.Create(
            new AnsiConsoleSettings { Out = new AnsiConsoleOutput(messages.Error), Ansi = AnsiSupport.Yes }
        );
        RunReport? report = null;
        console
            .Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn())
            .Start(context => report = run(new Bar(context.AddTask(Markup.Escape(name)), name)));
        return report!;
    }

    /// <summary>Replicas a second since the start, without what was done before.</summary>
    private sealed class Rate
    {
        private readonly long _start = Stopwatch.GetTimestamp();
        private double _first = -1;

        public string Describe(RunProgress progress)
        {
            _first = _first < 0 ? progress.Done : _first;
            double seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
            double rate = (progress.Done - _first) / Math.Max(1e-3, seconds);
            string left = rate > 0 ? Duration((progress.Total - progress.Done) / rate) : "?";
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{(long)progress.Done}/{progress.Total} replicas, {rate:F1}/s, {left} left"
            );
        }
    }

    private sealed class Bar(ProgressTask task, string name) : IProgress<RunProgress>
    {
        private readonly Rate _rate = new();

        public void Report(RunProgress value)
        {
            task.MaxValue = value.Total;
            task.Value = value.Done;
            string setting = value.Setting.Length == 0 ? name : $"{name}/{value.Setting}";
            task.Description = Markup.Escape($"{Messages.Printable(setting)}  {_rate.Describe(value)}");
        }
    }

    private sealed class Lines(Messages messages, string name) : IProgress<RunProgress>
    {
        private readonly Rate _rate = new();
        private long _last = Stopwatch.GetTimestamp();

        public void Report(RunProgress value)
        {
            string text = _rate.Describe(value);
            if (Stopwatch.GetElapsedTime(_last) < LineEvery)
            {
                return;
            }

            _last = Stopwatch.GetTimestamp();
            string setting = value.Setting.Length == 0 ? name : $"{name}/{value.Setting}";
            double share = 100 * value.Done / value.Total;
            messages.Error.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"hesse: {Messages.Printable(setting)}: {share:F1} %, {text}"
                )
            );
        }
    }
}
