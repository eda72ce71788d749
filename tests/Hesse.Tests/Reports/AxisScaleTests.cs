using System.Text.Json.Nodes;
using Hesse.Reports;
using Hesse.Specs;

namespace Hesse.Tests.Reports;

public sealed class AxisScaleTests
{
    // exp after log1p loses some of the last bits.
    private const double Tolerance = 1e-12;

    [Fact]
    public void Inverse_undoes_transform()
    {
        foreach (ScaleKind kind in Enum.GetValues<ScaleKind>())
        {
            AxisScale scale = new(kind, 0.1, 10, 0.01);
            foreach (double x in (double[])[0.1, 0.7, 10])
            {
                scale.Inverse(scale.Transform(x)).ShouldBe(x, Tolerance * x);
            }
        }
    }

    [Fact]
    public void Symmetric_axis_has_the_same_powers_on_both_sides()
    {
        AxisScale scale = AxisScale.SymLog([-3, 1e-9, 20]);
        scale.Constant.ShouldBe(1e-3);
        scale.Ticks().ShouldBe([-0.1, 0, 0.1, 10]);
        scale.Low.ShouldBeLessThan(-3);
        scale.High.ShouldBeGreaterThan(20);
    }

    [Fact]
    public void Wide_positive_numbers_have_a_logarithmic_axis_with_powers_of_ten()
    {
        AxisScale scale = AxisScale.Of([1e-4, 2.0, double.NaN]);
        scale.Kind.ShouldBe(ScaleKind.Log);
        scale.Ticks().ShouldBe([1e-4, 1e-3, 1e-2, 1e-1, 1]);
        AxisScale.Of([1e-4, 2.0], mayBeLog: false).Kind.ShouldBe(ScaleKind.Linear);
        AxisScale.Of([0, 2.0]).Kind.ShouldBe(ScaleKind.Linear);
        AxisScale.Of([]).High.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Thresholds_of_stability_are_the_published_ones()
    {
        Schedule step = new(0.1);
        At(StabilityThreshold.OfHessian(new SgdSpec { StepSize = step })).ShouldBe(20);
        At(StabilityThreshold.OfHessian(new SgdSpec { StepSize = step, WeightDecay = new(0.5) })).ShouldBe(19.5);
        At(StabilityThreshold.OfHessian(new MomentumSpec { StepSize = step, Momentum = new(0.9) }))
            .ShouldBe(38, Tolerance * 38);
        // (2/eta)(1 + beta)/(1 + 2 beta)
        At(StabilityThreshold.OfHessian(new NesterovSpec { StepSize = step, Momentum = new(0.5) })).ShouldBe(15);
        // 38/eta at beta1 = 0.9
        At(StabilityThreshold.OfPreconditioned(new AdamSpec { StepSize = step })).ShouldBe(380, 1e-9);
        StabilityThreshold.OfHessian(new AdamSpec()).ShouldBeNull();

        static double At(StabilityThreshold? threshold) => threshold!.At(0);
    }

    [Fact]
    public void Bands_pair_the_levels_of_the_spec()
    {
        Bands bands = new([0.025, 0.1, 0.5, 0.975]);
        bands.Pairs.ShouldBe([(0.025, 0.975)]);
        bands.Columns.ShouldBe(["n", "diverged", "mean", "sd", "q2_5", "q50", "q97_5"]);
        new Bands([0.5]).Words.ShouldBe("5–95 % and 25–75 %");
    }

    [Fact]
    public void Cells_of_a_table_start_no_formula_and_hold_no_infinity()
    {
        FigureTable table = new("x.csv", "$setting", "value");
        table.Add("=cmd(),\"", 0.1);
        table.Add("b", double.NaN);
        table.ToCsv().ShouldBe("setting,value\n\"'=cmd(),\"\"\",0.1\nb,\n");
        table.Reference()["format"]!["parse"]!["value"]!.GetValue<string>().ShouldBe("number");
    }

    [Fact]
    public void Swept_keys_are_those_in_which_specs_differ()
    {
        JsonObject Tree(string json) => JsonNode.Parse(json)!.AsObject();
        IReadOnlyList<SweptKey> keys = SweptKeys.Of([
            Tree("""{"name":"a","seed":1,"data":{"samples":10,"kind":"x"},"training":{"batch":{"size":8}}}"""),
            Tree("""{"name":"b","seed":1,"data":{"samples":10,"kind":"x"},"training":{"batch":{"size":2}}}"""),
        ]);
        keys.Single().Label.ShouldBe("batch size");
        keys.Single().Distinct.ShouldBe(["2", "8"]);
        SweptKeys.Shown("10000000000").ShouldBe("1e10");
        SweptKeys.Shown("\"/data/x.npy\"").ShouldBe("x.npy");
    }
}
