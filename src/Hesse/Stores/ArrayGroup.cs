namespace Hesse.Stores;

/// <summary>
/// Array files that appear together: they are written under other names and renamed once all are whole. Disposed of before that,
/// nothing of them stays.
/// </summary>
internal sealed class ArrayGroup : IDisposable
{
    private const string Unfinished = ".part";

    private readonly IFiles _files;
    private readonly IReadOnlyList<ArrayLayout> _layouts;
    private readonly int _replicas;
    private readonly string[] _paths;
    private readonly List<ArrayWriter> _writers = [];
    private bool _finished;

    /// <summary>Begins the files.</summary>
    /// <param name="files">The disk.</param>
    /// <param name="folder">Where they go; it exists.</param>
    /// <param name="layouts">One a file.</param>
    /// <param name="replicas">Rows of every file.</param>
    public ArrayGroup(IFiles files, string folder, IReadOnlyList<ArrayLayout> layouts, int replicas)
    {
        _files = files;
        _layouts = layouts;
        _replicas = replicas;
        _paths = [.. layouts.Select(layout => Path.Combine(folder, layout.FileName))];
        try
        {
            for (int i = 0; i < _paths.Length; i++)
            {
                _writers.Add(new ArrayWriter(files, _paths[i] + Unfinished, layouts[i], replicas));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Adds values to an array, in C order.</summary>
    public void Append(int array, ReadOnlySpan<double> values) => _writers[array].Append(values);

    /// <summary>Brings all files to the disk and gives them their names.</summary>
    /// <returns>The files with their shapes.</returns>
    public IReadOnlyList<KeyValuePair<string, IReadOnlyList<long>>> Finish()
    {
        _writers.ForEach(writer => writer.Finish());
        _writers.ForEach(writer => writer.Dispose());
        foreach (string path in _paths)
        {
            _files.MoveFile(path + Unfinished, path);
        }

        _finished = true;
        return [.. _paths.Zip(_layouts, (path, layout) => KeyValuePair.Create(path, layout.Shape(_replicas)))];
    }

    public void Dispose()
    {
        if (_finished)
        {
            return;
        }

        _writers.ForEach(writer => writer.Dispose());
        foreach (string path in _paths.Where(path => _files.FileExists(path + Unfinished)))
        {
            _files.DeleteFile(path + Unfinished);
        }
    }
}
