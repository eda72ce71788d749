using Hesse.Backends;
using Hesse.Replicas;
using Hesse.Tests.Backends;

namespace Hesse.Tests.Observables;

[Trait("Category", "Numerical")]
public sealed class BatchGradientNormTests
{
    // Rounding of sums of three.
    private const double Rounding = 1e-14;

    [Fact]
    public void It_is_the_norm_of_the_mean_over_the_rows_of_the_next_update()
    {
        ReferenceCase it = ReferenceCases.B1;
        double[] each = new Measurement(new Hesse.Backends.Reference.ReferenceBackend(), it.At()).PerSampleGradients;
        BatchIndices batches = QuantityValues.Batches(it.Data, 3);
        // Step 2 of replica 4: the last batch of the epoch, two rows.
        batches.BatchSize(2).ShouldBe(2);
        double squares = 0;
        for (int i = 0; i < 32; i++)
        {
            double mean = 0;
            for (int b = 0; b < 2; b++)
            {
                mean += each[(batches.Row(4, 2, b) * 32) + i] / 2;
            }

            squares += mean * mean;
        }

        QuantityValues.Of("batch-gradient-norm", it, batch: 3)[""][0].ShouldBe(Math.Sqrt(squares), Rounding);
    }

    [Fact]
    public void A_run_sees_the_gradients_that_its_updates_take()
    {
        // sgd: ||theta_t+1 - theta_t|| = step-size ||batch gradient||.
        const double stepSize = 0.1;
        using TemporaryFolder folder = new();
        string spec = """
            version: 1
            name: steps
            seed: 5
            replicas: 3
            precision: float64
            data: {kind: gauss, classes: 3, dimension: 4, samples: 10}
            network: {hidden: [5], activation: tanh}
            loss: cross-entropy
            training: {optimizer: {kind: sgd, step-size: 0.1}, batch: {size: 4}, steps: 6}
            observe: [{quantity: batch-gradient-norm, every: 1}, {quantity: parameters, every: 1}]
            """;
        string file = folder.PathOf("steps.yaml");
        File.WriteAllText(file, spec);
        Hesse.Tests.Cli.CommandLine.Run("run", file, "--out", folder.PathOf("out"), "--quiet").Code.ShouldBe(0);
        string arrays = Path.Combine(folder.PathOf("out"), "steps", "arrays");
        double[] norms = Hesse.Stores.NpyFile.Read(Path.Combine(arrays, "batch-gradient-norm.npy")).ToDoubles();
        double[] theta = Hesse.Stores.NpyFile.Read(Path.Combine(arrays, "parameters.npy")).ToDoubles();
        int p = theta.Length / (3 * 7);
        for (int replica = 0; replica < 3; replica++)
        {
            for (int t = 0; t < 6; t++)
            {
                int at = (replica * 7) + t;
                double squares = 0;
                for (int i = 0; i < p; i++)
                {
                    double change = theta[((at + 1) * p) + i] - theta[(at * p) + i];
                    squares += change * change;
                }

                norms[at].ShouldBe(Math.Sqrt(squares) / stepSize, 1e-12);
            }

            // The step after the last has a mini-batch as well.
            norms[(replica * 7) + 6].ShouldBeGreaterThan(0);
        }
    }
}
