using Hesse.Planning;
using Hesse.Specs;

namespace Hesse.Tests.Specs;

/// <summary>The ready specs of experiments/ must stay valid.</summary>
public sealed class ExperimentFilesTests
{
    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Folder(), "*.yaml").Select(file => Path.GetFileName(file))];

    [Theory]
    [MemberData(nameof(Files))]
    public void Ready_spec_is_valid_and_named_after_its_file(string file)
    {
        Spec spec = SpecReader.Read(Path.Combine(Folder(), file));

        spec.Name.ShouldBe(Path.GetFileNameWithoutExtension(file));
        SweepExpansion.Expand(spec).Count.ShouldBe(spec.Sweep.Aggregate(1, (n, axis) => n * axis.Values.Count));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Its_header_says_what_a_reader_asks_and_readme_names_it(string file)
    {
        string[] header = [.. File.ReadLines(Path.Combine(Folder(), file)).TakeWhile(line => line.StartsWith('#'))];
        foreach (string entry in new[] { "Paper", "Figures", "Expect", "Time" })
        {
            header.Count(line => line.StartsWith($"# {entry} ", StringComparison.Ordinal)).ShouldBe(1, entry);
        }

        // Which values are the paper's, and which are not.
        header.ShouldContain(line =>
            line.Contains("Our choice", StringComparison.Ordinal) || line.Contains("Ours:", StringComparison.Ordinal)
        );
        // What the user has to bring is said, and nothing else is read from files.
        Spec spec = SpecReader.Read(Path.Combine(Folder(), file));
        header
            .Any(line => line.StartsWith("# Data ", StringComparison.Ordinal))
            .ShouldBe(spec.Data is IdxDataSpec or Cifar10DataSpec or NpyDataSpec);
        File.ReadAllText(Path.Combine(Folder(), "..", "README.md"))
            .ShouldContain($"(experiments/{file})", customMessage: file);
    }

    [Fact]
    public void The_changelog_counts_the_ready_experiments()
    {
        string[] files = Directory.GetFiles(Folder(), "*.yaml");
        int own = files.Count(file =>
            File.ReadLines(file).Any(line => line.StartsWith("# Data ", StringComparison.Ordinal))
        );
        own.ShouldBe(4);
        File.ReadAllText(Path.Combine(Folder(), "..", "CHANGELOG.md"))
            .ShouldContain($"{files.Length} ready experiments after published papers, of which four need data files");
    }

    [Theory]
    [InlineData("mnist.yaml", 11)]
    [InlineData("cifar-10.yaml", 6)]
    public void Image_experiments_measure_the_top_15_pairs_of_both_matrices(string file, int times)
    {
        Spec spec = SpecReader.Read(Path.Combine(Folder(), file));

        ObservationSpec angles = spec.Observe.Single(it => it.Quantity == "principal-angles");
        angles.Times.Count.ShouldBe(times);
        angles.Options["k"].ShouldBe("15");
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
