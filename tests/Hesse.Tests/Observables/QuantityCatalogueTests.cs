using System.Text.RegularExpressions;
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
    public void Unknown_name_has_no_description() => QuantityCatalogue.Find("lsos").ShouldBeNull();
}
