using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Hesse.Specs;

/// <summary>A whole number in a range; written without point or exponent.</summary>
internal sealed class IntegerKind<T>(T minimum, T maximum) : SpecKind<T>
    where T : struct, IBinaryInteger<T>
{
    public override bool TryRead(SpecNode node, string path, SpecBinding binding, out T value)
    {
        value = minimum;
        string expected = $"a whole number {minimum} .. {maximum}";
        if (node.Kind != SpecNodeKind.Number || node.Text.AsSpan().ContainsAny('.', 'e', 'E'))
        {
            return Mismatch(node, path, binding, expected);
        }

        if (
            T.TryParse(node.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
            && value >= minimum
            && value <= maximum
        )
        {
            return true;
        }

        value = minimum;
        binding.Faults.Add(
            node.Origin,
            path,
            $"{SpecFaults.Shorten(node.Text)} is out of range: {minimum} .. {maximum}"
        );
        return false;
    }

    // The overloads of known types: the generic one makes System.Text.Json look for all its converters by reflection.
    public override JsonNode Write(T value) =>
        value is int small ? JsonValue.Create(small) : JsonValue.Create(ulong.CreateChecked(value));

    public override JsonObject Schema() =>
        new()
        {
            ["type"] = "integer",
            ["minimum"] = Write(minimum),
            ["maximum"] = Write(maximum),
        };
}

/// <summary>A finite number in a range.</summary>
/// <param name="minimum">Lower bound.</param>
/// <param name="maximum">Upper bound.</param>
/// <param name="open">Whether the lower bound itself is excluded.</param>
/// <param name="openMaximum">Whether the upper bound itself is excluded.</param>
internal sealed class NumberKind(
    double minimum = double.NegativeInfinity,
    double maximum = double.PositiveInfinity,
    bool open = false,
    bool openMaximum = false
) : SpecKind<double>
{
    public override bool TryRead(SpecNode node, string path, SpecBinding binding, out double value)
    {
        value = 0;
        if (node.Kind != SpecNodeKind.Number)
        {
            return Mismatch(node, path, binding, "a number");
        }

        bool read = double.TryParse(node.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
        if (!read || !double.IsFinite(value))
        {
            binding.Faults.Add(node.Origin, path, $"{SpecFaults.Shorten(node.Text)} is not a finite number");
            return false;
        }

        // Minus zero is zero: one value, one identity.
        value += 0.0;
        if (!Contains(value))
        {
            binding.Faults.Add(node.Origin, path, $"{SpecFaults.Shorten(node.Text)} is out of range: {Range()}");
            return false;
        }

        return true;
    }

    /// <summary>Whether a value lies in the range.</summary>
    public bool Contains(double value) =>
        value >= minimum && value <= maximum && !(open && value == minimum) && !(openMaximum && value == maximum);

    /// <summary>What is not finite, in a spec made in code, becomes a text: reading it back refuses it with its key.</summary>
    public override JsonNode Write(double value) =>
        double.IsFinite(value) ? JsonValue.Create(value) : JsonValue.Create(value.ToString());

    public override JsonObject Schema()
    {
        JsonObject schema = new() { ["type"] = "number" };
        if (double.IsFinite(minimum))
        {
            schema[open ? "exclusiveMinimum" : "minimum"] = minimum;
        }

        if (double.IsFinite(maximum))
        {
            schema[openMaximum ? "exclusiveMaximum" : "maximum"] = maximum;
        }

        return schema;
    }

    /// <summary>The range in words.</summary>
    public string Range() =>
        (double.IsFinite(minimum), double.IsFinite(maximum)) switch
        {
            (true, true) => $"{(open ? "above " : "")}{minimum} .. {(openMaximum ? "below " : "")}{maximum}",
            (true, false) => open ? $"must be greater than {minimum}" : $"must be at least {minimum}",
            _ => $"must be at most {maximum}",
        };
}

/// <summary>true or false; on, off, yes and no are texts.</summary>
internal sealed class BooleanKind : SpecKind<bool>
{
    public override bool TryRead(SpecNode node, string path, SpecBinding binding, out bool value)
    {
        value = node.Text == "true";
        return node.Kind == SpecNodeKind.Boolean || Mismatch(node, path, binding, "true or false");
    }

    public override JsonNode Write(bool value) => JsonValue.Create(value);

    public override JsonObject Schema() => new() { ["type"] = "boolean" };
}

/// <summary>One name of an enumeration, in kebab case: HeNormal is he-normal.</summary>
internal sealed class ChoiceKind<T> : SpecKind<T>
    where T : struct, Enum
{
    private static readonly T[] Values = Enum.GetValues<T>();
    private static readonly string[] Names = [.. Values.Select(value => Kebab(value.ToString()))];

    public override bool TryRead(SpecNode node, string path, SpecBinding binding, out T value)
    {
        int index = node.Kind == SpecNodeKind.String ? Array.IndexOf(Names, node.Text) : -1;
        value = Values[Math.Max(0, index)];
        if (index >= 0)
        {
            return true;
        }

        if (node.Kind != SpecNodeKind.String)
        {
            return Mismatch(node, path, binding, $"one of {string.Join(", ", Names)}");
        }

        binding.Faults.AddUnknown(node.Origin, path, "value", node.Text, Names);
        return false;
    }

    public override JsonNode Write(T value) => JsonValue.Create(Names[Array.IndexOf(Values, value)]);

    public override JsonObject Schema() =>
        new() { ["enum"] = new JsonArray([.. Names.Select(name => JsonValue.Create(name))]) };

    private static string Kebab(string name)
    {
        StringBuilder kebab = new();
        foreach (char letter in name)
        {
            if (char.IsAsciiLetterUpper(letter) && kebab.Length > 0)
            {
                kebab.Append('-');
            }

            kebab.Append(char.ToLowerInvariant(letter));
        }

        return kebab.ToString();
    }
}

/// <summary>One of some names.</summary>
/// <param name="what">What a name stands for, in messages.</param>
/// <param name="names">The names.</param>
internal sealed class OneOfKind(string what, IReadOnlyList<string> names) : SpecKind<string>
{
    public override bool TryRead(SpecNode node, string path, SpecBinding binding, out string value)
    {
        value = node.Text;
        if (node.Kind != SpecNodeKind.String)
        {
            return Mismatch(node, path, binding, $"one of {string.Join(", ", names)}");
        }

        if (names.Contains(value))
        {
            return true;
        }

        binding.Faults.AddUnknown(node.Origin, path, what, value, names);
        return false;
    }

    public override JsonNode Write(string value) => JsonValue.Create(value);

    public override JsonObject Schema() =>
        new() { ["enum"] = new JsonArray([.. names.Select(name => JsonValue.Create(name))]) };
}

/// <summary>A name that becomes a folder: nothing in it can lead elsewhere.</summary>
internal sealed partial class NameKind : SpecKind<string>
{
    private const string Pattern = "^(?!\\.{1,2}$)[A-Za-z0-9._-]{1,64}$";

    public override bool TryRead(SpecNode node, string path, SpecBinding binding, out string value)
    {
        value = node.Text;
        if (node.Kind != SpecNodeKind.String)
        {
            return Mismatch(node, path, binding, "a text (put numbers and the like in quotation marks)");
        }

        if (Allowed().IsMatch(value))
        {
            return true;
        }

        binding.Faults.Add(
            node.Origin,
            path,
            $"{SpecFaults.Quote(value)} is no name: 1 to 64 of A-Z a-z 0-9 . _ -, and not '.' or '..'"
        );
        return false;
    }

    public override JsonNode Write(string value) => JsonValue.Create(value);

    public override JsonObject Schema() => new() { ["type"] = "string", ["pattern"] = Pattern };

    [GeneratedRegex(@"^(?!\.{1,2}\z)[A-Za-z0-9._-]{1,64}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Allowed();
}

/// <summary>A text of several lines, for people.</summary>
internal sealed class TextKind : SpecKind<string?>
{
    private const int Longest = 10_000;

    public override bool TryRead(SpecNode node, string path, SpecBinding binding, out string? value)
    {
        value = node.Text;
        if (node.Kind != SpecNodeKind.String)
        {
            return Mismatch(node, path, binding, "a text");
        }

        if (value.Length <= Longest)
        {
            return true;
        }

        binding.Faults.Add(node.Origin, path, $"has {value.Length} characters; at most {Longest} are allowed");
        return false;
    }

    public override JsonNode? Write(string? value) => value is null ? null : JsonValue.Create(value);

    public override JsonObject Schema() => new() { ["type"] = "string", ["maxLength"] = Longest };
}

/// <summary>A file or folder, relative to the spec file or absolute; absolute once read.</summary>
internal sealed class PathKind : SpecKind<string?>
{
    public override bool TryRead(SpecNode node, string path, SpecBinding binding, out string? value)
    {
        value = null;
        if (node.Kind != SpecNodeKind.String || node.Text.Length == 0)
        {
            return Mismatch(node, path, binding, "a path");
        }

        if (node.Text.Any(letter => char.IsControl(letter) || char.IsSurrogate(letter)) && !Printable(node.Text))
        {
            binding.Faults.Add(
                node.Origin,
                path,
                $"{SpecFaults.Quote(node.Text)} holds a character that no path should"
            );
            return false;
        }

        value = Path.GetFullPath(node.Text, binding.Folder);
        return true;
    }

    public override JsonNode? Write(string? value) => value is null ? null : JsonValue.Create(value);

    public override JsonObject Schema() => new() { ["type"] = "string", ["minLength"] = 1 };

    private static bool Printable(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar || Rune.IsControl(rune))
            {
                return false;
            }
        }

        return true;
    }
}
