using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Hesse.Specs;

/// <summary>
/// YAML text to a tree through the events of the low-level parser alone: its deserializer recurses without a limit, takes the
/// last of two equal keys, and expands aliases. Plain scalars are typed by the core schema of YAML 1.2.
/// </summary>
internal static partial class YamlTree
{
    /// <summary>Reads one document.</summary>
    /// <param name="text">The text.</param>
    /// <param name="locate">Turns a line and column into an origin.</param>
    /// <param name="faults">Receives duplicate keys.</param>
    /// <exception cref="HesseException">Exit code 65: syntax, depth, or a feature of YAML that specs do without.</exception>
    public static SpecNode Read(string text, Func<int, int, SpecOrigin> locate, SpecFaults faults)
    {
        SpecTreeBuilder builder = new(faults);
        using StringReader reader = new(text);
        Parser parser = new(reader);
        SpecOrigin At(Mark mark) =>
            locate((int)Math.Clamp(mark.Line, 1, int.MaxValue), (int)Math.Clamp(mark.Column, 1, int.MaxValue));
        void Refuse(Mark mark, string message)
        {
            faults.Add(At(mark), "", message);
            faults.ThrowIfAny();
        }

        // What YAML has and specs do without is collected over the whole text; the tree is then of no more use.
        bool refused = false;
        void Forbid(Mark mark, string message)
        {
            refused = true;
            faults.Add(At(mark), "", message);
        }

        int documents = 0;
        while (Next(parser, Refuse))
        {
            ParsingEvent current = parser.Current!;
            if (current is NodeEvent node)
            {
                ForbidExtras(node, Forbid);
            }

            switch (current)
            {
                case DocumentStart when ++documents > 1:
                    Refuse(current.Start, "a second document; a spec is one document");
                    break;
                case DocumentStart { Version: { } version } when version.Version is not { Major: 1, Minor: 2 }:
                    Refuse(current.Start, "specs are YAML 1.2: leave the %YAML line out");
                    break;
                case AnchorAlias:
                    Forbid(current.Start, "aliases (*name) are not allowed in a spec; write the value out");
                    if (builder.ExpectsKey)
                    {
                        builder.Key("", At(current.Start));
                    }
                    else
                    {
                        builder.Scalar(SpecNodeKind.Null, At(current.Start), "");
                    }

                    break;
                case MappingStart or SequenceStart when builder.ExpectsKey:
                    Refuse(current.Start, "a key must be a name, not a list or keys and values");
                    break;
                case MappingStart:
                    builder.Open(SpecNodeKind.Object, At(current.Start));
                    break;
                case SequenceStart:
                    builder.Open(SpecNodeKind.Array, At(current.Start));
                    break;
                case MappingEnd or SequenceEnd:
                    builder.Close();
                    break;
                case Scalar { Style: ScalarStyle.Plain, Value: "<<" } when builder.ExpectsKey:
                    Forbid(current.Start, "merge keys (<<) are not allowed in a spec; write the keys out");
                    builder.Key("<<", At(current.Start));
                    break;
                case Scalar scalar when builder.ExpectsKey:
                    builder.Key(scalar.Value, At(scalar.Start));
                    break;
                case Scalar scalar:
                    (SpecNodeKind kind, string value) =
                        scalar.Style == ScalarStyle.Plain
                            ? Classify(scalar.Value)
                            : (SpecNodeKind.String, scalar.Value);
                    builder.Scalar(kind, At(scalar.Start), value);
                    break;
            }
        }

        if (refused)
        {
            faults.ThrowIfAny();
        }

        return builder.Root ?? new SpecNode(SpecNodeKind.Null, locate(1, 1));
    }

    /// <summary>Kind and normalised text of a plain scalar by the core schema of YAML 1.2: 0x and 0o become decimal.</summary>
    public static (SpecNodeKind Kind, string Text) Classify(string text)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return (SpecNodeKind.Null, "");
            case "true" or "True" or "TRUE":
                return (SpecNodeKind.Boolean, "true");
            case "false" or "False" or "FALSE":
                return (SpecNodeKind.Boolean, "false");
        }

        if (NumberPattern().IsMatch(text) || NonFinitePattern().IsMatch(text))
        {
            return (SpecNodeKind.Number, text);
        }

        if (!PrefixedPattern().IsMatch(text))
        {
            return (SpecNodeKind.String, text);
        }

        BigInteger value = 0;
        int radix = text[1] == 'x' ? 16 : 8;
        foreach (char digit in text.AsSpan(2))
        {
            value = (value * radix) + int.Parse([digit], NumberStyles.HexNumber);
        }

        return (SpecNodeKind.Number, value.ToString());
    }

    private static bool Next(Parser parser, Action<Mark, string> refuse)
    {
        try
        {
            return parser.MoveNext();
        }
        catch (YamlException fault)
        {
            // The parser's message repeats its own place in front of what is wrong.
            refuse(fault.Start, $"not valid YAML: {SpecFaults.Printable(fault.Message, 200)}");
            return false;
        }
        catch (Exception fault)
            when (fault is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // Damaged text can bring the scanner out of step; it then says so without a place of its own.
            refuse(parser.Current?.End ?? Mark.Empty, "not valid YAML after this place");
            return false;
        }
    }

    private static void ForbidExtras(NodeEvent node, Action<Mark, string> forbid)
    {
        if (!node.Anchor.IsEmpty)
        {
            forbid(node.Start, "anchors (&name) are not allowed in a spec");
        }

        if (!node.Tag.IsEmpty)
        {
            forbid(node.Start, "tags (!name) are not allowed in a spec");
        }
    }

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NumberPattern();

    [GeneratedRegex(@"^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NonFinitePattern();

    // At most 32 digits: more fit no key, and converting a megabyte of them would take minutes.
    [GeneratedRegex(@"^(0o[0-7]{1,32}|0x[0-9a-fA-F]{1,32})\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PrefixedPattern();
}
