using Hesse.Observables;

namespace Hesse.Reports;

/// <summary>What figures call a quantity.</summary>
/// <param name="Title">Heading, without the time.</param>
/// <param name="Axis">Axis title: words and symbol.</param>
/// <param name="Definition">One sentence for captions.</param>
/// <param name="MayBeLog">Whether a logarithmic axis makes sense.</param>
internal sealed record QuantityLabel(string Title, string Axis, string Definition, bool MayBeLog = true)
{
    /// <summary>The label of a quantity or one of its parts; of an unlisted one its name and its summary.</summary>
    /// <param name="quantity">Name of the quantity.</param>
    /// <param name="part">Name of the part, or null.</param>
    public static QuantityLabel Of(string quantity, string? part = null)
    {
        string name = part is null ? quantity : $"{quantity}.{part}";
        if (QuantityLabels.Known.TryGetValue(name, out QuantityLabel? label))
        {
            return label;
        }

        string words = name.Replace('-', ' ').Replace(".", ": ", StringComparison.Ordinal);
        // The summary of a quantity names its parts behind what it is.
        string summary = (QuantityCatalogue.Find(quantity)?.Summary ?? string.Empty).Split(" Parts:")[0];
        return new QuantityLabel(char.ToUpperInvariant(words[0]) + words[1..], words, summary);
    }
}
