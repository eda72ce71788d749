using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hesse.Stores;

/// <summary>
/// Keeps a setting's folder for one process (or for the shards of one run). The lock is the operating system's, so that a
/// process that dies gives it back; the owner's record beside it only tells others who it is.
/// </summary>
internal sealed class OwnerLock : IDisposable
{
    // EWOULDBLOCK of Linux and of macOS; ERROR_SHARING_VIOLATION of Windows.
    private static readonly int[] Busy = [11, 35, unchecked((int)0x80070020)];
    private readonly IDisposable _lock;

    private OwnerLock(IDisposable held) => _lock = held;

    /// <summary>Takes the lock and leaves the owner's record.</summary>
    /// <exception cref="HesseException">73: another process has the folder.</exception>
    public static OwnerLock Take(IFiles files, ResultPaths paths)
    {
        IDisposable held;
        try
        {
            held = files.Lock(paths.Lock, shared: paths.Shard.Count > 1);
        }
        catch (IOException cause) when (Busy.Contains(cause.HResult))
        {
            throw new HesseException(
                ExitCode.OutputBusy,
                $"{paths.Root} is in use by {Owner(files, paths)}; wait for it or choose another --out",
                cause
            );
        }

        try
        {
            using Process self = Process.GetCurrentProcess();
            JsonObject record = new()
            {
                ["host"] = Environment.MachineName,
                ["pid"] = Environment.ProcessId,
                ["started"] = self.StartTime.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture),
            };
            using Stream file = files.Create(paths.Owner);
            file.Write(Encoding.UTF8.GetBytes(record.ToJsonString() + "\n"));
            return new OwnerLock(held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    public void Dispose() => _lock.Dispose();

    private static string Owner(IFiles files, ResultPaths paths)
    {
        try
        {
            using Stream file = files.Open(paths.Owner);
            JsonNode? record = JsonNode.Parse(file);
            return $"process {record?["pid"]} on {record?["host"]} (since {record?["started"]})";
        }
        // The record is a courtesy, and its owner may be writing it at this moment.
        catch (Exception failure) when (failure is IOException or JsonException)
        {
            return "another process";
        }
    }
}
