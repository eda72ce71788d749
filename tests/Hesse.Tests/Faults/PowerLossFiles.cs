using Hesse.Stores;
using Hesse.Tests.Stores;

namespace Hesse.Tests.Faults;

/// <summary>
/// A disk whose machine loses power at the N-th call that changes something. Of files that were not synced the contents are cut
/// or zeroed; of renames and deletions in folders that were not synced the last few never happened.
/// </summary>
internal sealed class PowerLossFiles(int at, int seed) : DelegatingFiles(DiskFiles.Instance), IDisposable
{
    private readonly Random _random = new(seed);
    private readonly TemporaryFolder _before = new();
    private readonly Dictionary<Stream, string> _open = [];
    private readonly HashSet<string> _unsynced = [];
    private readonly List<(string[] Folders, Action Undo)> _changes = [];
    private int _calls;
    private int _kept;

    public void Dispose() => _before.Dispose();

    public override Stream Create(string path)
    {
        Step();
        Stream stream = base.Create(path);
        _open[stream] = path;
        _unsynced.Add(path);
        return stream;
    }

    public override void Append(string path, string text)
    {
        Step();
        base.Append(path, text);
    }

    public override void Sync(Stream file)
    {
        Step();
        file.Flush();
        _unsynced.Remove(_open[file]);
    }

    public override void SyncFolder(string path)
    {
        Step();
        // File systems with a journal write changes in their order.
        int last = _changes.FindLastIndex(change => change.Folders.Contains(path));
        _changes.RemoveRange(0, last + 1);
    }

    public override void MoveFile(string from, string to)
    {
        Step();
        string? old = Keep(to);
        base.MoveFile(from, to);
        Moved(from, to);
        Changed(
            to,
            () =>
            {
                File.Move(to, from);
                Restore(old, to);
            }
        );
    }

    public override void MoveFolder(string from, string to)
    {
        Step();
        base.MoveFolder(from, to);
        Moved(from, to);
        Changed(to, () => Directory.Move(to, from), from);
    }

    public override void DeleteFile(string path)
    {
        Step();
        string? old = Keep(path);
        base.DeleteFile(path);
        Changed(path, () => Restore(old, path));
    }

    public override void DeleteFolder(string path)
    {
        Step();
        if (Directory.Exists(path))
        {
            string old = _before.PathOf($"{_kept++}");
            Directory.Move(path, old);
            Changed(path, () => Directory.Move(old, path));
        }
    }

    public override void CreateFolder(string path)
    {
        Step();
        base.CreateFolder(path);
    }

    /// <summary>Leaves on the disk what the loss leaves.</summary>
    public void LosePower()
    {
        foreach (string path in _unsynced.Where(File.Exists))
        {
            byte[] bytes = File.ReadAllBytes(path);
            int length = _random.Next(bytes.Length + 1);
            bool zeroed = _random.Next(2) == 0;
            File.WriteAllBytes(path, zeroed ? new byte[bytes.Length] : bytes[..length]);
        }

        for (int undone = _random.Next(_changes.Count + 1); undone > 0; undone--)
        {
            _changes[^1].Undo();
            _changes.RemoveAt(_changes.Count - 1);
        }
    }

    private void Step()
    {
        if (++_calls >= at)
        {
            throw new IOException("the power is gone", 5);
        }
    }

    private void Changed(string path, Action undo, string? from = null) =>
        _changes.Add(([Path.GetDirectoryName(path)!, Path.GetDirectoryName(from ?? path)!], undo));

    private void Moved(string from, string to)
    {
        foreach (
            string path in _unsynced
                .Where(path => path == from || path.StartsWith(from + "/", StringComparison.Ordinal))
                .ToArray()
        )
        {
            _unsynced.Remove(path);
            _unsynced.Add(to + path[from.Length..]);
        }
    }

    private string? Keep(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        string old = _before.PathOf($"{_kept++}");
        File.Copy(path, old);
        return old;
    }

    private static void Restore(string? old, string path)
    {
        if (old is not null)
        {
            File.Copy(old, path, overwrite: true);
        }
    }
}
