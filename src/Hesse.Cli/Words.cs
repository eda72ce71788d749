using System.Reflection;
using CommandLine;

namespace Hesse.Cli;

/// <summary>
/// Looks at the words before the parser does, which drops words that it has no place for and keeps the last of an option that
/// is given twice: either would run another experiment than the one that was meant.
/// </summary>
internal static class Words
{
    private const string Color = "--color";

    /// <summary>Checks the words of a verb, and takes --color from verbs that write no colours.</summary>
    /// <param name="args">All words.</param>
    /// <param name="verbs">The settings of all verbs.</param>
    /// <returns>The words for the parser.</returns>
    /// <exception cref="HesseException">64: a word too many, or an option given twice.</exception>
    public static IReadOnlyList<string> Check(IReadOnlyList<string> args, IReadOnlyList<Type> verbs)
    {
        Type? verb =
            args.Count == 0 ? null : verbs.FirstOrDefault(type => Attribute<VerbAttribute>(type)?.Name == args[0]);
        if (
            verb is null
            || args.Contains("--help", StringComparer.Ordinal)
            || args.Contains("--version", StringComparer.Ordinal)
        )
        {
            return args;
        }

        Dictionary<string, bool> takesValue = new(StringComparer.Ordinal) { [Color] = true };
        int places = 0;
        foreach (PropertyInfo property in verb.GetProperties())
        {
            if (Attribute<ValueAttribute>(property) is not null)
            {
                // A list takes all words that there are.
                places += property.PropertyType == typeof(string) ? 1 : args.Count;
            }

            if (Attribute<OptionAttribute>(property) is { } option)
            {
                takesValue[$"--{option.LongName}"] = property.PropertyType != typeof(bool);
            }
        }

        bool colors = verb.GetProperties()
            .Any(property => Attribute<OptionAttribute>(property)?.LongName == Color[2..]);
        List<string> words = [args[0]];
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (int i = 1; i < args.Count; i++)
        {
            string[] parts = args[i].Split('=', 2);
            bool known = takesValue.TryGetValue(parts[0], out bool value);
            if (known && !seen.Add(parts[0]))
            {
                throw new HesseException(ExitCode.Usage, $"{parts[0]} is given twice");
            }

            if (!known && args[i].StartsWith('-'))
            {
                // No option of this verb: the parser says so, and which it might have been.
                return args;
            }

            int from = i;
            if (known && value && parts.Length == 1 && i + 1 < args.Count)
            {
                i++;
            }
            else if (!known && --places < 0)
            {
                throw new HesseException(ExitCode.Usage, $"unexpected word '{args[i]}'; see hesse {args[0]} --help");
            }

            if (parts[0] == Color && !colors)
            {
                RequireColor(parts.Length == 2 ? parts[1] : args[i]);
                continue;
            }

            words.AddRange(args.Skip(from).Take(i - from + 1));
        }

        return words;
    }

    /// <summary>Checks the value of --color.</summary>
    /// <exception cref="HesseException">64: none of the three words.</exception>
    public static void RequireColor(string color)
    {
        if (color is not ("auto" or "always" or "never"))
        {
            throw new HesseException(ExitCode.Usage, $"--color {color}: write auto, always or never");
        }
    }

    private static T? Attribute<T>(MemberInfo member)
        where T : Attribute => member.GetCustomAttribute<T>();
}
