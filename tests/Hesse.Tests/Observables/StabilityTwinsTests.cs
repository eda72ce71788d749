using Hesse.Backends;
using Hesse.Data;

namespace Hesse.Tests.Observables;

[Trait("Category", "Numerical")]
public sealed class StabilityTwinsTests : IDisposable
{
    private const double Rounding = 1e-12;
    private const int Steps = 5;
    private readonly PathRun _runs = new();

    public void Dispose() => _runs.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Distances_are_those_to_separate_trainings(bool perReplica)
    {
        string data = perReplica
            ? PathRun.Data.Replace("noise-scale: 1", "noise-scale: 1, per-replica: true")
            : PathRun.Data;
        string observe =
            "{quantity: parameters, every: 1}, {quantity: loss, every: 1}, {quantity: test-loss, every: 1}, "
            + "{quantity: stability-twins, every: 1, twins: 2}";
        string text = PathRun.Text(observe, steps: Steps, data: data);
        _runs.Run("a", text);
        double[] theta = _runs.Array("a", "parameters");
        double[] loss = _runs.Array("a", "loss");
        double[] testLoss = _runs.Array("a", "test-loss");
        double[] each = _runs.Array("a", "stability-twins.each");
        TrainingProblem problem = PathRun.Problem(text);
        int p = problem.Network.ParameterCount;
        using IBackend reference = BackendSelector.Open("reference", 1);

        for (int twin = 0; twin < 2; twin++)
        {
            DataSet replaced = new TwinData(problem.Data, problem.Seed, twin).Training(0, 3);
            using IReplicas alone = reference.CreateReplicas(problem with { Data = new MemoryData(replaced) }, 0, 3);
            double[] other = new double[3 * p];
            for (int t = 0; t <= Steps; t++)
            {
                alone.Advance(t - alone.Step);
                alone.CopyParameters(other);
                for (int r = 0; r < 3; r++)
                {
                    int at = (r * (Steps + 1)) + t;
                    double expected = Enumerable
                        .Range(0, p)
                        .Sum(i => Math.Pow(theta[(at * p) + i] - other[(r * p) + i], 2));
                    each[(at * 2) + twin].ShouldBe(expected, Rounding);
                }
            }
        }

        each.Max().ShouldBeGreaterThan(1e-4);
        double[] mean = _runs.Array("a", "stability-twins");
        double[] sum = _runs.Array("a", "stability-twins.loss-sum");
        double[] bound = _runs.Array("a", "stability-twins.bound-over-smoothness");
        double[] gap = _runs.Array("a", "stability-twins.gap");
        for (int at = 0; at < mean.Length; at++)
        {
            int t = at % (Steps + 1);
            mean[at].ShouldBe((each[2 * at] + each[(2 * at) + 1]) / 2, Rounding);
            double expected = Enumerable.Range(at - t, t).Sum(j => 0.3 * 0.3 * loss[j]);
            sum[at].ShouldBe(expected, Rounding);
            bound[at].ShouldBe(8 * (1 + (t / 11.0)) / 11 * expected, Rounding);
            gap[at].ShouldBe(testLoss[at] - loss[at], Rounding);
        }
    }

    [Fact]
    public void A_twin_of_generated_samples_has_one_new_row_of_the_same_class_and_every_twin_another()
    {
        TrainingProblem problem = PathRun.Problem(PathRun.Text(""));
        DataSet data = problem.Data.Training(0, 1);
        HashSet<int> rows = [];
        for (int twin = 0; twin < data.Samples; twin++)
        {
            TwinData source = new(problem.Data, problem.Seed, twin);
            DataSet twins = source.Training(0, 1);
            int[] changed =
            [
                .. Enumerable
                    .Range(0, data.Samples)
                    .Where(n => !data.Inputs.AsSpan(n * 4, 4).SequenceEqual(twins.Inputs.AsSpan(n * 4, 4))),
            ];
            changed.ShouldBe([source.Row(0)]);
            rows.Add(changed[0]).ShouldBeTrue();
            twins.Labels.ShouldBe(data.Labels);
        }
    }

    [Fact]
    public void A_twin_of_given_samples_takes_a_test_sample()
    {
        TrainingProblem problem = PathRun.Problem(PathRun.Text(""));
        DataSet test = problem.Data.Test(0, 1)!;
        TwinData source = new(new MemoryData(problem.Data.Training(0, 1), test), 3, 1);
        DataSet twin = source.Training(0, 1);
        int row = source.Row(0);
        int from = Enumerable
            .Range(0, test.Samples)
            .Single(n => test.Inputs.AsSpan(n * 4, 4).SequenceEqual(twin.Inputs.AsSpan(row * 4, 4)));
        twin.Labels![row].ShouldBe(test.Labels![from]);
        TwinData.CanRedraw(new MemoryData(problem.Data.Training(0, 1))).ShouldBeFalse();
    }

    [Fact]
    public void More_twins_than_samples_are_refused() =>
        Should
            .Throw<HesseException>(() =>
                PathRun.Problem(PathRun.Text("{quantity: stability-twins, at: [1], twins: 12}"))
            )
            .Code.ShouldBe(ExitCode.BadData);
}
