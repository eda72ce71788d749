using System.Globalization;

namespace Hesse.Benchmarks;

/// <summary>Words behind "short PART": one that the part does not know is told in a line before anything is measured.</summary>
internal static class ShortWords
{
    /// <summary>Each word is one of those that are known.</summary>
    /// <exception cref="UnknownWordException">One is not.</exception>
    public static void Require(IEnumerable<string> words, IEnumerable<string> known)
    {
        string unknown = string.Join(", ", words.Except(known, StringComparer.Ordinal));
        if (unknown.Length > 0)
        {
            throw new UnknownWordException($"unknown: {unknown}; there are {string.Join(", ", known)}");
        }
    }

    /// <summary>Orders of matrices among the words.</summary>
    /// <param name="words">Orders, and words of other meaning.</param>
    /// <param name="others">Those of other meaning.</param>
    /// <exception cref="UnknownWordException">A word is neither.</exception>
    public static int[] Orders(IReadOnlyList<string> words, params string[] others) =>
        [
            .. words
                .Except(others, StringComparer.Ordinal)
                .Select(word =>
                    int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int order) && order > 0
                        ? order
                        : throw new UnknownWordException($"{word}: write an order, such as 1150")
                ),
        ];
}

/// <summary>A word on the command line that means nothing there.</summary>
internal sealed class UnknownWordException(string message) : Exception(message);
