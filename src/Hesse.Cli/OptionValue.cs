using System.Globalization;
using System.Text.RegularExpressions;

namespace Hesse.Cli;

/// <summary>Reads the small languages of option values.</summary>
internal static partial class OptionValue
{
    /// <summary>3h50m, 90s, 1d, 1.5h</summary>
    /// <exception cref="HesseException">64</exception>
    public static TimeSpan Duration(string option, string text)
    {
        Match match = DurationText().Match(text);
        double seconds = 0;
        for (int i = 0; match.Success && i < match.Groups["number"].Captures.Count; i++)
        {
            double number = double.Parse(match.Groups["number"].Captures[i].Value, CultureInfo.InvariantCulture);
            seconds +=
                number
                * match.Groups["unit"].Captures[i].Value switch
                {
                    "d" => 86400,
                    "h" => 3600,
                    "m" => 60,
                    _ => 1,
                };
        }

        return seconds > 0 && seconds < TimeSpan.MaxValue.TotalSeconds / 2
            ? TimeSpan.FromSeconds(seconds)
            : throw new HesseException(ExitCode.Usage, $"{option} {text}: write a duration such as 3h50m, 90s or 1d");
    }

    /// <summary>4G, 512M, 3GiB, 1000000: powers of 1024.</summary>
    /// <exception cref="HesseException">64</exception>
    public static long Bytes(string option, string text)
    {
        Match match = BytesText().Match(text);
        double value = match.Success ? double.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture) : 0;
        value *= match.Groups["unit"].Value.ToUpperInvariant() switch
        {
            "K" => 1L << 10,
            "M" => 1L << 20,
            "G" => 1L << 30,
            "T" => 1L << 40,
            _ => 1,
        };
        return value is >= 1 and < long.MaxValue / 2
            ? (long)value
            : throw new HesseException(ExitCode.Usage, $"{option} {text}: write a size such as 4G or 512M");
    }

    /// <summary>I/N with 0 &lt;= I &lt; N.</summary>
    /// <exception cref="HesseException">64</exception>
    public static Planning.Shard Shard(string text) =>
        text.Split('/') is [var first, var second]
        && int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
        && int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
        && index < count
            ? new Planning.Shard(index, count)
            : throw new HesseException(ExitCode.Usage, $"--shard {text}: write I/N, counted from 0, such as 0/4");

    /// <summary>A-B or A, counted from 0.</summary>
    /// <exception cref="HesseException">64</exception>
    public static (int First, int Last) Range(string option, string text)
    {
        string[] parts = text.Split('-');
        return
            parts.Length is 1 or 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int first)
            && int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int last)
            && first <= last
            ? (first, last)
            : throw new HesseException(ExitCode.Usage, $"{option} {text}: write A-B, such as 0-99, or one number");
    }

    /// <summary>Whole numbers with commas between them.</summary>
    /// <exception cref="HesseException">64</exception>
    public static int[] Integers(string option, string text) =>
        [
            .. text.Split(',')
                .Select(part =>
                    int.TryParse(part.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int value)
                        ? value
                        : throw new HesseException(ExitCode.Usage, $"{option} {text}: '{part}' is not a whole number")
                ),
        ];

    /// <summary>Numbers of devices, each once.</summary>
    /// <exception cref="HesseException">64</exception>
    public static int[] Devices(string text)
    {
        int[] devices = Integers("--devices", text);
        return devices.Distinct().Count() == devices.Length
            ? devices
            : throw new HesseException(ExitCode.Usage, $"--devices {text}: a device stands twice");
    }

    /// <summary>true and false with commas between them.</summary>
    /// <exception cref="HesseException">64</exception>
    public static bool[] Booleans(string option, string text) =>
        [
            .. text.Split(',')
                .Select(part =>
                    bool.TryParse(part.Trim(), out bool value)
                        ? value
                        : throw new HesseException(
                            ExitCode.Usage,
                            $"{option} {text}: '{part}' is neither true nor false"
                        )
                ),
        ];

    /// <summary>One of an enumeration's names, written with hyphens.</summary>
    /// <exception cref="HesseException">64, with the nearest name.</exception>
    public static T Choice<T>(string what, string text)
        where T : struct, Enum
    {
        T[] values = Enum.GetValues<T>();
        string[] names = [.. values.Select(value => Hyphenated().Replace(value.ToString(), "-$1").ToLowerInvariant())];
        int index = Array.IndexOf(names, text);
        return index >= 0
            ? values[index]
            : throw new HesseException(ExitCode.Usage, Specs.NearestName.Unknown(what, text, names));
    }

    [GeneratedRegex(@"^(?:(?<number>[0-9]{1,9}(?:\.[0-9]{1,9})?)(?<unit>[dhms]))+$", RegexOptions.ExplicitCapture)]
    private static partial Regex DurationText();

    [GeneratedRegex(
        @"^(?<number>[0-9]{1,15}(?:\.[0-9]{1,9})?)(?<unit>[kKmMgGtT]?)(?:i?B)?$",
        RegexOptions.ExplicitCapture
    )]
    private static partial Regex BytesText();

    [GeneratedRegex("(?<=[a-z])([A-Z])")]
    private static partial Regex Hyphenated();
}
