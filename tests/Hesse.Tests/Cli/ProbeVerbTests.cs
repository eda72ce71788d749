using Hesse.Observables;
using Hesse.Stores;
using Shouldly;
using Xunit;

namespace Hesse.Tests.Cli;

/// <summary>A 3-5-2 tanh net with values made from sines, whose curvature was computed independently in double precision.</summary>
[Trait("Category", "Numerical")]
public sealed class ProbeVerbTests : IDisposable
{
    // The reference values have 12 to 15 digits.
    private const double Tolerance = 1e-10;
    private readonly TemporaryFolder _folder = new();

    public ProbeVerbTests()
    {
        Save("p.npy", [32], Sines(32, 1, 0.8));
        Save("x.npy", [8, 3], Sines(24, 7, 1));
        Save("y.npy", [8, 2], Sines(16, 21, 1));
        Save("v.npy", [1, 32], [.. Enumerable.Repeat(1.0, 32)]);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("reference")]
    [InlineData("cpu")]
    public void Every_array_has_its_shape_and_the_reference_values(string backend)
    {
        string what = string.Join(
            ',',
            Probe.Names.Where(name =>
                !name.StartsWith("test-", StringComparison.Ordinal)
                && name is not ("distance-from-initialization" or "pac-bayes-bound" or "residual-spectrum")
            )
        );
        (int code, _, string error) = CommandLine.Run(
            Words(
                what,
                "--vectors",
                _folder.PathOf("v.npy"),
                "--batch",
                "5",
                "--backend",
                backend,
                "--set",
                "noise-gaussianity.directions=9",
                "--set",
                "noise-gaussianity.batches=20"
            )
        );
        code.ShouldBe(0, error);

        Read("loss", 1)[0].ShouldBe(0.952869111127513, Tolerance);
        Read("logits", 1, 8, 2)[0].ShouldBe(-0.78092768, 1e-8);
        double[] gradient = Read("gradient", 1, 32);
        gradient[0].ShouldBe(0.042326490097, Tolerance);
        gradient[31].ShouldBe(-0.131537963683, Tolerance);
        Read("gradient-norm", 1)[0].ShouldBe(Math.Sqrt(3.07274831997061), Tolerance);
        double[] samples = Read("per-sample-gradients", 1, 8, 32);
        Enumerable.Range(0, 8).Average(n => samples[(n * 32) + 5]).ShouldBe(gradient[5], Tolerance);
        double[] norms = Read("per-sample-gradient-norms", 1, 8);
        norms[0].ShouldBe(3.864506989461, Tolerance);
        Read("gram", 1, 8, 8)[9].ShouldBe(norms[1] * norms[1], Tolerance);
        Read("hessian", 1, 32, 32)[0].ShouldBe(-.03038931, 1e-8);
        Read("ggn", 1, 32, 32).Length.ShouldBe(1024);
        Read("hessian-diagonal", 1, 32).Sum().ShouldBe(9.94679362259153, Tolerance);
        Read("trace", 1)[0].ShouldBe(9.94679362259153, Tolerance);
        double[] product = Read("hessian-vector-products", 1, 1, 32);
        product[0].ShouldBe(0.143029855354, Tolerance);
        product.Sum().ShouldBe(9.89080140699319, Tolerance);
        Read("ggn-vector-products", 1, 1, 32).Length.ShouldBe(32);
        double[] spectrum = Read("hessian-spectrum", 1, 32);
        spectrum[31].ShouldBe(3.09996080621, Tolerance);
        spectrum[0].ShouldBe(-0.917464750084, Tolerance);
        double[] ggn = Read("ggn-spectrum", 1, 32);
        ggn[31].ShouldBe(2.95240229017, Tolerance);
        ggn.Sum().ShouldBe(9.39800378793864, Tolerance);
        Read("second-moment-spectrum", 1, 8)[7].ShouldBe(4.502303395926, Tolerance);
        // The reference divides by N - 1, the array by N.
        Read("gradient-covariance-spectrum", 1, 8)[7].ShouldBe(3.362208437729 * 7 / 8, Tolerance);
        double[] batch =
        [
            .. Enumerable.Range(0, 32).Select(i => Enumerable.Range(0, 5).Average(n => samples[(n * 32) + i])),
        ];
        Read("batch-gradient-norm", 1)[0].ShouldBe(Math.Sqrt(batch.Sum(g => g * g)), Tolerance);
        Read("gradient-tests.norm", 1)[0].ShouldBe(0.496672306223858, Tolerance);
        Read("noise-gaussianity.shapiro-wilk", 1, 9).ShouldAllBe(w => w > 0 && w < 1);
        Read("noise-gaussianity.accepted", 1).ShouldAllBe(share => share >= 0 && share <= 1);
        Read("noise-gaussianity.gradient", 1, 3).Length.ShouldBe(3);
        Read("noise-gaussianity.top-eigenvectors", 1, 5, 3).Length.ShouldBe(15);
        Read("tail-index.directions", 1, 100).Order().ElementAt(50).ShouldBe(2, 0.4);
        Read("tail-index.pooling-misleads", 1).Length.ShouldBe(1);
        Read("noise-scale", 1)[0].ShouldBe(1.9734670381578, Tolerance);
        Read("noise-scale.squared-gradient", 1)[0].ShouldBe(2.31475237921851, Tolerance);
        Read("noise-scale.state", 1)[0].ShouldBe(1);
        Read("parameters", 1, 32)[3].ShouldBe(0.8 * Math.Sin(16), Tolerance);
    }

    [Fact]
    public void Weights_by_name_from_safetensors_are_the_same_weights()
    {
        // As PyTorch's Sequential(Linear, Tanh, Linear) names them, and sorts them: biases before weights.
        double[] p = Sines(32, 1, 0.8);
        (string Name, string Shape, double[] Values)[] tensors =
        [
            ("0.bias", "5", p[15..20]),
            ("0.weight", "5,3", p[..15]),
            ("2.bias", "2", p[30..]),
            ("2.weight", "2,5", p[20..30]),
        ];
        int at = 0;
        string header = string.Join(
            ',',
            tensors.Select(tensor =>
                $$"""
                "{{tensor.Name}}":{"dtype":"F64","shape":[{{tensor.Shape}}],"data_offsets":[{{at}},{{at += 8
                    * tensor.Values.Length}}]}
                """
            )
        );
        byte[] text = System.Text.Encoding.UTF8.GetBytes("{" + header + "}");
        byte[] numbers = [.. tensors.SelectMany(tensor => tensor.Values).SelectMany(BitConverter.GetBytes)];
        string file = _folder.Write(
            "net.safetensors",
            [.. BitConverter.GetBytes((ulong)text.Length), .. text, .. numbers]
        );
        string[] words =
        [
            .. Words("parameters,loss").Select(word => word.EndsWith("p.npy", StringComparison.Ordinal) ? file : word),
        ];
        (int code, _, string error) = CommandLine.Run(words);
        code.ShouldBe(0, error);
        Read("parameters", 1, 32).ShouldBe(p);
        Read("loss", 1)[0].ShouldBe(0.952869111127513, Tolerance);

        (code, _, error) = CommandLine.Run([.. words, "--no-bias"]);
        code.ShouldBe(65);
        error.ShouldContain("0.bias, 2.bias belongs to no layer");
    }

    [Fact]
    public void A_diverged_replica_is_NaN_and_leaves_the_others_untouched()
    {
        double[] p = Sines(32, 1, 0.8);
        double[] bad = [.. p];
        bad[7] = double.NaN;
        CommandLine.Run(Words("loss,hessian-spectrum,top-eigenvalues")).Code.ShouldBe(0);
        double[] alone = Read("hessian-spectrum", 1, 32);
        Save("p.npy", [3, 32], [.. p, .. bad, .. p]);
        (int code, _, string error) = CommandLine.Run(Words("loss,hessian-spectrum,top-eigenvalues"));
        code.ShouldBe(0, error);
        double[] spectra = Read("hessian-spectrum", 3, 32);
        spectra[..32].ShouldBe(alone);
        spectra[32..64].ShouldAllBe(value => double.IsNaN(value));
        spectra[64..].ShouldBe(alone);
        Read("loss", 3)[1].ShouldBe(double.NaN);
        Save("p.npy", [1, 32], bad);
        CommandLine.Run(Words("loss")).Code.ShouldBe(65);
    }

    [Fact]
    public void The_residual_of_a_squared_loss_is_refused()
    {
        (int code, _, string error) = CommandLine.Run(Words("residual-spectrum"));
        code.ShouldBe(65);
        error.ShouldContain("cross-entropy and logistic");
        error.Count(letter => letter == '\n').ShouldBe(1);
    }

    [Fact]
    public void Options_and_parts_of_quantities()
    {
        string[] set = ["--set", "top-eigenvalues.k=3", "--set", "top-eigenvalues.smallest=1"];
        CommandLine.Run(Words("top-eigenvalues,sharpness,layer-spectra", set)).Code.ShouldBe(0);

        double[] top = Read("top-eigenvalues", 1, 3);
        top[0].ShouldBe(3.09996080621, Tolerance);
        top[2].ShouldBe(1.91562238381, Tolerance);
        Read("top-eigenvalues.smallest", 1, 1)[0].ShouldBe(-0.917464750084, Tolerance);
        Read("top-eigenvalues.residual", 1, 3).Max().ShouldBeLessThan(1e-13);
        Read("top-eigenvalues.converged", 1, 3).ShouldBe([1, 1, 1]);
        Read("top-eigenvalues.iterations", 1, 3).ShouldBe([0, 0, 0]);
        Read("top-eigenvalues.smallest-residual", 1, 1)[0].ShouldBeLessThan(1e-13);
        Read("top-eigenvalues.smallest-converged", 1, 1).ShouldBe([1]);
        Read("top-eigenvalues.smallest-iterations", 1, 1).ShouldBe([0]);
        Read("sharpness", 1).ShouldBe([top[0]]);
        Read("layer-spectra.1", 1, 20)[19].ShouldBe(1.23904377219, Tolerance);
        Read("layer-spectra.2", 1, 12)[11].ShouldBe(2.40946939886, Tolerance);
    }

    [Fact]
    public void Angles_and_alignment_are_whole_where_the_spaces_are_whole()
    {
        string[] set = ["--set", "principal-angles.k=40", "--set", "gradient-alignment.k=32"];
        CommandLine.Run(Words("principal-angles,gradient-alignment", set)).Code.ShouldBe(0);

        // All 8 directions of M lie in the space of all 32 eigenvectors of H.
        double[] cosines = Read("principal-angles", 1, 40);
        cosines[..8].ShouldBe([.. Enumerable.Repeat(1.0, 8)], Tolerance);
        cosines[8..].ShouldBe(new double[32]);
        Read("gradient-alignment", 1)[0].ShouldBe(1, Tolerance);
    }

    [Fact]
    public void Angle_between_two_single_vectors_is_their_product()
    {
        string[] set = ["--set", "principal-angles.k=1", "--set", "gradient-alignment.k=1"];
        CommandLine
            .Run(Words("principal-angles,gradient-alignment,gradient,hessian,per-sample-gradients", set))
            .Code.ShouldBe(0);

        double[] hessian = Read("hessian", 1, 32, 32);
        double[] samples = Read("per-sample-gradients", 1, 8, 32);
        double[] gradient = Read("gradient", 1, 32);
        double[] u = Top(v =>
            [.. Enumerable.Range(0, 32).Select(i => v.Select((x, j) => x * hessian[(i * 32) + j]).Sum())]
        );
        double[] w = Top(v =>
        {
            double[] image = new double[32];
            for (int n = 0; n < 8; n++)
            {
                double along = v.Select((x, j) => x * samples[(n * 32) + j]).Sum() / 8;
                for (int j = 0; j < 32; j++)
                {
                    image[j] += along * samples[(n * 32) + j];
                }
            }

            return image;
        });
        double product = Math.Abs(u.Zip(w, (x, y) => x * y).Sum());
        Read("principal-angles", 1, 1)[0].ShouldBe(product, Tolerance);
        Read("principal-angles.overlaps", 1, 1)[0].ShouldBe(product, Tolerance);
        double squares = gradient.Sum(x => x * x);
        Read("gradient-alignment", 1)[0]
            .ShouldBe(Math.Pow(u.Zip(gradient, (x, y) => x * y).Sum(), 2) / squares, Tolerance);

        // Power iteration on A + I: the shift makes the algebraically largest the largest.
        static double[] Top(Func<double[], double[]> product)
        {
            double[] v = Sines(32, 3, 1);
            for (int step = 0; step < 1000; step++)
            {
                double[] next = [.. product(v).Zip(v, (image, x) => image + x)];
                double length = Math.Sqrt(next.Sum(x => x * x));
                v = [.. next.Select(x => x / length)];
            }

            return v;
        }
    }

    [Fact]
    public void Options_that_do_not_exist_or_fit_are_refused()
    {
        Fails(64, "write --set quantity.option=value", Words("sharpness", "--set", "k=3"));
        Fails(64, "quantity of --what", Words("sharpness", "--set", "top-eigenvalues.k=3"));
        Fails(64, "did you mean 'tolerance'", Words("sharpness", "--set", "sharpness.tolerence=3"));
        Fails(64, "no options", Words("loss", "--set", "loss.k=3"));
        Fails(64, "k: 0 is out of range", Words("top-eigenvalues", "--set", "top-eigenvalues.k=0"));
        Fails(65, "32 parameters", Words("top-eigenvalues", "--set", "top-eigenvalues.k=33"));
    }

    [Fact]
    public void Replicas_have_their_own_weights_inputs_and_targets()
    {
        Save("p.npy", [4, 32], Replicated(32, 1, 0.8));
        Save("x.npy", [4, 8, 3], Replicated(24, 7, 1));
        Save("y.npy", [4, 8, 2], Replicated(16, 21, 1));
        CommandLine.Run(Words("loss,trace,hessian-spectrum")).Code.ShouldBe(0);

        double[] loss = Read("loss", 4);
        loss[1].ShouldBe(1.1385800027441, Tolerance);
        loss[3].ShouldBe(0.96630621910435, Tolerance);
        Read("trace", 4)[2].ShouldBe(6.758460397381, Tolerance);
        Read("hessian-spectrum", 4, 32)[(2 * 32) + 31].ShouldBe(3.39707785126, Tolerance);
    }

    [Fact]
    public void Test_samples_and_initial_weights_serve_their_quantities()
    {
        Save("p0.npy", [32], new double[32]);
        string[] more =
        [
            "--test-inputs",
            _folder.PathOf("x.npy"),
            "--test-targets",
            _folder.PathOf("y.npy"),
            "--initial-params",
            _folder.PathOf("p0.npy"),
        ];
        CommandLine.Run(Words("test-loss,test-accuracy,distance-from-initialization", more)).Code.ShouldBe(0);
        Read("test-loss", 1)[0].ShouldBe(0.952869111127513, Tolerance);
        Read("distance-from-initialization", 1)[0]
            .ShouldBe(Math.Sqrt(Sines(32, 1, 0.8).Sum(value => value * value)), Tolerance);
    }

    [Fact]
    public void Mistakes_are_told_before_anything_is_written()
    {
        Fails(64, "did you mean 'hessian'?", Words("hesian"));
        Fails(64, "--vectors", Words("hessian-vector-products"));
        Fails(64, "--test-inputs", Words("test-loss"));
        Fails(64, "--initial-params", Words("distance-from-initialization"));
        Fails(64, "--initial-params", Words("pac-bayes-bound"));
        Fails(64, "observe it in a run", Words("loss-increment"));
        Fails(64, "give --batch", Words("batch-gradient-norm"));
        Fails(64, "noise-gaussianity.batch=B", Words("noise-gaussianity"));
        Fails(65, "the data has 8", [.. Words("noise-gaussianity"), "--batch", "8"]);
        Fails(64, "N = 8", [.. Words("batch-gradient-norm"), "--batch", "9"]);
        Fails(64, "did you mean 'tanh'?", With("--activation", "tahn"));
        Fails(64, "at least 1", With("--widths", "3,0,2"));
        Fails(64, "output width", With("--widths", "3"));
        Fails(64, "one output", With("--loss", "logistic"));
        Fails(64, "belong together", [.. Words("loss"), "--test-inputs", _folder.PathOf("x.npy")]);
        Fails(64, "unexpected word", [.. Words("loss"), "gradient"]);
        Fails(64, "exclude", [.. Words("loss"), "--bias", "true", "--no-bias"]);
        Fails(65, "P = 30", [.. Words("loss"), "--bias", "true,false"]);
        Save("wide.npy", [60002], new double[60002]);
        string[] wide = With("--widths", "3,10000,2", "loss,hessian");
        wide[Array.IndexOf(wide, "--params") + 1] = _folder.PathOf("wide.npy");
        Fails(71, "bytes of memory", wide);
        Save("y.npy", [7, 2], new double[14]);
        Fails(65, "y.npy", Words("loss"));
        Save("y.npy", [8, 2], [.. Sines(15, 21, 1), double.NaN]);
        Fails(65, "row 7", Words("loss"));
        NpyFile.Write<long>(_folder.PathOf("y.npy"), NpyType.Int64, [8], [0, 1, 0, 1, 2, 0, 1, 0]);
        Fails(65, "label 2", Words("loss"));
        File.Delete(_folder.PathOf("x.npy"));
        Fails(66, "x.npy", Words("loss"));
        File.WriteAllText(_folder.PathOf("p.npy"), "not an array");
        Fails(65, "p.npy", Words("loss"));
    }

    private static double[] Sines(int count, double offset, double amplitude) =>
        [.. Enumerable.Range(0, count).Select(k => amplitude * Math.Sin((offset + k) * (offset + k)))];

    private static double[] Replicated(int count, double offset, double amplitude) =>
        [.. Enumerable.Range(0, 4).SelectMany(r => Sines(count, offset + (1000 * r), amplitude))];

    private void Fails(int expected, string told, string[] words)
    {
        (int code, _, string error) = CommandLine.Run(words);
        code.ShouldBe(expected, error);
        error.TrimEnd('\n').ShouldNotContain("\n");
        error.ShouldContain(told);
        Directory.Exists(_folder.PathOf("out")).ShouldBeFalse();
    }

    private string[] With(string option, string value, string what = "loss")
    {
        string[] words = Words(what);
        words[Array.IndexOf(words, option) + 1] = value;
        return words;
    }

    private string[] Words(string what, params string[] more) =>
        [
            "probe",
            "--params",
            _folder.PathOf("p.npy"),
            "--inputs",
            _folder.PathOf("x.npy"),
            "--targets",
            _folder.PathOf("y.npy"),
            "--widths",
            "3,5,2",
            "--activation",
            "tanh",
            "--loss",
            "mse",
            "--what",
            what,
            "--out",
            _folder.PathOf("out"),
            "--threads",
            "1",
            .. more,
        ];

    private void Save(string name, long[] shape, double[] values) =>
        NpyFile.Write<double>(_folder.PathOf(name), NpyType.Float64, shape, values);

    private double[] Read(string quantity, params long[] shape)
    {
        string path = Path.Combine(_folder.PathOf("out"), quantity + ".npy");
        NpyFile.ReadHeader(path).Shape.ShouldBe(shape);
        return NpyFile.Read(path).ToDoubles();
    }
}
