namespace Hesse.Tests;

/// <summary>A clock that stands until it is moved; its timers run when it passes them.</summary>
internal sealed class ManualClock : TimeProvider
{
    private readonly List<ManualTimer> _timers = [];
    private TimeSpan _passed;

    public DateTimeOffset Now { get; private set; } = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp() => _passed.Ticks;

    /// <summary>Sets the clock, as a person or a server does; no time passes.</summary>
    public void Jump(TimeSpan time) => Now += time;

    public void Advance(TimeSpan time)
    {
        Now += time;
        _passed += time;
        _timers.ForEach(timer => timer.RunIfDue(Now));
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _timers.Add(new ManualTimer(callback, state, Now + dueTime, period));
        return _timers[^1];
    }

    private sealed class ManualTimer(TimerCallback callback, object? state, DateTimeOffset due, TimeSpan period)
        : ITimer
    {
        private DateTimeOffset _due = due;
        private bool _stopped;

        public void RunIfDue(DateTimeOffset now)
        {
            if (!_stopped && now >= _due)
            {
                _due = now + period;
                callback(state);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException();

        public void Dispose() => _stopped = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
