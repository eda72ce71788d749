using System.Text;
using Hesse.Specs;

namespace Hesse.Tests.Specs;

/// <summary>Files, limits, and what both languages share.</summary>
public sealed class SpecReaderTests : IDisposable
{
    /// <summary>F32 asks for an end within 2 s; what must not happen is the stack overflow or the minutes of a naive reader.</summary>
    private const int Deep = 100_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("hesse-specs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("spec.yaml")]
    [InlineData("spec.YML")]
    public void File_is_read_and_paths_start_at_its_folder(string name)
    {
        string path = Put(
            name,
            SpecText.Minimal.Replace("{kind: gauss}", "{kind: npy, inputs: x.npy, targets: ../y.npy}")
        );

        Spec spec = SpecReader.Read(path);

        spec.Data.ShouldBe(
            new NpyDataSpec
            {
                Inputs = Path.Combine(_folder, "x.npy"),
                Targets = Path.Combine(Path.GetDirectoryName(_folder)!, "y.npy"),
            }
        );
    }

    [Fact]
    public void Missing_file_is_66() => Ends("none.yaml", ExitCode.InputMissing, "there is no such file");

    [Fact]
    public void File_in_a_missing_folder_is_66() =>
        Ends("none/spec.yaml", ExitCode.InputMissing, "there is no such file");

    [Fact]
    public void Folder_is_66()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "spec.yaml"));
        Ends("spec.yaml", ExitCode.InputMissing, "this is a folder, not a spec file");
    }

    [Fact]
    public void Other_file_type_is_64() =>
        Ends(Put("spec.toml", "x"), ExitCode.Usage, "a spec is a .yaml, .yml or .json file");

    [Fact]
    public void Unreadable_file_is_77()
    {
        string path = Put("spec.yaml", SpecText.Minimal);
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        File.SetUnixFileMode(path, UnixFileMode.None);
        if (Environment.IsPrivilegedProcess)
        {
            // The administrator may read everything.
            SpecReader.Read(path).Name.ShouldBe("tiny");
            return;
        }

        Ends("spec.yaml", ExitCode.NoPermission, "no permission to read this file");
    }

    [Fact]
    public void F32_text_larger_than_a_mebibyte_is_refused()
    {
        string yaml = SpecText.Minimal + "#" + new string('x', SpecReader.MaximalBytes - SpecText.Minimal.Length - 1);

        SpecText.Read(yaml).Name.ShouldBe("tiny");
        SpecText.FaultsOf(yaml + "x").ShouldBe(["spec.yaml:1:1: larger than 1048576 bytes, the limit of a spec"]);
    }

    [Theory]
    [InlineData("[", 33)]
    [InlineData("{a: ", 129)]
    [InlineData("- ", 65)]
    public void F32_deep_yaml_ends_at_the_first_level_too_many(string level, int column) =>
        SpecText
            .FaultsOf(string.Concat(Enumerable.Repeat(level, Deep)))
            .ShouldBe([$"spec.yaml:1:{column}: nested deeper than 32 levels"]);

    [Theory]
    [InlineData("[", 33)]
    [InlineData("{\"a\":", 161)]
    public void F32_deep_json_ends_at_the_first_level_too_many(string level, int column) =>
        SpecText
            .FaultsOfJson(string.Concat(Enumerable.Repeat(level, Deep)))
            .ShouldBe([$"spec.json:1:{column}: nested deeper than 32 levels"]);

    [Fact]
    public void Depth_of_32_is_read()
    {
        string nested = new string('[', 31) + new string(']', 31);

        SpecText.FaultsOf($"a: {nested}")[0].ShouldStartWith("spec.yaml:1:1: unknown key 'a'");
        SpecText.FaultsOfJson($"{{\"a\": {nested}}}").ShouldContain(line => line.Contains("unknown key 'a'"));
        SpecText.FaultsOf($"a: [{nested}]").ShouldBe(["spec.yaml:1:35: nested deeper than 32 levels"]);
    }

    [Fact]
    public void F32_text_of_too_many_values_is_refused()
    {
        string list = string.Concat(Enumerable.Repeat("1,", 60_000));

        SpecText.FaultsOf($"a: [{list}]").ShouldBe(["spec.yaml:1:100005: more than 50000 values, the limit of a spec"]);
        SpecText
            .FaultsOfJson($"[{list}1]")
            .ShouldBe(["spec.json:1:100002: more than 50000 values, the limit of a spec"]);
    }

    [Fact]
    public void F32_byte_order_mark_is_skipped()
    {
        SpecText.Read("\uFEFF" + SpecText.Minimal).Name.ShouldBe("tiny");
        SpecText.ReadJson("\uFEFF" + SpecWriter.Pretty(SpecText.Read(SpecText.Minimal))).Name.ShouldBe("tiny");
    }

    [Theory]
    [InlineData(new byte[] { (byte)'a', (byte)'\n', (byte)'b', 0xC3, 0x28 }, "spec.yaml:2:2: not UTF-8")]
    [InlineData(new byte[] { 0xFF, 0xFE, (byte)'a', (byte)'b' }, "spec.yaml:1:1: not UTF-8")]
    [InlineData(new byte[] { (byte)'a', 0 }, "spec.yaml:1:2: control character 0x00; a spec is plain text")]
    [InlineData(new byte[] { (byte)'\n', 0x1B }, "spec.yaml:2:1: control character 0x1b; a spec is plain text")]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 }, "spec.yaml:1:1: not UTF-8")]
    public void F32_bytes_that_are_no_text_are_refused(byte[] text, string message)
    {
        foreach (SpecFormat format in Enum.GetValues<SpecFormat>())
        {
            HesseException fault = Should.Throw<HesseException>(() =>
                SpecReader.Parse(text, format, "spec.yaml", "/data")
            );
            fault.Code.ShouldBe(ExitCode.BadData);
            fault.Message.ShouldBe(message);
        }
    }

    [Fact]
    public void F40_name_of_the_file_cannot_steer_the_terminal()
    {
        HesseException fault = Should.Throw<HesseException>(() =>
            SpecReader.Parse("a"u8, SpecFormat.Yaml, "x\e[31m\n.yaml", "/data")
        );

        fault.Message.ShouldStartWith("x?[31m?.yaml:1:1: ");
    }

    private string Put(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text, new UTF8Encoding(false));
        return path;
    }

    private void Ends(string name, ExitCode code, string message)
    {
        string path = Path.Combine(_folder, name);
        HesseException fault = Should.Throw<HesseException>(() => SpecReader.Read(path));
        fault.Code.ShouldBe(code);
        fault.Message.ShouldBe($"{path}: {message}");
    }
}
