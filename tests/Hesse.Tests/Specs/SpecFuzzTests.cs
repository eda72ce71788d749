using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Hesse.Specs;
using Hesse.Tests.Faults;

namespace Hesse.Tests.Specs;

/// <summary>
/// Damaged texts: only a spec, or exit code 64 or 65 with lines that begin with a place, may come out. The draws are seeded,
/// so that a failure comes back.
/// </summary>
public sealed class SpecFuzzTests
{
    // With both forms and the generated texts ten thousand; a hundred thousand with all faults, a million in a night.
    private static readonly int Mutations = 40 * Repetitions.OfTexts(1000);

    private static readonly int Generated = Repetitions.OfTexts(5000);

    /// <summary>Pieces that parsers trip over.</summary>
    private static readonly string[] Pieces =
    [
        "[",
        "]",
        "{",
        "}",
        ":",
        ": ",
        ",",
        "-",
        "- ",
        "?",
        "? ",
        "#",
        "&a ",
        "*a",
        "!",
        "!!str ",
        "|",
        ">",
        "%",
        "@",
        "`",
        "'",
        "\"",
        "\\",
        "\n",
        "\r",
        "\t",
        " ",
        "\n---\n",
        "\n...\n",
        "<<: ",
        "\0",
        "\uFEFF",
        "\u2028",
        "\u0085",
        "é",
        "😀",
        "1e999",
        "-1",
        "18446744073709551616",
        ".nan",
        "null",
        "0x",
        "{a: ",
        "[[[[[[[[",
        "\"\\ud800\"",
        "key: ",
        "//",
        "/*",
        "*/",
    ];

    [Fact]
    public void F32_damaged_yaml_ends_with_a_spec_or_65() => Damage(SpecText.Full, SpecFormat.Yaml, 1907);

    [Fact]
    public void F32_damaged_json_ends_with_a_spec_or_65() =>
        Damage(SpecWriter.Pretty(SpecText.Read(SpecText.Full)), SpecFormat.Json, 1908);

    [Fact]
    public void F32_generated_text_ends_with_a_spec_or_65()
    {
        Gen<string> texts = Gen.Elements(Pieces).ArrayOf().Select(pieces => string.Concat(pieces));
        Prop.ForAll(
                texts.ToArbitrary(),
                text =>
                {
                    Try(Encoding.UTF8.GetBytes(text), SpecFormat.Yaml);
                    Try(Encoding.UTF8.GetBytes("name: " + text), SpecFormat.Yaml);
                    Try(Encoding.UTF8.GetBytes(text), SpecFormat.Json);
                    Override(text);
                }
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(Generated).WithReplay(1907UL, 1909UL));
        Repetitions.Report("F32", "generated specs read or refused", 4L * Generated);
    }

    private static void Damage(string text, SpecFormat format, int seed)
    {
        Random random = new(seed);
        byte[] whole = Encoding.UTF8.GetBytes(text);
        for (int round = 0; round < Mutations; round++)
        {
            List<byte> damaged = [.. whole];
            for (int blow = random.Next(1, 4); blow > 0; blow--)
            {
                int place = random.Next(damaged.Count);
                switch (random.Next(5))
                {
                    case 0:
                        damaged[place] = (byte)random.Next(256);
                        break;
                    case 1:
                        damaged.RemoveRange(place, Math.Min(random.Next(1, 40), damaged.Count - place));
                        break;
                    case 2:
                        damaged.InsertRange(place, Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)]));
                        break;
                    case 3:
                        damaged.InsertRange(place, damaged.GetRange(place, Math.Min(60, damaged.Count - place)));
                        break;
                    default:
                        damaged.InsertRange(place, Enumerable.Repeat(damaged[place], random.Next(1, 3000)));
                        break;
                }

                if (damaged.Count == 0)
                {
                    break;
                }
            }

            Try([.. damaged], format);
        }

        Repetitions.Report("F32", $"damaged specs read or refused, {format}", Mutations);
    }

    private static void Try(byte[] text, SpecFormat format)
    {
        try
        {
            SpecReader.Parse(text, format, "fuzz", "/data").ShouldNotBeNull();
        }
        catch (HesseException fault)
        {
            fault.Code.ShouldBe(ExitCode.BadData);
            foreach (string line in fault.Message.Split('\n'))
            {
                (
                    line.StartsWith("fuzz:", StringComparison.Ordinal)
                    || line.StartsWith("and ", StringComparison.Ordinal)
                ).ShouldBeTrue(line);
                line.Any(char.IsControl).ShouldBeFalse(line);
            }
        }
    }

    private static void Override(string text)
    {
        try
        {
            SpecText.Read(SpecText.Minimal, SpecOverride.Set(text));
        }
        catch (HesseException fault)
        {
            fault.Code.ShouldBeOneOf(ExitCode.BadData, ExitCode.Usage);
        }
    }
}
