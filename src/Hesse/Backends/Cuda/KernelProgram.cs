using System.Text;
using System.Text.RegularExpressions;

namespace Hesse.Backends.Cuda;

/// <summary>
/// A program for NVRTC: definitions of a net's shape, and kernel files of native/kernels (embedded in this assembly) with what they
/// include, each once. One text, so that its hash stands for everything that is compiled.
/// </summary>
internal sealed partial class KernelProgram
{
    private readonly IReadOnlyList<string> _files;
    private readonly string _definitions;

    /// <summary>Names a program; its text is put together when it is asked for.</summary>
    /// <param name="definitions">Names and values of macros, in order.</param>
    /// <param name="files">Names of kernel files, such as training.cu.</param>
    public KernelProgram(IEnumerable<(string Name, string Value)> definitions, params IReadOnlyList<string> files)
    {
        _files = files;
        _definitions = string.Concat(definitions.Select(it => $"#define {it.Name} {it.Value}\n"));
        Name = files[0];
        Key = _definitions + string.Join(' ', files);
    }

    /// <summary>The first of its files.</summary>
    public string Name { get; }

    /// <summary>What tells programs of this assembly apart: their definitions and files.</summary>
    public string Key { get; }

    /// <summary>The whole text.</summary>
    public string Source
    {
        get
        {
            StringBuilder text = new(_definitions);
            HashSet<string> included = new(StringComparer.Ordinal);
            foreach (string file in _files)
            {
                Append(text, file, included);
            }

            return text.ToString();
        }
    }

    /// <summary>All kernel files.</summary>
    internal static IEnumerable<string> Files =>
        typeof(KernelProgram)
            .Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..]);

    private const string Prefix = "kernels/";

    private static void Append(StringBuilder text, string file, HashSet<string> included)
    {
        if (!included.Add(file))
        {
            return;
        }

        using Stream stream =
            typeof(KernelProgram).Assembly.GetManifestResourceStream(Prefix + file)
            ?? throw new InvalidOperationException($"kernel file {file} is not embedded");
        using StreamReader reader = new(stream);
        text.Append($"#line 1 \"{file}\"\n");
        for (int number = 1; reader.ReadLine() is { } line; number++)
        {
            if (Include().Match(line) is { Success: true } match)
            {
                Append(text, match.Groups["file"].Value, included);
                text.Append($"#line {number + 1} \"{file}\"\n");
            }
            else
            {
                text.Append(line).Append('\n');
            }
        }
    }

    [GeneratedRegex("^#include \"(?<file>[a-z_]+\\.cuh)\"$", RegexOptions.ExplicitCapture)]
    private static partial Regex Include();
}
