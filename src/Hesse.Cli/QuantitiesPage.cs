using System.Globalization;
using System.Text;
using Hesse.Observables;

namespace Hesse.Cli;

/// <summary>The table of quantities in docs/results.md, from the catalogue that `hesse schema` and docs/spec.md are made of.</summary>
internal static class QuantitiesPage
{
    /// <summary>The table, and a line on the sources.</summary>
    public static string Write()
    {
        StringBuilder page = new();
        page.Append("| quantity and options | array | shape | formula | source |\n|---|---|---|---|---|\n");
        foreach (QuantityDescription quantity in QuantityCatalogue.All)
        {
            string options =
                quantity.Options.Count == 0
                    ? string.Empty
                    : $" {{{string.Join(", ", quantity.Options.Select(option => $"{option.Name}: {option.Default.Trim('"')}"))}}}";
            Row(
                page,
                quantity.Name + options,
                quantity.HasMain ? $"{quantity.Name}.npy" : string.Empty,
                quantity.HasMain ? quantity.Shape : string.Empty,
                quantity.Formula,
                quantity.Source
            );
            foreach (PartDescription part in quantity.Parts)
            {
                string when = part.When.Length == 0 ? string.Empty : $" ({part.When})";
                Row(page, string.Empty, $".{part.Name}{when}", part.Shape, part.Formula, string.Empty);
            }
        }

        page.Append(
            "\nOptions stand with their defaults; what each means is in [spec.md](spec.md). Sources that are a number are arXiv identifiers.\n"
        );
        return page.ToString();
    }

    private static void Row(StringBuilder page, params ReadOnlySpan<string> cells)
    {
        foreach (string cell in cells)
        {
            page.Append(CultureInfo.InvariantCulture, $"| {SpecPage.Cell(cell)} ");
        }

        page.Append("|\n");
    }
}
