using System.Globalization;
using System.Text.Json.Nodes;
using Hesse.Statistics;

namespace Hesse.Cli;

/// <summary>What hesse stats --compare prints.</summary>
internal static class ComparisonOutput
{
    /// <summary>A table.</summary>
    public static void Write(Messages messages, IReadOnlyList<ComparedColumn> columns)
    {
        bool paired = columns[0].Difference is not null;
        messages.Output.WriteLine(
            paired
                ? "second - first, replica by replica: mean and 95 % interval (bias-corrected and accelerated bootstrap)"
                : "different seeds: two-sample Kolmogorov-Smirnov test"
        );
        string[] heads = paired
            ? ["first", "second", "difference", "low", "high"]
            : ["first", "second", "distance", "p"];
        messages.Output.WriteLine(Line("quantity", "step", "index", "n", "diverged", heads));
        foreach (ComparedColumn column in columns)
        {
            double[] values = Values(column);
            messages.Output.WriteLine(
                Line(
                    column.Quantity,
                    column.Step.ToString(CultureInfo.InvariantCulture),
                    column.Index.ToString(CultureInfo.InvariantCulture),
                    column.Count.ToString(CultureInfo.InvariantCulture),
                    column.Diverged.ToString(CultureInfo.InvariantCulture),
                    [.. values.Select(value => value.ToString("G5", CultureInfo.InvariantCulture))]
                )
            );
        }
    }

    /// <summary>The same for programs; what is no number is null.</summary>
    public static JsonArray ToJson(IReadOnlyList<ComparedColumn> columns) =>
        new([
            .. columns.Select(column => new JsonObject
            {
                ["quantity"] = column.Quantity,
                ["step"] = column.Step,
                ["index"] = column.Index,
                ["n"] = column.Count,
                ["diverged"] = column.Diverged,
                ["first"] = Number(column.First),
                ["second"] = Number(column.Second),
                ["difference"] = Number(column.Difference?.Mean),
                ["standard-error"] = Number(column.Difference?.StandardError),
                ["low"] = Number(column.Difference?.Low),
                ["high"] = Number(column.Difference?.High),
                ["distance"] = Number(column.Distributions?.Distance),
                ["p"] = Number(column.Distributions?.Probability),
            }),
        ]);

    private static double[] Values(ComparedColumn column) =>
        column switch
        {
            { Difference: { } difference } =>
            [
                column.First,
                column.Second,
                difference.Mean,
                difference.Low,
                difference.High,
            ],
            { Distributions: { } test } => [column.First, column.Second, test.Distance, test.Probability],
            _ => [column.First, column.Second],
        };

    private static JsonValue? Number(double? value) =>
        value is { } number && double.IsFinite(number) ? JsonValue.Create(number) : null;

    private static string Line(
        string quantity,
        string step,
        string index,
        string count,
        string diverged,
        IReadOnlyList<string> values
    ) =>
        $"{Messages.Printable(quantity), -32}{step, 8}{index, 7}{count, 7}{diverged, 9}"
        + string.Concat(values.Select(value => value.PadLeft(14)));
}
