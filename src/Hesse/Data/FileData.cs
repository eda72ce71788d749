using System.Security.Cryptography;

namespace Hesse.Data;

/// <summary>Samples read from files, one set for all replicas.</summary>
/// <param name="training">The training samples.</param>
/// <param name="test">The test samples, or null.</param>
/// <param name="contentHash">SHA-256 (lower-case hex) of the files.</param>
internal sealed class FileData(DataSet training, DataSet? test, string contentHash) : IDataSource
{
    /// <inheritdoc/>
    public int Dimension => training.Dimension;

    /// <inheritdoc/>
    public int Outputs => training.Outputs;

    /// <inheritdoc/>
    public int Samples => training.Samples;

    /// <inheritdoc/>
    public int TestSamples => test?.Samples ?? 0;

    /// <inheritdoc/>
    public bool PerReplica => false;

    /// <inheritdoc/>
    public string ContentHash => contentHash;

    /// <inheritdoc/>
    public DataSet Training(int first, int count) => training;

    /// <inheritdoc/>
    public DataSet? Test(int first, int count) => test;

    /// <summary>
    /// SHA-256 over the SHA-256 of each file, in a fixed order; 32 zero bytes stand for a file that is not there, so that a
    /// test set never passes for a training set.
    /// </summary>
    internal static string HashOf(params ReadOnlySpan<byte[]?> fileHashes)
    {
        byte[] all = new byte[fileHashes.Length * SHA256.HashSizeInBytes];
        for (int i = 0; i < fileHashes.Length; i++)
        {
            fileHashes[i]?.CopyTo(all, i * SHA256.HashSizeInBytes);
        }

        return Convert.ToHexStringLower(SHA256.HashData(all));
    }
}
