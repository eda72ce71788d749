using System.Text;
using Hesse.Stores;

namespace Hesse.Tests.Stores;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Reads_every_type_and_orders_names_by_their_numbers()
    {
        string path = Write(
            """{"layers.10.weight":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"layers.2.weight":{"dtype":"F64","shape":[1,1],"data_offsets":[8,16]},"h":{"dtype":"F16","shape":[],"data_offsets":[16,18]},"b":{"dtype":"BF16","shape":[1],"data_offsets":[18,20]},"n":{"dtype":"I64","shape":[1],"data_offsets":[20,28]},"__metadata__":{"format":"pt"}}""",
            [
                .. BitConverter.GetBytes(1.5f),
                .. BitConverter.GetBytes(-2f),
                .. BitConverter.GetBytes(0.1),
                .. BitConverter.GetBytes((Half)0.25),
                0x80,
                0x3f, // bfloat16 1.0
                .. BitConverter.GetBytes(7L),
            ]
        );
        IReadOnlyList<NamedArray> tensors = SafetensorsFile.Read(path);
        tensors.Select(tensor => tensor.Name).ShouldBe(["b", "h", "layers.2.weight", "layers.10.weight", "n"]);
        tensors[0].Values.ToDoubles().ShouldBe([1.0]);
        tensors[1].Values.ToDoubles().ShouldBe([0.25]);
        tensors[1].Values.Shape.ShouldBeEmpty();
        tensors[2].Values.ToDoubles().ShouldBe([0.1]);
        tensors[3].Values.ToDoubles().ShouldBe([1.5, -2]);
        tensors[4].Values.ToInt64s().ShouldBe([7]);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "do not fit together")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "lies at 4 .. 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "behind its last tensor")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""", 8, "lies at 0 .. 16")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}""", 4, "do not fit together")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}""",
        4,
        "do not fit together"
    )]
    [InlineData("""{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}""", 8, "dtype C64")]
    [InlineData("""{"a":{"shape":[1],"data_offsets":[0,8]}}""", 8, "not the JSON")]
    [InlineData("""{"a":3}""", 8, "not the JSON")]
    [InlineData("[]", 8, "not the JSON")]
    [InlineData("{", 8, "not the JSON")]
    [InlineData("{}", 0, "holds 0 tensors")]
    public void Broken_files_are_refused_with_the_reason(string header, int bytes, string reason)
    {
        HesseException failure = Should.Throw<HesseException>(() =>
            SafetensorsFile.Read(Write(header, new byte[bytes]))
        );
        failure.Code.ShouldBe(ExitCode.BadData);
        failure.Message.ShouldContain(reason);
    }

    [Fact]
    public void A_header_longer_than_the_file_is_not_allocated()
    {
        string path = _folder.PathOf("long.safetensors");
        File.WriteAllBytes(path, [.. BitConverter.GetBytes(ulong.MaxValue), .. new byte[8]]);
        Should.Throw<HesseException>(() => SafetensorsFile.Read(path)).Message.ShouldContain("has a header of");
        File.WriteAllBytes(path, [1, 2, 3]);
        Should.Throw<HesseException>(() => SafetensorsFile.Read(path)).Message.ShouldContain("shorter than its header");
    }

    [Fact]
    public void Every_truncation_of_a_file_is_refused()
    {
        string path = Write("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", new byte[8]);
        byte[] whole = File.ReadAllBytes(path);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            Should.Throw<HesseException>(() => SafetensorsFile.Read(path)).Code.ShouldBe(ExitCode.BadData);
        }
    }

    private string Write(string header, byte[] numbers)
    {
        string path = _folder.PathOf("x.safetensors");
        byte[] text = Encoding.UTF8.GetBytes(header);
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((ulong)text.Length), .. text, .. numbers]);
        return path;
    }
}
