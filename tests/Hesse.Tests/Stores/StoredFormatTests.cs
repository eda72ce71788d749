using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Hesse.Tests.Backends.Cuda;
using Command = Hesse.Tests.Cli.CommandLine;

namespace Hesse.Tests.Stores;

/// <summary>
/// A result folder as an earlier version wrote it stays readable: format-1 was made by the command in its spec.yaml, and is never made again.
/// </summary>
[Trait("Category", "Fault")]
public sealed class StoredFormatTests : IDisposable
{
    // Tables are computed from the arrays by the program that merges: a sum of three replicas in another order changes the last digits,
    // and means of eigenvalues that cancel (of order 1, mean 1e-17) have no digits of their own.
    private const double Rounding = 1e-13;
    private const double Smallest = 1e-2;

    private static readonly string[] s_settings = ["batch.size-2", "batch.size-3"];
    private readonly TemporaryFolder _folder = new();

    public StoredFormatTests() => Copy(Original, Root);

    private static string Original =>
        Path.Combine(CudaForTests.Repository, "tests", "Hesse.Tests", "Stores", "format-1", "stored");

    private string Root => _folder.PathOf("stored");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void F47_an_old_folder_is_sound_and_complete()
    {
        Read("verify").ShouldContain("\"findings\": []");
        JsonArray settings = JsonNode.Parse(Read("status"))!["settings"]!.AsArray();
        settings.Select(setting => setting!["slug"]!.GetValue<string>()).ShouldBe(s_settings);
        settings.ShouldAllBe(setting => setting!["complete"]!.GetValue<bool>());
    }

    [Fact]
    public void F47_an_old_folder_is_merged_again_to_the_same_arrays_and_tables()
    {
        SortedDictionary<string, byte[]> before = Numbers();
        foreach (string setting in s_settings)
        {
            Directory.Delete(Path.Combine(Root, setting, "arrays"), recursive: true);
            File.Delete(Path.Combine(Root, setting, "summary.csv"));
        }

        Command.Run("merge", Root).Code.ShouldBe(0);

        SortedDictionary<string, byte[]> after = Numbers();
        after.Keys.ShouldBe(before.Keys);
        foreach ((string file, byte[] bytes) in after)
        {
            if (file.EndsWith("summary.csv", StringComparison.Ordinal))
            {
                ShouldBeTheSameTable(bytes, before[file]);
            }
            else
            {
                bytes.SequenceEqual(before[file]).ShouldBeTrue(file);
            }
        }

        Command.Run("verify", Root).Code.ShouldBe(0);
    }

    [Fact]
    public void F47_an_old_folder_is_exported_summarised_and_reported()
    {
        // The mean loss at step 0, as it stood in the folder's first summary.csv.
        Read("stats").ShouldContain("0.8185799651675755");
        foreach (string format in new[] { "npz", "csv" })
        {
            (int code, _, string error) = Command.Run("export", Root, "--format", format);
            code.ShouldBe(0, error);
        }

        File.Exists(Path.Combine(Root, s_settings[0], "export.npz")).ShouldBeTrue();
        Read("report").ShouldContain("report.html");
        File.ReadAllText(Path.Combine(Root, "report.html")).ShouldContain("batch.size-3");
    }

    // Word by word; numbers within Rounding.
    private static void ShouldBeTheSameTable(byte[] actual, byte[] expected)
    {
        string[] words = Words(actual);
        string[] before = Words(expected);
        words.Length.ShouldBe(before.Length);
        for (int i = 0; i < words.Length; i++)
        {
            if (
                double.TryParse(words[i], CultureInfo.InvariantCulture, out double value)
                && double.TryParse(before[i], CultureInfo.InvariantCulture, out double old)
            )
            {
                value.ShouldBe(old, Rounding * Math.Max(Math.Abs(old), Smallest));
            }
            else
            {
                words[i].ShouldBe(before[i]);
            }
        }
    }

    private static string[] Words(byte[] table) => Encoding.UTF8.GetString(table).Split(',', '\n');

    private string Read(string verb)
    {
        (int code, string output, string error) = Command.Run(verb, Root, "--json");
        code.ShouldBe(0, error);
        return output;
    }

    private SortedDictionary<string, byte[]> Numbers() =>
        new(
            SmallResult
                .Snapshot(Root)
                .Where(file =>
                    file.Key.EndsWith(".npy", StringComparison.Ordinal)
                    || file.Key.EndsWith(".csv", StringComparison.Ordinal)
                )
                .ToDictionary(),
            StringComparer.Ordinal
        );

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
