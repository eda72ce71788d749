using System.Diagnostics;

namespace Hesse.Planning;

/// <summary>Adds up where the time of a run goes: training, each quantity, writing.</summary>
internal sealed class StageTimes
{
    private readonly List<string> _stages = [];
    private readonly Dictionary<string, long> _ticks = [];

    /// <summary>Seconds of each stage in the order of first use.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Seconds =>
        [.. _stages.Select(stage => KeyValuePair.Create(stage, (double)_ticks[stage] / Stopwatch.Frequency))];

    /// <summary>Adds the time until the result is disposed.</summary>
    public IDisposable Measure(string stage)
    {
        if (_ticks.TryAdd(stage, 0))
        {
            _stages.Add(stage);
        }

        return new Measurement(this, stage);
    }

    private sealed class Measurement(StageTimes times, string stage) : IDisposable
    {
        private readonly long _start = Stopwatch.GetTimestamp();

        public void Dispose() => times._ticks[stage] += Stopwatch.GetTimestamp() - _start;
    }
}
