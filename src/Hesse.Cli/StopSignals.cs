using System.Runtime.InteropServices;

namespace Hesse.Cli;

/// <summary>
/// Ctrl-C, SIGTERM, SIGHUP, SIGUSR1 and SIGUSR2 ask a command to stop; what is finished stays and it ends with 75. A second Ctrl-C or
/// SIGTERM ends the process at once.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private const int User1 = 10;
    private const int User2 = 12;

    // Schedulers kill 10 s after they asked at the earliest.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _count;
    private bool _disposed;

    public StopSignals(TimeSpan? stopAfter)
    {
        PosixSignal[] signals = OperatingSystem.IsLinux()
            ? [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, (PosixSignal)User1, (PosixSignal)User2]
            : [PosixSignal.SIGINT, PosixSignal.SIGTERM];
        foreach (PosixSignal signal in signals)
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, Handle));
        }

        if (stopAfter is { } duration)
        {
            if (duration.TotalMilliseconds < 1)
            {
                // Below a timer's grain: at once, not when a thread is free to tell the time.
                _stop.Cancel();
                return;
            }

            // A timer takes at most some 49 days; a longer limit is none.
            _stop.CancelAfter(duration.TotalMilliseconds < uint.MaxValue - 1 ? duration : Timeout.InfiniteTimeSpan);
        }
    }

    public CancellationToken Token => _stop.Token;

    /// <summary>Does work that hears a stop, and does not wait longer than seconds for it to hear it.</summary>
    /// <exception cref="HesseException">75: the process ends in the middle of a long computation.</exception>
    public T Run<T>(Func<T> work)
    {
        // On a thread that ends with the process, whatever it is doing: what is committed is whole at any moment.
        Task<T> task = Task.Factory.StartNew(
            work,
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
        WaitHandle ended = ((IAsyncResult)task).AsyncWaitHandle;
        bool heard = WaitHandle.WaitAny([ended, _stop.Token.WaitHandle]) == 0 || ended.WaitOne(Patience);
        return heard
            ? task.GetAwaiter().GetResult()
            : throw new HesseException(
                ExitCode.Stopped,
                "stopped early, in the middle of a long computation; the same command goes on from what is stored"
            );
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        // A signal that comes in this moment is still being handled.
        lock (_registrations)
        {
            _disposed = true;
            _stop.Dispose();
        }
    }

    private void Handle(PosixSignalContext context)
    {
        bool final =
            context.Signal is PosixSignal.SIGINT or PosixSignal.SIGTERM && Interlocked.Increment(ref _count) > 1;
        context.Cancel = !final;
        lock (_registrations)
        {
            if (!_disposed)
            {
                _stop.Cancel();
            }
        }
    }
}
