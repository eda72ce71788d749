using Hesse.Planning;
using Hesse.Specs;
using Shouldly;
using Xunit;

namespace Hesse.Tests.Specs;

/// <summary>The ready specs of experiments/ must stay valid.</summary>
public sealed class ExperimentFilesTests
{
    public static TheoryData<string> Files => [.. Directory.GetFiles(Folder(), "*.yaml").Select(Path.GetFileName)!];

    [Theory]
    [MemberData(nameof(Files))]
    public void Ready_spec_is_valid_and_named_after_its_file(string file)
    {
        Spec spec = SpecReader.Read(Path.Combine(Folder(), file));

        spec.Name.ShouldBe(Path.GetFileNameWithoutExtension(file));
        SweepExpansion.Expand(spec).Count.ShouldBe(spec.Sweep.Aggregate(1, (n, axis) => n * axis.Values.Count));
    }

    [Fact]
    public void Gauss_10_is_the_net_of_1150_parameters()
    {
        Spec spec = SpecReader.Read(Path.Combine(Folder(), "gauss-10.yaml"));

        spec.CreateNetwork(50, 10).ParameterCount.ShouldBe(1150);
        spec.Seed.ShouldBe(1907UL);
        spec.Replicas.ShouldBe(10_000);
        spec.Network.SharedInitialization.ShouldBeTrue();
        spec.Training.Optimizer.ShouldBe(new SgdSpec { StepSize = new Schedule(0.08) });
        spec.Training.Batch.ShouldBe(new BatchSpec { Size = 5, Order = BatchOrder.Epochs });
        spec.Observe[0].Times.ShouldBe(Enumerable.Range(0, 401));
        spec.Observe[1].Times.ShouldBe([1, 20, 60, 100, 399]);
    }

    private static string Folder()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Engine.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder!.FullName, "experiments");
    }
}
