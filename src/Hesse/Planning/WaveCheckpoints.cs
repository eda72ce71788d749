using System.Runtime.ExceptionServices;
using Hesse.Backends;
using Hesse.Observables;

namespace Hesse.Planning;

/// <summary>
/// Saves the chunks of a wave every so often and when the run is to stop: of each the values of its finished replicas, and of those in
/// training their values so far, their state and the place in the training and in the measurements.
/// </summary>
internal sealed class WaveCheckpoints : IDisposable
{
    // A stop that the computation has not heard by then is in the middle of a long measurement, whose begin can be saved.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    // Settings that are saved at once. Saving is waiting for the disk, which takes the files of many folders in one go.
    private const int AtOnce = 16;

    private readonly IReadOnlyList<WavePart> _parts;
    private readonly RunState _state;
    private readonly Lock _saving = new();
    private readonly CancellationTokenRegistration _stop;
    private ITimer? _patience;
    private IReplicas? _replicas;
    private WaveObservation? _observation;
    private bool _measuring;
    private ExceptionDispatchInfo? _failure; // of the timer's thread

    /// <summary>Cares for a wave while what <see cref="Begin"/> gives is not disposed of.</summary>
    public WaveCheckpoints(IReadOnlyList<WavePart> parts, RunState state)
    {
        _parts = parts;
        _state = state;
        _stop = state.Stop.Register(() =>
            _patience = state.Options.Clock.CreateTimer(
                _ => SaveWhileMeasuring(),
                null,
                Patience,
                Timeout.InfiniteTimeSpan
            )
        );
    }

    /// <summary>Puts the wave where its checkpoints were, and takes it into care until the result is disposed of.</summary>
    public IDisposable Begin(IReplicas replicas, WaveObservation observation)
    {
        foreach (WavePart part in _parts)
        {
            part.Chunk.Setting.Guarded(() => part.Chunk.Restore(part, replicas, observation));
        }

        lock (_saving)
        {
            (_replicas, _observation) = (replicas, observation);
        }

        return new Care(this);
    }

    /// <summary>Is called between two pieces of the computation: saves when it is time, and leaves when the run is to stop.</summary>
    /// <param name="measuring">Whether the next piece changes nothing but the measurement that comes next.</param>
    /// <exception cref="OperationCanceledException">The run is to stop; what can be saved is saved.</exception>
    /// <exception cref="HesseException">74, 77 or 70: as <see cref="RequireSaved"/>, or this checkpoint could not be written.</exception>
    public void Pause(bool measuring)
    {
        lock (_saving)
        {
            _measuring = false;
            // Asked once: a stop that comes after this is heard at the next pause, and finds its checkpoint written.
            bool stopped = _state.Stopped;
            if (stopped || _parts.Any(part => part.Chunk.IsDue))
            {
                using IDisposable measured = _state.Times.Measure("checkpoints");
                Save();
            }

            RequireSaved();
            if (stopped)
            {
                throw new OperationCanceledException(_state.Stop);
            }

            _measuring = measuring;
        }
    }

    /// <summary>Tells of a checkpoint that could not be written while the computation was in a measurement: the disk is not well.</summary>
    /// <exception cref="HesseException">74, 77 or 70; or whatever else ended it.</exception>
    public void RequireSaved()
    {
        lock (_saving)
        {
            _failure?.Throw();
        }
    }

    public void Dispose()
    {
        _stop.Dispose();
        _patience?.Dispose();
    }

    private void Save()
    {
        if (_replicas is not { } replicas || _observation is not { } observation)
        {
            return;
        }

        // One progress for all chunks.
        MeasurementProgress progress = observation.Progress;
        Lock reading = new();
        // Chunks of one setting are written under one name before they are published.
        IGrouping<SettingInWork, WavePart>[] settings = [.. _parts.GroupBy(part => part.Chunk.Setting)];
        int next = -1;
        if (settings.Length == 1)
        {
            SaveNext();
            return;
        }

        // Not the pool's threads: it has one a processor.
        Task[] savers =
        [
            .. Enumerable
                .Range(0, Math.Min(AtOnce, settings.Length))
                .Select(_ =>
                    Task.Factory.StartNew(
                        SaveNext,
                        CancellationToken.None,
                        TaskCreationOptions.LongRunning,
                        TaskScheduler.Default
                    )
                ),
        ];
        Task.WhenAll(savers).GetAwaiter().GetResult();

        void SaveNext()
        {
            for (int i; (i = Interlocked.Increment(ref next)) < settings.Length; )
            {
                foreach (WavePart part in settings[i])
                {
                    part.Chunk.Setting.Guarded(() => part.Chunk.Save(part, replicas, observation, progress, reading));
                }
            }
        }
    }

    // On a timer's thread, while the computation is in a measurement that writes only what will be measured again.
    private void SaveWhileMeasuring()
    {
        lock (_saving)
        {
            if (!_measuring)
            {
                return;
            }

            try
            {
                Save();
            }
            // Nobody could catch it here: the next pause throws it, or the end of the wave.
            catch (Exception failure)
            {
                _failure = ExceptionDispatchInfo.Capture(failure);
            }
        }
    }

    // Ends before the wave does, which a timer might still be saving.
    private sealed class Care(WaveCheckpoints checkpoints) : IDisposable
    {
        public void Dispose()
        {
            lock (checkpoints._saving)
            {
                (checkpoints._replicas, checkpoints._observation) = (null, null);
            }
        }
    }
}
