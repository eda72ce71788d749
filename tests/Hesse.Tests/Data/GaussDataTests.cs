using Hesse.Data;
using Hesse.Networks;
using Hesse.Replicas;
using Hesse.Specs;
using Shouldly;
using Xunit;

namespace Hesse.Tests.Data;

[Trait("Category", "Numerical")]
public class GaussDataTests
{
    private const ulong Seed = 1907;

    private static readonly GaussDataSpec Small = new()
    {
        Classes = 3,
        Dimension = 5,
        Samples = 20,
        TestSamples = 7,
    };

    private static GaussData Open(GaussDataSpec spec, Precision precision = Precision.Float64) =>
        new(spec, Seed, precision);

    [Fact]
    public void Samples_are_mean_of_the_class_plus_noise()
    {
        DataSet data = Open(Small).Training(0, 1);
        data.Labels.ShouldBe(Enumerable.Range(0, 20).Select(n => n % 3));
        for (int n = 0; n < 20; n++)
        {
            for (int j = 0; j < 5; j++)
            {
                double mean = NormalDeviates.At(Seed, (uint)((n % 3 * 5) + j), 0, 0, RandomStream.GaussMeans);
                double noise = NormalDeviates.At(Seed, (uint)((n * 5) + j), 0, 0, RandomStream.GaussNoise);
                data.Inputs[(n * 5) + j].ShouldBe((4 * mean) + (2 * noise));
            }
        }
    }

    [Fact]
    public void Test_samples_share_the_means_but_not_the_noise()
    {
        GaussDataSpec still = Small with { NoiseScale = 0, RandomLabels = 1 };
        DataSet training = Open(still).Training(0, 1);
        DataSet test = Open(still).Test(0, 1)!;
        test.Samples.ShouldBe(7);
        test.Inputs.ShouldBe(training.Inputs[..35]);
        test.Labels.ShouldBe(Enumerable.Range(0, 7).Select(n => n % 3), "test labels are never replaced");
        Open(Small).Test(0, 1)!.Inputs.ShouldNotBe(Open(Small).Training(0, 1).Inputs[..35]);
        Open(Small with { TestSamples = 0 }).Test(0, 1).ShouldBeNull();
    }

    [Fact]
    public void Float32_is_float64_rounded_once()
    {
        DataSet wide = Open(Small).Training(0, 1);
        DataSet narrow = Open(Small, Precision.Float32).Training(0, 1);
        narrow.Inputs.ShouldBe(wide.Inputs.Select(x => (double)(float)x));
        narrow.Inputs.ShouldNotBe(wide.Inputs);
    }

    [Fact]
    public void A_replicas_own_set_depends_on_its_index_alone()
    {
        GaussData own = Open(Small with { PerReplica = true, RandomLabels = 0.5 });
        GaussData shared = Open(Small with { RandomLabels = 0.5 });
        DataSet wave = own.Training(10, 3);
        wave.Sets.ShouldBe(3);
        for (int r = 0; r < 3; r++)
        {
            DataSet alone = own.Training(10 + r, 1);
            wave.InputsOf(r).ToArray().ShouldBe(alone.Inputs);
            wave.LabelsOf(r).ToArray().ShouldBe(alone.Labels);
            own.Test(10, 3)!.InputsOf(r).ToArray().ShouldBe(own.Test(10 + r, 1)!.Inputs);
        }

        wave.InputsOf(0).ToArray().ShouldNotBe(wave.InputsOf(1).ToArray());
        shared.Training(10, 3).Sets.ShouldBe(1);
        shared.Training(10, 3).Inputs.ShouldBe(own.Training(0, 1).Inputs);
        shared.Training(10, 3).Labels.ShouldBe(own.Training(0, 1).Labels);
    }

    [Fact]
    public void Random_labels_are_replaced_at_their_rate_by_even_draws()
    {
        const int Samples = 30_000;
        const double Rate = 0.15;
        GaussDataSpec spec = Small with { Dimension = 1, Samples = Samples, RandomLabels = Rate };
        int[] labels = Open(spec).Training(0, 1).Labels!;
        // A third of the draws hits the old class again.
        double changed = labels.Where((label, n) => label != n % 3).Count();
        double expected = Rate * 2 / 3;
        changed.ShouldBe(expected * Samples, 5 * Math.Sqrt(expected * (1 - expected) * Samples));
        labels
            .Where((label, n) => label == (n + 1) % 3)
            .Count()
            .ShouldBeInRange((int)(0.45 * changed), (int)(0.55 * changed));
        Open(spec with { RandomLabels = 0 })
            .Training(0, 1)
            .Labels.ShouldBe(Enumerable.Range(0, Samples).Select(n => n % 3));
    }

    [Fact]
    public void Means_and_noise_have_their_scales()
    {
        GaussDataSpec spec = new()
        {
            Classes = 200,
            Dimension = 50,
            Samples = 2000,
            MeanScale = 4,
            NoiseScale = 2,
        };
        double[] means = Open(spec with { NoiseScale = 0, Samples = 200 }).Training(0, 1).Inputs;
        double[] noise = Open(spec with { MeanScale = 0 }).Training(0, 1).Inputs;
        // Five standard errors of a variance estimate: sqrt(2/n) relative.
        means.Average(x => x * x).ShouldBe(16, 16 * 5 * Math.Sqrt(2.0 / means.Length));
        noise.Average(x => x * x).ShouldBe(4, 4 * 5 * Math.Sqrt(2.0 / noise.Length));
    }

    [Fact]
    public void Bad_numbers_are_refused()
    {
        Should.Throw<HesseException>(() => Open(Small with { Classes = 0 })).Code.ShouldBe(ExitCode.BadData);
        Should.Throw<HesseException>(() => Open(Small with { RandomLabels = 1.5 })).Code.ShouldBe(ExitCode.BadData);
        Should
            .Throw<HesseException>(() => Open(Small with { RandomLabels = double.NaN }))
            .Code.ShouldBe(ExitCode.BadData);
        Should.Throw<HesseException>(() => Open(Small with { Samples = 1 << 30 })).Code.ShouldBe(ExitCode.DoesNotFit);
        GaussData own = Open(Small with { PerReplica = true });
        Should.Throw<HesseException>(() => own.Training(0, 1 << 30)).Code.ShouldBe(ExitCode.DoesNotFit);
    }

    [Fact]
    public void The_source_says_what_it_holds()
    {
        IDataSource source = DataSources.Open(
            new Spec
            {
                Version = 1,
                Name = "gauss",
                Seed = Seed,
                Data = Small,
                Network = new NetworkSpec { Hidden = [4] },
                Loss = Loss.CrossEntropy,
                Training = new TrainingSpec
                {
                    Optimizer = new SgdSpec { StepSize = new Schedule(0.1) },
                    Batch = new BatchSpec { Order = BatchOrder.Full },
                    Steps = 1,
                },
            }
        );
        (
            source.Dimension,
            source.Outputs,
            source.Samples,
            source.TestSamples,
            source.PerReplica,
            source.ContentHash
        ).ShouldBe((5, 3, 20, 7, false, ""));
        source.Training(0, 1).Inputs.ShouldBe(Open(Small, Precision.Float32).Training(0, 1).Inputs);
    }
}
