using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Hesse.Data;

/// <summary>Samples from the caller's memory: one set for all replicas, or set r for replica r.</summary>
/// <param name="training">Training samples; values should be exact in the training precision.</param>
/// <param name="test">Test samples, or null.</param>
public sealed class MemoryData(DataSet training, DataSet? test = null) : IDataSource
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
    public bool PerReplica => training.Sets > 1;

    /// <inheritdoc/>
    public string ContentHash { get; } = Hash(training, test);

    /// <inheritdoc/>
    public DataSet Training(int first, int count) => Part(training, first, count);

    /// <inheritdoc/>
    public DataSet? Test(int first, int count) => test is null ? null : Part(test, first, count);

    private static DataSet Part(DataSet data, int first, int count)
    {
        if (data.Sets == 1)
        {
            return data;
        }

        if (first + count > data.Sets)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"data for {data.Sets} replicas were given, replica {first + count - 1} is asked for"
            );
        }

        int inputs = data.Samples * data.Dimension;
        int targets = data.Samples * data.Outputs;
        return new DataSet(
            data.Samples,
            data.Dimension,
            data.Outputs,
            count,
            data.Inputs[(first * inputs)..((first + count) * inputs)],
            data.Labels?[(first * data.Samples)..((first + count) * data.Samples)],
            data.Targets?[(first * targets)..((first + count) * targets)]
        );
    }

    private static string Hash(DataSet training, DataSet? test)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (DataSet data in test is null ? [training] : new[] { training, test })
        {
            hash.AppendData(MemoryMarshal.AsBytes(data.Inputs.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(data.Labels.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(data.Targets.AsSpan()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
