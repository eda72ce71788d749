using System.Text.Json.Nodes;
using Hesse.Stores;

namespace Hesse.Tests.Cli;

public sealed class CheckDataVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public CheckDataVerbTests()
    {
        NpyFile.Write<double>(_folder.PathOf("x.npy"), NpyType.Float64, [2, 2], [1, 2, 3, 4]);
        NpyFile.Write<long>(_folder.PathOf("y.npy"), NpyType.Int64, [2], [0, 1]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Sound_files_are_described()
    {
        (int code, string output, string error) = CommandLine.Run(
            "check-data",
            _folder.PathOf("x.npy"),
            _folder.PathOf("y.npy")
        );
        (code, error).ShouldBe((0, ""));
        output.ShouldContain("x.npy: npy, (2, 2), <f8, 1 .. 4\n");
        output.ShouldContain("y.npy: npy, (2,), <i8, 0 .. 1, 2 classes: 0 1\n");
    }

    [Fact]
    public void Programs_get_json_and_the_first_fault_decides_the_exit_code()
    {
        _folder.Write("z.npy", "hello"u8);
        (int code, string output, string error) = CommandLine.Run(
            "check-data",
            "--json",
            _folder.PathOf("y.npy"),
            _folder.PathOf("z.npy"),
            _folder.PathOf("none.npy")
        );
        code.ShouldBe(65);
        error.ShouldContain("z.npy: is neither");
        JsonArray files = JsonNode.Parse(output)!["files"]!.AsArray();
        files.Count.ShouldBe(3);
        files[0]!["classes"]!.AsArray().Select(label => label!.GetValue<int>()).ShouldBe([0, 1]);
        files[0]!["sound"]!.GetValue<bool>().ShouldBeTrue();
        files[2]!["problem"]!.GetValue<string>().ShouldBe("no such file");
        CommandLine.Run("check-data", _folder.PathOf("none.npy"), _folder.PathOf("z.npy")).Code.ShouldBe(66);
        CommandLine.Run("check-data").Code.ShouldBe(64);
    }
}
