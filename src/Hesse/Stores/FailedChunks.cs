using Hesse.Planning;

namespace Hesse.Stores;

/// <summary>How often a chunk was lost to a failing device.</summary>
/// <param name="Tries">Processes that lost it.</param>
/// <param name="Message">What the last one said.</param>
internal sealed record FailureRecord(int Tries, string Message);

/// <summary>
/// Counts the chunks that a failing device has lost. After three processes have lost the same chunk it is left out, so that a
/// scheduler that starts the run again and again gets everything else.
/// </summary>
internal sealed class FailedChunks(IFiles files, ResultPaths paths)
{
    /// <summary>Processes that try a chunk before it is left out.</summary>
    public const int MostTries = 3;

    /// <summary>What is known of a chunk; null when it never failed.</summary>
    public FailureRecord? Find(ReplicaRange range) =>
        files.FileExists(PathOf(range))
            ? SealedJson.Read(
                files,
                PathOf(range),
                StoreFormat.Records.FailureRecord,
                "delete it and run the experiment again"
            )
            : null;

    /// <summary>Whether a chunk is left out.</summary>
    public bool IsGivenUp(ReplicaRange range) => Find(range)?.Tries >= MostTries;

    /// <summary>Counts a loss.</summary>
    public void Add(ReplicaRange range, string message)
    {
        int tries = (Find(range)?.Tries ?? 0) + 1;
        files.CreateFolder(paths.Failed);
        files.CreateFolder(paths.Temporary);
        string temporary = Path.Combine(paths.Temporary, $"{range.FolderName}.json");
        SealedJson.Write(
            files,
            temporary,
            new FailureRecord(tries, message.ReplaceLineEndings(" ")),
            StoreFormat.Records.FailureRecord
        );
        files.MoveFile(temporary, PathOf(range));
    }

    /// <summary>Forgets a chunk that is to be tried again, or is there.</summary>
    public void Forget(ReplicaRange range) => files.DeleteFile(PathOf(range));

    private string PathOf(ReplicaRange range) => Path.Combine(paths.Failed, $"{range.FolderName}.json");
}
