using Hesse.Stores;

namespace Hesse.Tests.Cli;

public sealed class RunProbeTests : IDisposable
{
    private const string Spec = """
        version: 1
        name: small
        replicas: 5
        data: {kind: gauss, classes: 2, dimension: 3, samples: 8, test-samples: 4, per-replica: true}
        network: {hidden: [2]}
        loss: cross-entropy
        training: {optimizer: {kind: momentum, step-size: 0.1, momentum: 0.9}, batch: {size: 4, order: epochs}, steps: 6}
        observe:
          - {quantity: parameters, at: [4]}
          - {quantity: hessian-spectrum, at: [4]}
          - {quantity: test-loss, at: [4]}
        sweep: {training.batch.size: [2, 4]}
        """;

    private readonly TemporaryFolder _folder = new();

    public RunProbeTests()
    {
        File.WriteAllText(_folder.PathOf("spec.yaml"), Spec);
        CommandLine.Run("run", _folder.PathOf("spec.yaml"), "--out", _folder.PathOf("out"), "--quiet").Code.ShouldBe(0);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Measures_what_the_run_would_have_measured()
    {
        string run = Setting("2");
        Probe(run, "--replicas", "1-3", "--step", "4", "--what", "parameters,hessian-spectrum,test-loss,sharpness")
            .Code.ShouldBe(0);

        foreach (string quantity in new[] { "parameters", "hessian-spectrum", "test-loss" })
        {
            NpyArray stored = NpyFile.Read(Path.Combine(run, "arrays", $"{quantity}.npy"));
            NpyArray probed = NpyFile.Read(_folder.PathOf($"probe/{quantity}.npy"));
            int row = stored.Length / 5;
            probed.Shape.ShouldBe([3, .. stored.Shape.Skip(2)]);
            probed.Type.ShouldBe(stored.Type);
            probed.ToDoubles().ShouldBe(stored.ToDoubles()[row..(4 * row)]);
        }

        NpyFile.Read(_folder.PathOf("probe/sharpness.converged.npy")).ToDoubles().ShouldBe([1, 1, 1]);
    }

    [Fact]
    public void Every_setting_of_a_sweep_gets_its_folder_and_the_last_step_is_the_default()
    {
        Probe(_folder.PathOf("out"), "--what", "loss").Code.ShouldBe(0);
        Directory.GetFiles(_folder.PathOf("probe"), "loss.npy", SearchOption.AllDirectories).Length.ShouldBe(2);
    }

    [Theory]
    [InlineData("--step 7 --what loss", 64, "0 .. 6")]
    [InlineData("--replicas 3-9 --what loss", 64, "0-4")]
    [InlineData("--replicas 3-1 --what loss", 64, "write A-B")]
    [InlineData("--what los", 64, "did you mean 'loss'?")]
    [InlineData("--what loss --params p.npy", 64, "exclude each other")]
    public void What_does_not_fit_is_one_line(string words, int code, string reason)
    {
        (int actual, _, string error) = Probe(_folder.PathOf("out"), words.Split(' '));
        actual.ShouldBe(code, error);
        error.ShouldContain(reason);
        error.Count(letter => letter == '\n').ShouldBe(1);
    }

    private string Setting(string size) =>
        Directory
            .GetDirectories(_folder.PathOf("out/small"))
            .Single(folder => folder.EndsWith(size, StringComparison.Ordinal));

    private (int Code, string Output, string Error) Probe(string run, params string[] words) =>
        CommandLine.Run(["probe", "--run", run, "--out", _folder.PathOf("probe"), .. words]);
}
