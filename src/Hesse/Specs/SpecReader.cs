using System.Text;

namespace Hesse.Specs;

/// <summary>Language of a spec's text.</summary>
public enum SpecFormat
{
    /// <summary>YAML 1.2 without anchors, aliases, tags and merge keys.</summary>
    Yaml,

    /// <summary>JSON; comments are skipped.</summary>
    Json,
}

/// <summary>
/// Text to <see cref="Spec"/>: strict, with all faults reported together, one line each as file:line:column: key: what is wrong.
/// </summary>
public static class SpecReader
{
    /// <summary>1 MiB: the largest spec that makes sense is a hundredth of it.</summary>
    internal const int MaximalBytes = 1 << 20;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Reads a spec file.</summary>
    /// <param name="path">A .yaml, .yml or .json file.</param>
    /// <param name="overrides">Values from the command line; the last one for a key holds.</param>
    /// <exception cref="HesseException">Exit code 64 (no such format, bad override), 65 (bad spec), 66 (missing), 74 (I/O) or 77 (unreadable).</exception>
    public static Spec Read(string path, IReadOnlyList<SpecOverride>? overrides = null)
    {
        string shown = Shown(path);
        SpecFormat format = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".yaml" or ".yml" => SpecFormat.Yaml,
            ".json" => SpecFormat.Json,
            _ => throw new HesseException(ExitCode.Usage, $"{shown}: a spec is a .yaml, .yml or .json file"),
        };
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? Path.GetFullPath(path);
        return Parse(Load(path, shown), format, path, folder, overrides);
    }

    /// <summary>Reads a spec from memory.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="format">Its language.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="folder">Absolute folder from which relative data paths start.</param>
    /// <param name="overrides">Values from the command line; the last one for a key holds.</param>
    /// <exception cref="HesseException">Exit code 65, or 64 where only overrides are wrong; one line a fault.</exception>
    public static Spec Parse(
        ReadOnlySpan<byte> text,
        SpecFormat format,
        string name,
        string folder,
        IReadOnlyList<SpecOverride>? overrides = null
    )
    {
        SpecFaults faults = new();
        string shown = Shown(name);
        SpecNode root = Tree(text, format, (line, column) => new SpecOrigin(shown, line, column), faults);
        foreach (SpecOverride one in overrides ?? [])
        {
            root = Override(root, one, faults);
        }

        foreach (SpecOverride one in overrides ?? [])
        {
            RefuseSwept(root, one, faults);
        }

        return SpecBinder.Bind(root, folder, faults);
    }

    /// <summary>Checks a spec made in code as if it had been read: the same limits, the same messages, resolved times.</summary>
    /// <param name="spec">The spec.</param>
    /// <returns>The spec as it reads back.</returns>
    /// <exception cref="HesseException">Exit code 65, one line a fault.</exception>
    public static Spec Check(Spec spec) =>
        Parse(Encoding.UTF8.GetBytes(SpecWriter.Pretty(spec)), SpecFormat.Json, "spec", Path.GetFullPath("."));

    /// <summary>Text to a tree of nodes.</summary>
    internal static SpecNode Tree(
        ReadOnlySpan<byte> text,
        SpecFormat format,
        Func<int, int, SpecOrigin> locate,
        SpecFaults faults
    )
    {
        if (text.Length > MaximalBytes)
        {
            faults.Add(locate(1, 1), "", $"larger than {MaximalBytes} bytes, the limit of a spec");
            faults.ThrowIfAny();
        }

        if (text.StartsWith("\uFEFF"u8))
        {
            text = text[3..];
        }

        string characters = Decode(text, locate, faults);
        return format == SpecFormat.Yaml
            ? YamlTree.Read(characters, locate, faults)
            : JsonTree.Read(text, locate, faults);
    }

    private static SpecNode Override(SpecNode root, SpecOverride one, SpecFaults faults)
    {
        SpecOrigin origin = new(Shown(one.Option), 0, 0);
        SpecNode value = Tree(Encoding.UTF8.GetBytes(one.Value), SpecFormat.Yaml, (_, _) => origin, faults);
        string[] path = one.Key.Split('.');
        SpecNode? changed = root.With(path, value, out int obstacle);
        if (changed is null)
        {
            string place = string.Join('.', path[..obstacle]);
            string what = place.Length == 0 ? "the spec" : SpecFaults.Shorten(place);
            faults.Add(origin, "", $"{what} has no keys that could be set one by one; set it whole");
        }

        return changed ?? root;
    }

    /// <summary>A swept key takes its values from the sweep: a value beside it would be ignored in silence.</summary>
    private static void RefuseSwept(SpecNode root, SpecOverride one, SpecFaults faults)
    {
        foreach (SpecMember axis in root.Find("sweep")?.Value.Members ?? [])
        {
            if (one.Key == axis.Name || one.Key.StartsWith($"{axis.Name}.", StringComparison.Ordinal))
            {
                string key = SpecFaults.Shorten(axis.Name);
                faults.Note(new SpecOrigin(Shown(one.Option), 0, 0), key, "this key is swept; set sweep instead");
            }
        }
    }

    private static string Decode(ReadOnlySpan<byte> text, Func<int, int, SpecOrigin> locate, SpecFaults faults)
    {
        void Refuse(ReadOnlySpan<byte> before, string message)
        {
            int line = before.Count((byte)'\n') + 1;
            int column = Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1;
            faults.Add(locate(line, column), "", message);
            faults.ThrowIfAny();
        }

        for (int index = 0; index < text.Length; index++)
        {
            if (text[index] is < 0x20 and not ((byte)'\t' or (byte)'\n' or (byte)'\r') or 0x7F)
            {
                Refuse(text[..index], $"control character 0x{text[index]:x2}; a spec is plain text");
            }
        }

        try
        {
            return StrictUtf8.GetString(text);
        }
        catch (DecoderFallbackException fault)
        {
            // The decoder's own index is relative to the bytes of the call, which are all of them.
            Refuse(text[..Math.Clamp(fault.Index, 0, text.Length)], "not UTF-8");
            throw;
        }
    }

    private static byte[] Load(string path, string shown)
    {
        try
        {
            if (Directory.Exists(path))
            {
                throw new HesseException(ExitCode.InputMissing, $"{shown}: this is a folder, not a spec file");
            }

            // One byte more than allowed is enough to know; devices and pipes have no length to ask for.
            using FileStream stream = File.OpenRead(path);
            byte[] buffer = new byte[MaximalBytes + 1];
            int count = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return buffer[..count];
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new HesseException(ExitCode.InputMissing, $"{shown}: there is no such file", fault);
        }
        catch (UnauthorizedAccessException fault)
        {
            throw new HesseException(ExitCode.NoPermission, $"{shown}: no permission to read this file", fault);
        }
        catch (IOException fault)
        {
            throw new HesseException(ExitCode.InputOutput, $"{shown}: {SpecFaults.Shorten(fault.Message)}", fault);
        }
    }

    private static string Shown(string name) => SpecFaults.Printable(name, 4096);
}
