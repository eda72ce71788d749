using Hesse.Networks;
using Hesse.Specs;

namespace Hesse.Data;

/// <summary>
/// Generated inputs with floating-point targets: computed in double, inputs and targets each rounded once to the training precision.
/// A shared set is that of replica 0.
/// </summary>
/// <param name="spec">Shape of the sets, and whether replicas have their own.</param>
/// <param name="precision">Training precision.</param>
/// <param name="draw">Fills one set.</param>
internal sealed class GeneratedData(RegressionDataSpec spec, Precision precision, GeneratedData.Draw draw) : IDataSource
{
    private readonly Lazy<DataSet> _training = new(() => Sets(spec, precision, draw, 0, 1, test: false));
    private readonly Lazy<DataSet> _test = new(() => Sets(spec, precision, draw, 0, 1, test: true));

    /// <summary>Fills the inputs (N,d) and the targets (N,C) of the training or test set of a replica.</summary>
    internal delegate void Draw(uint replica, bool test, Span<double> inputs, Span<double> targets);

    /// <inheritdoc/>
    public int Dimension => spec.Shape.Dimension;

    /// <inheritdoc/>
    public int Outputs => spec.Shape.Outputs;

    /// <inheritdoc/>
    public int Samples => spec.Shape.Samples;

    /// <inheritdoc/>
    public int TestSamples => spec.Shape.TestSamples;

    /// <inheritdoc/>
    public bool PerReplica => spec.PerReplica;

    /// <inheritdoc/>
    public string ContentHash => "";

    /// <inheritdoc/>
    public DataSet Training(int first, int count) =>
        PerReplica ? Sets(spec, precision, draw, first, count, test: false) : _training.Value;

    /// <inheritdoc/>
    public DataSet? Test(int first, int count) =>
        TestSamples == 0 ? null
        : PerReplica ? Sets(spec, precision, draw, first, count, test: true)
        : _test.Value;

    private static DataSet Sets(
        RegressionDataSpec spec,
        Precision precision,
        Draw draw,
        int first,
        int count,
        bool test
    )
    {
        (int training, int testing, int dimension, int outputs) = spec.Shape;
        int samples = test ? testing : training;
        double[] inputs = new double[Length(count, samples, dimension)];
        double[] targets = new double[Length(count, samples, outputs)];
        for (int set = 0; set < count; set++)
        {
            draw(
                (uint)(first + set),
                test,
                inputs.AsSpan(set * samples * dimension, samples * dimension),
                targets.AsSpan(set * samples * outputs, samples * outputs)
            );
        }

        Round(inputs, precision);
        Round(targets, precision);
        return new DataSet(samples, dimension, outputs, count, inputs, labels: null, targets);
    }

    private static int Length(long sets, long samples, long columns)
    {
        Int128 length = (Int128)sets * samples * columns;
        return length <= Array.MaxLength
            ? (int)length
            : throw new HesseException(ExitCode.DoesNotFit, $"data: {length} numbers are too many for one array");
    }

    private static void Round(Span<double> values, Precision precision)
    {
        if (precision == Precision.Float32)
        {
            foreach (ref double value in values)
            {
                value = (float)value;
            }
        }
    }
}
