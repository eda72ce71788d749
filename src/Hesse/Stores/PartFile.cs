namespace Hesse.Stores;

/// <summary>A file that appears whole: written beside its place under the name path.part, and renamed.</summary>
internal static class PartFile
{
    /// <summary>Writes and renames; what was begun and not finished is gone.</summary>
    /// <param name="files">The disk.</param>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes the file of the name that it is given.</param>
    public static void Publish(IFiles files, string path, Action<string> write)
    {
        string temporary = path + ".part";
        try
        {
            write(temporary);
            files.MoveFile(temporary, path);
        }
        catch
        {
            files.DeleteFile(temporary);
            throw;
        }
    }
}
