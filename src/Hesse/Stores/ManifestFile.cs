namespace Hesse.Stores;

/// <summary>Reads and replaces manifest.json.</summary>
internal static class ManifestFile
{
    /// <summary>Version of the folder's layout.</summary>
    public const int Format = 1;

    /// <summary>The manifest of a result folder.</summary>
    /// <exception cref="HesseException">66 when there is none; 65 when it is damaged or of another version.</exception>
    public static ManifestRecord Read(IFiles files, ResultPaths paths)
    {
        if (!files.FileExists(paths.Manifest))
        {
            throw new HesseException(
                ExitCode.InputMissing,
                $"{paths.Root} holds no results: there is no manifest.json"
            );
        }

        // Each chunk names its experiment too, so nothing is lost with the manifest.
        ManifestRecord manifest = SealedJson.Read(
            files,
            paths.Manifest,
            StoreFormat.Records.ManifestRecord,
            "delete it and run the experiment again: finished chunks are kept"
        );
        return manifest.Format == Format
            ? manifest
            : throw new HesseException(
                ExitCode.BadData,
                $"{paths.Manifest} has format {manifest.Format}; this program reads format {Format}"
            );
    }

    /// <summary>Replaces the manifest by one rename.</summary>
    public static void Write(IFiles files, ResultPaths paths, ManifestRecord manifest)
    {
        files.CreateFolder(paths.Temporary);
        string temporary = Path.Combine(paths.Temporary, "manifest.json");
        SealedJson.Write(files, temporary, manifest, StoreFormat.Records.ManifestRecord);
        files.MoveFile(temporary, paths.Manifest);
        files.SyncFolder(paths.Root);
    }
}
