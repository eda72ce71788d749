using System.Globalization;
using System.Text.Json.Nodes;

namespace Hesse.Stores;

/// <summary>log.jsonl: what happened to a folder and when, a line each; read by people only.</summary>
internal sealed class RunLog(IFiles files, ResultPaths paths, TimeProvider clock)
{
    /// <summary>Adds a line.</summary>
    public void Add(string what, string detail)
    {
        JsonObject line = new()
        {
            ["time"] = clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture),
            ["pid"] = Environment.ProcessId,
            ["event"] = what,
            ["detail"] = detail,
        };
        files.Append(paths.Log, line.ToJsonString() + "\n");
    }
}
