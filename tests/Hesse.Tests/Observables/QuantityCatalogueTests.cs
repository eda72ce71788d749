using System.Text.RegularExpressions;
using Hesse.Networks;
using Hesse.Observables;

namespace Hesse.Tests.Observables;

public sealed class QuantityCatalogueTests
{
    [Fact]
    public void Names_are_distinct_and_fit_for_files_and_every_quantity_is_described()
    {
        QuantityCatalogue.All.Select(one => one.Name).Distinct().Count().ShouldBe(QuantityCatalogue.All.Count);
        foreach (QuantityDescription quantity in QuantityCatalogue.All)
        {
            Regex
                .IsMatch(quantity.Name, "^[a-z]+(?:-[a-z]+)*$", RegexOptions.None, TimeSpan.FromSeconds(1))
                .ShouldBeTrue();
            quantity.Summary.ShouldEndWith(".");
            quantity.Shape.ShouldStartWith("(R,T");
            quantity.NeedsTestData.ShouldBe(
                quantity.Name.StartsWith("test-", StringComparison.Ordinal) || quantity.Name == "information-bound"
            );
            QuantityCatalogue.Find(quantity.Name).ShouldBeSameAs(quantity);
        }
    }

    [Fact]
    public void Arrays_parts_and_shapes_are_those_that_are_written()
    {
        const int samples = 7;
        foreach (QuantityDescription quantity in QuantityCatalogue.All)
        {
            // Wide enough that its Frobenius norm is estimated; everything else on a small net.
            Network network =
                quantity.Name == "frobenius-norm"
                    ? new([90, 91], [true], Activation.Tanh, Loss.CrossEntropy)
                    : new([3, 4, 2], [true], Activation.Tanh, Loss.CrossEntropy);
            Dictionary<string, string> options = Quantities.DefaultOptions(quantity);
            foreach ((string option, string value) in AllParts)
            {
                if (options.TryGetValue(option, out string? standard))
                {
                    options[option] = option == "method" && quantity.Parts[0].When.Length == 0 ? standard : value;
                }
            }

            IQuantity made = Quantities.Get(quantity.Name).With(options).ForSamples(samples, 2);
            IEnumerable<PartDescription> parts = quantity.Parts;
            if (quantity.Name == "layer-spectra")
            {
                parts = [new("1", "(R,T,16)", "f"), new("2", "(R,T,10)", "f")];
            }

            if (quantity.HasMain)
            {
                parts = parts.Prepend(new PartDescription(string.Empty, quantity.Shape, "f"));
            }

            made.Parts(network, samples)
                .Select(part => $"{part.Name} {string.Join(',', part.ElementShape)}")
                .ShouldBe(
                    parts.Select(part => $"{part.Name} {Sizes(part.Shape, network, samples, options)}"),
                    ignoreOrder: true,
                    quantity.Name
                );
            quantity.Whole.ShouldContain(quantity.Formula);
            foreach (string text in parts.Select(part => part.Formula).Append(quantity.Formula))
            {
                text.ShouldNotBeEmpty();
                text.ShouldNotEndWith(".");
            }
        }
    }

    [Fact]
    public void Unknown_name_has_no_description() => QuantityCatalogue.Find("lsos").ShouldBeNull();

    // Options under which a quantity writes all its parts.
    private static Dictionary<string, string> AllParts { get; } =
        new()
        {
            ["k"] = "3",
            ["smallest"] = "2",
            ["tail-bound"] = "true",
            ["method"] = "\"hutchinson\"",
        };

    // (R,T,k,min(N,P)) as the numbers behind the second.
    private static string Sizes(string shape, Network network, int samples, Dictionary<string, string> options)
    {
        Dictionary<string, int> known = new()
        {
            ["N"] = samples,
            ["P"] = network.ParameterCount,
            ["C"] = network.OutputWidth,
            ["L"] = network.Layers,
        };
        string inner = shape[1..^1];
        MatchCollection words = Regex.Matches(
            inner,
            @"min\((?<a>[^,]+),(?<b>[^)]+)\)|(?<one>[^,()]+)",
            RegexOptions.None,
            TimeSpan.FromSeconds(1)
        );
        return string.Join(
            ',',
            words
                .Skip(2)
                .Select(word =>
                    word.Groups["one"].Success
                        ? Size(word.Groups["one"].Value)
                        : Math.Min(Size(word.Groups["a"].Value), Size(word.Groups["b"].Value))
                )
        );

        int Size(string word) =>
            known.TryGetValue(word, out int size) ? size
            : options.TryGetValue(word, out string? option)
                ? int.Parse(option, System.Globalization.CultureInfo.InvariantCulture)
            : int.Parse(word, System.Globalization.CultureInfo.InvariantCulture);
    }
}
