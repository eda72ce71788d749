using System.Numerics;
using Hesse.Planning;

namespace Hesse.Stores;

/// <summary>
/// A chunk being written: its files grow in a folder under tmp/ and appear under chunks/ by one rename, the only commit
/// point. Without a commit nothing of it counts.
/// </summary>
internal sealed class ChunkWriter : IDisposable
{
    private readonly IFiles _files;
    private readonly ResultPaths _paths;
    private readonly ReplicaRange _range;
    private readonly IReadOnlyList<ArrayLayout> _layouts;
    private readonly ChunkFolder? _old;
    private readonly string _folder;
    private readonly List<ArrayWriter> _arrays = [];

    /// <summary>Begins a chunk.</summary>
    /// <param name="files">The disk.</param>
    /// <param name="paths">Where the result lies.</param>
    /// <param name="range">The replicas.</param>
    /// <param name="layouts">The arrays that are computed now.</param>
    /// <param name="old">The chunk whose other files are kept, byte for byte; or null.</param>
    public ChunkWriter(
        IFiles files,
        ResultPaths paths,
        ReplicaRange range,
        IReadOnlyList<ArrayLayout> layouts,
        ChunkFolder? old
    )
    {
        _files = files;
        _paths = paths;
        _range = range;
        _layouts = layouts;
        _old = old;
        _folder = Path.Combine(paths.Temporary, range.FolderName);
        _files.DeleteFolder(_folder);
        _files.CreateFolder(_folder);
        try
        {
            foreach (ArrayLayout layout in layouts)
            {
                string path = Path.Combine(_folder, layout.FileName);
                _arrays.Add(new ArrayWriter(files, path, layout, range.Count));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Adds whole rows (replicas) to the array of this number.</summary>
    public void Append<T>(int array, ReadOnlySpan<T> rows)
        where T : unmanaged, INumber<T> => _arrays[array].Append(rows);

    /// <summary>Adds the first rows of a file of the same layout.</summary>
    public void AppendFrom(int array, string path, int rows)
    {
        using Stream file = _files.Open(path);
        NpyHeader header = NpyHeader.Read(file, path);
        if (header.Type != _layouts[array].Type)
        {
            throw new HesseException(ExitCode.BadData, $"{path} has another element type than it should");
        }

        CopyRows(file, rows * _layouts[array].RowLength * header.ElementSize, _arrays[array]);
    }

    /// <summary>Copies the rows that were added so far.</summary>
    public void CopyTo(int array, ArrayWriter target)
    {
        string path = Path.Combine(_folder, _layouts[array].FileName);
        using Stream file = _files.Open(path);
        file.Position = NpyHeader.ToBytes(_layouts[array].Type, _layouts[array].Shape(_range.Count)).Length;
        CopyRows(file, long.MaxValue, target);
    }

    /// <summary>Publishes the chunk.</summary>
    /// <param name="provenance">Its description but for the files.</param>
    public void Commit(ChunkRecord provenance)
    {
        List<ArrayRecord> records = [.. Kept().Select(Copy)];
        for (int i = 0; i < _arrays.Count; i++)
        {
            records.Add(_arrays[i].Finish());
            _arrays[i].Dispose();
        }

        _arrays.Clear();
        ChunkRecord record = provenance with { First = _range.First, Count = _range.Count, Files = records };
        SealedJson.Write(
            _files,
            Path.Combine(_folder, ChunkFolder.RecordFile),
            record,
            StoreFormat.Records.ChunkRecord
        );
        _files.SyncFolder(_folder);
        string target = Path.Combine(_paths.Chunks, _range.FolderName);
        string replaced = Path.Combine(_paths.Temporary, ResultPaths.ReplacedPrefix + _range.FolderName);
        if (_files.FolderExists(target))
        {
            // Two renames cannot be one: a crash between them leaves replaced-..., which the next start puts back.
            _files.MoveFolder(target, replaced);
        }

        _files.MoveFolder(_folder, target);
        _files.SyncFolder(_paths.Chunks);
        _files.DeleteFolder(replaced);
    }

    /// <summary>Closes the files; what was not committed stays under tmp/ until the folder is closed.</summary>
    public void Dispose()
    {
        foreach (ArrayWriter array in _arrays)
        {
            array.Dispose();
        }

        _arrays.Clear();
    }

    private static void CopyRows(Stream from, long bytes, ArrayWriter to)
    {
        byte[] buffer = new byte[1 << 20];
        while (bytes > 0 && from.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, bytes))) is var read and > 0)
        {
            to.AppendBytes(buffer.AsSpan(0, read));
            bytes -= read;
        }
    }

    private IEnumerable<ArrayRecord> Kept() =>
        _old is null
            ? []
            : _old.Record.Files.Where(file =>
                !_layouts.Any(layout => string.Equals(layout.Quantity, file.Quantity, StringComparison.Ordinal))
            );

    private ArrayRecord Copy(ArrayRecord record)
    {
        string source = Path.Combine(_old!.Path, record.File);
        using Stream from = _files.Open(source);
        using ChecksumStream to = new(_files.Create(Path.Combine(_folder, record.File)));
        from.CopyTo(to, 1 << 20);
        to.Flush();
        _files.Sync(to.Inner);
        return string.Equals(to.Sha256, record.Sha256, StringComparison.Ordinal)
            ? record
            : throw new HesseException(
                ExitCode.BadData,
                $"{source} is damaged: its checksum does not fit; {_old.Remedy}"
            );
    }
}
