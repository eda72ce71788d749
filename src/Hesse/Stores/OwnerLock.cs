using System.Runtime.ExceptionServices;
using System.Text.Json;

namespace Hesse.Stores;

/// <summary>
/// Keeps a setting's folder for one process, or each shard of it for one process. The lock is the operating system's, so that a
/// process that dies gives it back. The record beside it names the owner, beats while it works, and goes when it ends; one that
/// is left tells of an owner that died, which on another machine (whose locks may not reach here) must be said by the user.
/// </summary>
internal sealed class OwnerLock : IDisposable
{
    /// <summary>Seconds between two signs of life.</summary>
    public const int BeatSeconds = 20;

    // A second in all, when nothing but the message waits.
    private const int LooksForOwner = 20;
    private const int MillisecondsBetweenLooks = 50;

    // EWOULDBLOCK of Linux and of macOS; ERROR_SHARING_VIOLATION of Windows.
    private static readonly int[] Busy = [11, 35, unchecked((int)0x80070020)];
    private readonly IFiles _files;
    private readonly ResultPaths _paths;
    private readonly TimeProvider _clock;
    private readonly IReadOnlyList<IDisposable> _held;
    private readonly Lock _writing = new();
    private readonly ITimer _timer;
    private OwnerRecord _record;
    private ExceptionDispatchInfo? _failure; // of the timer's thread
    private bool _closed;

    private OwnerLock(IFiles files, ResultPaths paths, TimeProvider clock, IReadOnlyList<IDisposable> held)
    {
        _files = files;
        _paths = paths;
        _clock = clock;
        _held = held;
        _record = OwnerRecord.OfThisProcess(paths.Shard, clock.GetUtcNow());
        Write();
        TimeSpan beat = TimeSpan.FromSeconds(BeatSeconds);
        _timer = clock.CreateTimer(_ => Beat(), state: null, beat, beat);
    }

    /// <summary>Takes the lock and leaves the owner's record.</summary>
    /// <param name="files">The disk.</param>
    /// <param name="paths">Which folder, which shard.</param>
    /// <param name="options">Whether an owner on another machine is known to be gone, and the clock.</param>
    /// <exception cref="HesseException">73: another process has the folder, or had it on another machine.</exception>
    public static OwnerLock Take(IFiles files, ResultPaths paths, FolderOptions options)
    {
        List<IDisposable> held = [];
        try
        {
            bool shared = paths.Shard.Count > 1;
            held.Add(Hold(files, paths, paths.Lock, shared));
            if (shared)
            {
                files.CreateFolder(paths.Shards);
                held.Add(Hold(files, paths, paths.ShardLock, shared: false));
            }

            RequireNobodyElsewhere(files, paths, options.BreakLock);
            if (!shared)
            {
                // Nobody holds a shard while the whole folder is held.
                files.DeleteFolder(paths.Shards);
            }

            return new OwnerLock(files, paths, options.Clock, held);
        }
        catch
        {
            held.ForEach(item => item.Dispose());
            throw;
        }
    }

    /// <summary>The records of all who are, or were, at work.</summary>
    public static IReadOnlyList<OwnerRecord> Owners(IFiles files, ResultPaths paths) =>
        [
            .. files
                .Files(paths.Shards)
                .Where(name => name.EndsWith(".json", StringComparison.Ordinal))
                .Select(name => Path.Combine(paths.Shards, name))
                .Prepend(paths.WholeOwner)
                .Select(path => TryRead(files, path))
                .OfType<OwnerRecord>(),
        ];

    /// <summary>Tells of a sign of life that could not be written: the disk is not well.</summary>
    /// <exception cref="HesseException">74 or 77; or whatever else ended it.</exception>
    public void RequireBeat()
    {
        lock (_writing)
        {
            if (_failure is { } failure && StoreFailure.Is(failure.SourceException))
            {
                throw StoreFailure.Translate(failure.SourceException, _paths.Owner);
            }

            _failure?.Throw();
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        try
        {
            lock (_writing)
            {
                _closed = true;
                _files.DeleteFile(_paths.Owner);
            }
        }
        finally
        {
            foreach (IDisposable item in _held)
            {
                item.Dispose();
            }
        }
    }

    private static IDisposable Hold(IFiles files, ResultPaths paths, string path, bool shared)
    {
        try
        {
            return files.Lock(path, shared);
        }
        catch (IOException cause) when (Busy.Contains(cause.HResult))
        {
            OwnerRecord[] others = Others();
            for (int look = 0; look < LooksForOwner && others.Length == 0; look++)
            {
                // Who has just taken the lock writes its record next.
                Thread.Sleep(MillisecondsBetweenLooks);
                others = Others();
            }

            string who =
                others.Length > 0 ? string.Join(", ", others.Select(owner => owner.ToString())) : "another process";
            throw new HesseException(
                ExitCode.OutputBusy,
                $"{paths.Root} is in use by {who}; wait for it or choose another --out",
                cause
            );
        }

        OwnerRecord[] Others() =>
            [
                .. Owners(files, paths)
                    .Where(owner => !shared || owner.Shard is null)
                    .Where(owner => owner.Exists() != false),
            ];
    }

    private static void RequireNobodyElsewhere(IFiles files, ResultPaths paths, bool breakLock)
    {
        OwnerRecord self = OwnerRecord.OfThisProcess(paths.Shard, default);
        foreach (OwnerRecord owner in Owners(files, paths))
        {
            // A shard shares the folder with other shards; of its own share and of a whole run it must be the only owner.
            bool excludes =
                paths.Shard.Count == 1
                || owner.Shard is null
                || string.Equals(owner.Shard, self.Shard, StringComparison.Ordinal);
            bool requeued = self.Job is not null && string.Equals(owner.Job, self.Job, StringComparison.Ordinal);
            if (excludes && !breakLock && !requeued && owner.Exists() is null)
            {
                throw new HesseException(
                    ExitCode.OutputBusy,
                    $"{paths.Root} is in use by, or was left behind by, {owner}, and this is another machine; "
                        + "when you know that it has ended, continue with --break-lock"
                );
            }
        }
    }

    private static OwnerRecord? TryRead(IFiles files, string path)
    {
        try
        {
            if (!files.FileExists(path))
            {
                return null;
            }

            using Stream file = files.Open(path);
            return JsonSerializer.Deserialize(file, StoreFormat.Records.OwnerRecord);
        }
        // It went in this moment, or it is no record: the operating system's lock alone decides.
        catch (Exception failure) when (failure is IOException or JsonException)
        {
            return null;
        }
    }

    private void Beat()
    {
        lock (_writing)
        {
            if (_closed || _failure is not null)
            {
                return;
            }

            try
            {
                _record = _record with { Beat = _clock.GetUtcNow() };
                Write();
            }
            // On a timer's thread nobody could catch it: the run asks for it when it writes next.
            catch (Exception failure)
            {
                _failure = ExceptionDispatchInfo.Capture(failure);
            }
        }
    }

    private void Write()
    {
        // Readers see the old record or the new one. No fsync: after a power loss there is no owner.
        string next = _paths.Owner + ".new";
        using (Stream file = _files.Create(next))
        {
            file.Write(JsonSerializer.SerializeToUtf8Bytes(_record, StoreFormat.Records.OwnerRecord));
        }

        _files.MoveFile(next, _paths.Owner);
    }
}
