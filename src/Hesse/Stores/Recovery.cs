namespace Hesse.Stores;

/// <summary>Brings a folder back to its last committed state: what a killed process left under tmp/ goes.</summary>
internal static class Recovery
{
    /// <summary>Puts half-replaced chunks back and deletes the rest.</summary>
    public static void Run(IFiles files, ResultPaths paths) => Sweep(files, paths, paths.Temporary);

    private static void Sweep(IFiles files, ResultPaths paths, string temporary)
    {
        foreach (string name in files.Folders(temporary))
        {
            string path = Path.Combine(temporary, name);
            if (name.StartsWith("shard-", StringComparison.Ordinal))
            {
                Sweep(files, paths, path);
            }

            if (name.StartsWith(ResultPaths.ReplacedPrefix, StringComparison.Ordinal))
            {
                string chunk = Path.Combine(paths.Chunks, name[ResultPaths.ReplacedPrefix.Length..]);
                if (!files.FolderExists(chunk))
                {
                    files.MoveFolder(path, chunk);
                    files.SyncFolder(paths.Chunks);
                    continue;
                }
            }

            files.DeleteFolder(path);
        }

        foreach (string name in files.Files(temporary))
        {
            files.DeleteFile(Path.Combine(temporary, name));
        }
    }
}
