using Hesse.Networks;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Data;

/// <summary>
/// Gauss-k: x_n = mean-scale m_c + noise-scale e_n with c = n mod k, m and e standard normal, computed in double and rounded
/// once to the training precision. With probability random-labels a training label is then replaced by a uniform draw over all
/// k classes. Test samples have the same means, noise of their own and no replaced labels.
/// </summary>
internal sealed class GaussData : IDataSource
{
    private readonly GaussDataSpec _spec;
    private readonly ulong _seed;
    private readonly Precision _precision;
    private readonly Lazy<DataSet> _training;
    private readonly Lazy<DataSet> _test;

    /// <summary>Describes the data; samples are drawn when they are asked for.</summary>
    /// <exception cref="HesseException">A number is out of range (65), or a set is too large for one array (71).</exception>
    public GaussData(GaussDataSpec spec, ulong seed, Precision precision)
    {
        if (spec.Classes < 1 || spec.Dimension < 1 || spec.Samples < 1 || spec.TestSamples < 0)
        {
            throw new HesseException(
                ExitCode.BadData,
                "data: classes, dimension and samples must be at least 1, test-samples at least 0"
            );
        }

        if (spec.RandomLabels is not (>= 0 and <= 1))
        {
            throw new HesseException(ExitCode.BadData, "data.random-labels must lie in [0, 1]");
        }

        CheckLength((long)spec.Classes * spec.Dimension);
        CheckLength((long)spec.Samples * spec.Dimension);
        CheckLength((long)spec.TestSamples * spec.Dimension);
        _spec = spec;
        _seed = seed;
        _precision = precision;
        _training = new Lazy<DataSet>(() => Draw(0, 1, test: false));
        _test = new Lazy<DataSet>(() => Draw(0, 1, test: true));
    }

    /// <inheritdoc/>
    public int Dimension => _spec.Dimension;

    /// <inheritdoc/>
    public int Outputs => _spec.Classes;

    /// <inheritdoc/>
    public int Samples => _spec.Samples;

    /// <inheritdoc/>
    public int TestSamples => _spec.TestSamples;

    /// <inheritdoc/>
    public bool PerReplica => _spec.PerReplica;

    /// <inheritdoc/>
    public string ContentHash => "";

    /// <inheritdoc/>
    public DataSet Training(int first, int count) => PerReplica ? Draw(first, count, test: false) : _training.Value;

    /// <inheritdoc/>
    public DataSet? Test(int first, int count)
    {
        if (TestSamples == 0)
        {
            return null;
        }

        return PerReplica ? Draw(first, count, test: true) : _test.Value;
    }

    /// <summary>A sample drawn like the training sample of a row, with noise and relabelling of its own.</summary>
    /// <param name="row">The row: its class before relabelling is kept.</param>
    /// <param name="number">Which of the redrawn samples.</param>
    /// <param name="replica">The replica; 0 for a shared set.</param>
    /// <param name="input">(d)</param>
    /// <returns>The label.</returns>
    internal int Redraw(int row, uint number, uint replica, Span<double> input)
    {
        double[] means = new double[Outputs * Dimension];
        NormalDeviates.Fill(_seed, 0, 0, replica, RandomStream.GaussMeans, means);
        NormalDeviates.Fill(_seed, checked(number * (uint)Dimension), 0, replica, RandomStream.TwinDraws, input);
        int label = row % Outputs;
        for (int j = 0; j < Dimension; j++)
        {
            double x = (_spec.MeanScale * means[(label * Dimension) + j]) + (_spec.NoiseScale * input[j]);
            input[j] = _precision == Precision.Float32 ? (float)x : x;
        }

        return Relabelled(label, (int)number, replica, RandomStream.TwinLabels);
    }

    private static void CheckLength(long length)
    {
        if (length > Array.MaxLength)
        {
            throw new HesseException(ExitCode.DoesNotFit, $"data: {length} numbers are too many for one array");
        }
    }

    private DataSet Draw(int first, int sets, bool test)
    {
        int samples = test ? TestSamples : Samples;
        int dimension = Dimension;
        CheckLength((long)sets * samples * dimension);
        double[] inputs = new double[sets * samples * dimension];
        int[] labels = new int[sets * samples];
        double[] means = new double[Outputs * dimension];
        for (int set = 0; set < sets; set++)
        {
            uint replica = (uint)(first + set);
            Span<double> noise = inputs.AsSpan(set * samples * dimension, samples * dimension);
            NormalDeviates.Fill(_seed, 0, 0, replica, RandomStream.GaussMeans, means);
            RandomStream stream = test ? RandomStream.TestNoise : RandomStream.GaussNoise;
            NormalDeviates.Fill(_seed, 0, 0, replica, stream, noise);
            for (int n = 0; n < samples; n++)
            {
                int label = n % Outputs;
                for (int j = 0; j < dimension; j++)
                {
                    double x =
                        (_spec.MeanScale * means[(label * dimension) + j])
                        + (_spec.NoiseScale * noise[(n * dimension) + j]);
                    noise[(n * dimension) + j] = _precision == Precision.Float32 ? (float)x : x;
                }

                labels[(set * samples) + n] = test ? label : Relabelled(label, n, replica, RandomStream.RandomLabels);
            }
        }

        return new DataSet(samples, dimension, Outputs, sets, inputs, labels, targets: null);
    }

    /// <summary>Block n of the stream: its first uniform decides, its third word chooses the class.</summary>
    private int Relabelled(int label, int n, uint replica, RandomStream stream)
    {
        if (_spec.RandomLabels == 0)
        {
            return label;
        }

        (uint x0, uint x1, uint x2, _) = Philox4x32.Block(_seed, (uint)n, 0, replica, stream);
        return UniformDeviates.FromWords(x0, x1) < _spec.RandomLabels ? UniformDeviates.Below(x2, Outputs) : label;
    }
}
