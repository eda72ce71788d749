using Hesse.Data;
using Hesse.Networks;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Tests.Data;

[Trait("Category", "Numerical")]
public sealed class LinearDataTests
{
    private const ulong Seed = 1907;

    // Sums of 50 products of order 1.
    private const double Rounding = 1e-12;

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 2, 3)]
    [InlineData(5, 2, 17)]
    [InlineData(50, 50, 50)]
    public void Inputs_are_white_and_targets_linear(int dimension, int outputs, int samples)
    {
        DataSet data = Open(Shape(dimension, outputs, samples)).Training(0, 1);
        double[] x = data.Inputs;
        for (int i = 0; i < dimension; i++)
        {
            for (int j = 0; j < dimension; j++)
            {
                double sum = Enumerable.Range(0, samples).Sum(n => x[(n * dimension) + i] * x[(n * dimension) + j]);
                (sum / samples).ShouldBe(i == j ? 1 : 0, Rounding);
            }
        }

        for (int n = 0; n < samples; n++)
        {
            for (int c = 0; c < outputs; c++)
            {
                double expected = Enumerable
                    .Range(0, dimension)
                    .Sum(j =>
                        x[(n * dimension) + j]
                        * NormalDeviates.At(Seed, (uint)((c * dimension) + j), 0, 0, RandomStream.DataTarget)
                    );
                data.Targets![(n * outputs) + c].ShouldBe(expected, Rounding);
            }
        }
    }

    [Fact]
    public void Columns_span_those_of_the_normal_matrix_in_their_order()
    {
        DataSet data = Open(Shape(3, 1, 9)).Training(0, 1);
        double[] normal = new double[27];
        NormalDeviates.Fill(Seed, 0, 0, 0, RandomStream.DataInputs, normal);
        for (int column = 0; column < 3; column++)
        {
            for (int later = 0; later < 3; later++)
            {
                // R = Q^T of the matrix is upper triangular with a positive diagonal.
                double product = Enumerable
                    .Range(0, 9)
                    .Sum(n => data.Inputs[(n * 3) + later] * normal[(n * 3) + column]);
                if (later > column)
                {
                    product.ShouldBe(0, Rounding);
                }
                else if (later == column)
                {
                    product.ShouldBeGreaterThan(0);
                }
            }
        }
    }

    [Fact]
    public void A_replicas_own_set_depends_on_its_index_alone()
    {
        IDataSource own = Open(Shape(3, 2, 5) with { PerReplica = true });
        DataSet wave = own.Training(4, 2);
        wave.Sets.ShouldBe(2);
        wave.InputsOf(1).ToArray().ShouldBe(own.Training(5, 1).Inputs);
        wave.TargetsOf(1).ToArray().ShouldBe(own.Training(5, 1).Targets);
        wave.InputsOf(0).ToArray().ShouldNotBe(wave.InputsOf(1).ToArray());
        DataSet shared = Open(Shape(3, 2, 5)).Training(4, 2);
        shared.Sets.ShouldBe(1);
        shared.Inputs.ShouldBe(own.Training(0, 1).Inputs);
    }

    [Fact]
    public void Float32_is_float64_rounded_once()
    {
        DataSet wide = Open(Shape(3, 2, 5)).Training(0, 1);
        DataSet narrow = LinearData.Open(Shape(3, 2, 5), Seed, Precision.Float32).Training(0, 1);
        narrow.Inputs.ShouldBe(wide.Inputs.Select(value => (double)(float)value));
        narrow.Targets.ShouldBe(wide.Targets!.Select(value => (double)(float)value));
    }

    [Fact]
    public void Too_few_samples_and_too_many_numbers_are_refused()
    {
        HesseException failure = Should.Throw<HesseException>(() => Open(Shape(5, 1, 4)));
        failure.Code.ShouldBe(ExitCode.BadData);
        failure.Message.ShouldContain("data.samples");
        IDataSource large = Open(Shape(1 << 20, 1, 1 << 20));
        Should.Throw<HesseException>(() => large.Training(0, 1)).Code.ShouldBe(ExitCode.DoesNotFit);
    }

    private static LinearDataSpec Shape(int dimension, int outputs, int samples) =>
        new()
        {
            Dimension = dimension,
            Outputs = outputs,
            Samples = samples,
        };

    private static IDataSource Open(LinearDataSpec spec) => LinearData.Open(spec, Seed, Precision.Float64);
}
