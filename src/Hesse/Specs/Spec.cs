using System.Collections.ObjectModel;
using System.Globalization;
using Hesse.Networks;

namespace Hesse.Specs;

/// <summary>What the user asked for: an experiment, or a grid of them. Immutable, resolved (every default filled in) and valid.</summary>
public sealed record Spec
{
    /// <summary>Version of the format, 1.</summary>
    public required int Version { get; init; }

    /// <summary>Name of the result folder: [A-Za-z0-9._-]{1,64}.</summary>
    public required string Name { get; init; }

    /// <summary>Key of every random number, 0 &lt;= seed &lt; 2^64.</summary>
    public ulong Seed { get; init; }

    /// <summary>R</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Arithmetic of the training.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Arithmetic of curvature and spectra.</summary>
    public Precision ObservationPrecision { get; init; } = Precision.Float64;

    /// <summary>Where samples come from.</summary>
    public required DataSpec Data { get; init; }

    /// <summary>The net between the data's input and output widths.</summary>
    public required NetworkSpec Network { get; init; }

    /// <summary>Loss of one sample.</summary>
    public required Loss Loss { get; init; }

    /// <summary>How the net is trained.</summary>
    public required TrainingSpec Training { get; init; }

    /// <summary>What is measured, and when.</summary>
    public IReadOnlyList<ObservationSpec> Observe { get; init; } = [];

    /// <summary>How replicas are summarised.</summary>
    public StatisticsSpec Statistics { get; init; } = new();

    /// <summary>A grid over leaf keys; empty for a single setting.</summary>
    public IReadOnlyList<SweepAxis> Sweep { get; init; } = [];

    /// <summary>BibTeX of what the experiment reproduces, shown by reports; null for none.</summary>
    public string? Cite { get; init; }

    /// <summary>Where its keys stand in the text that it was read from.</summary>
    internal SpecPlaces Places { get; init; } = SpecPlaces.None;

    /// <summary>
    /// Width of the network's last layer: 1 for loss logistic, which tells two classes apart with one output, else one
    /// output a class or target column.
    /// </summary>
    /// <param name="classesOrColumns">C of the data.</param>
    /// <exception cref="HesseException">Loss logistic with more than two classes.</exception>
    internal int OutputWidth(int classesOrColumns)
    {
        if (Loss != Loss.Logistic)
        {
            return classesOrColumns;
        }

        return classesOrColumns <= 2
            ? 1
            : throw new HesseException(
                ExitCode.BadData,
                $"loss: logistic needs one output, that is two classes; the data has {classesOrColumns}"
            );
    }

    /// <summary>The net between these data: d, hidden widths, <see cref="OutputWidth"/>.</summary>
    /// <param name="dimension">d</param>
    /// <param name="classesOrColumns">C of the data.</param>
    /// <exception cref="HesseException">Loss and data do not fit, or the net has more than 2^31 - 1 parameters.</exception>
    public Network CreateNetwork(int dimension, int classesOrColumns) =>
        new([dimension, .. Network.Hidden, OutputWidth(classesOrColumns)], [.. Network.Bias], Network.Activation, Loss);

    /// <summary>What can only be checked once the data are known: batch size, output width, number of parameters.</summary>
    /// <param name="samples">N</param>
    /// <param name="dimension">d</param>
    /// <param name="outputs">C of the data.</param>
    /// <exception cref="HesseException">Exit code 65: the spec does not fit its data.</exception>
    internal void CheckAgainstData(int samples, int dimension, int outputs)
    {
        if (Training.Batch.Size > samples)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"training.batch.size: {Training.Batch.Size} is more than the {samples} training samples"
            );
        }

        CreateNetwork(dimension, outputs);
    }
}

/// <summary>Where samples come from.</summary>
public abstract record DataSpec;

/// <summary>Gauss-k: x = mean of its class + noise. Means N(0, mean-scale^2 I), noise N(0, noise-scale^2 I), label n mod classes.</summary>
public sealed record GaussDataSpec : DataSpec
{
    /// <summary>k</summary>
    public int Classes { get; init; } = 10;

    /// <summary>d</summary>
    public int Dimension { get; init; } = 50;

    /// <summary>N</summary>
    public int Samples { get; init; } = 100;

    /// <summary>Number of test samples.</summary>
    public int TestSamples { get; init; }

    /// <summary>Standard deviation of a coordinate of a class mean.</summary>
    public double MeanScale { get; init; } = 4.0;

    /// <summary>Standard deviation of a coordinate of the noise.</summary>
    public double NoiseScale { get; init; } = 2.0;

    /// <summary>Share of training labels replaced by uniform draws over the classes.</summary>
    public double RandomLabels { get; init; }

    /// <summary>Whether every replica draws its own set.</summary>
    public bool PerReplica { get; init; }
}

/// <summary>How pixel values are scaled.</summary>
public enum Standardize
{
    /// <summary>Bytes divided by 255.</summary>
    None,

    /// <summary>Mean 0 and variance 1 per colour channel over all training samples of the chosen classes.</summary>
    Channel,

    /// <summary>Mean 0 and variance 1 per pixel (and channel), likewise; constant pixels become 0.</summary>
    Pixel,
}

/// <summary>MNIST's file format, plain or .gz.</summary>
public sealed record IdxDataSpec : DataSpec
{
    /// <summary>Training images, absolute path.</summary>
    public required string Images { get; init; }

    /// <summary>Training labels.</summary>
    public required string Labels { get; init; }

    /// <summary>Test images, or null.</summary>
    public string? TestImages { get; init; }

    /// <summary>Test labels, or null.</summary>
    public string? TestLabels { get; init; }

    /// <summary>First N samples (after the choice of classes), or null for all.</summary>
    public int? Count { get; init; }

    /// <summary>Classes to keep, renumbered 0 .. in this order; or null for all.</summary>
    public IReadOnlyList<int>? Classes { get; init; }

    /// <summary>Scaling of the pixels.</summary>
    public Standardize Standardize { get; init; } = Standardize.None;
}

/// <summary>CIFAR-10's binary batches in a folder: data_batch_1.bin .. 5.bin, test_batch.bin.</summary>
public sealed record Cifar10DataSpec : DataSpec
{
    /// <summary>The folder, absolute path.</summary>
    public required string Folder { get; init; }

    /// <summary>First N samples (after the choice of classes), or null for all.</summary>
    public int? Count { get; init; }

    /// <summary>Classes to keep, renumbered 0 .. in this order; or null for all.</summary>
    public IReadOnlyList<int>? Classes { get; init; }

    /// <summary>Scaling of the pixels.</summary>
    public Standardize Standardize { get; init; } = Standardize.None;
}

/// <summary>NumPy arrays: inputs (N,d), targets (N) integer classes or (N,C) floating.</summary>
public sealed record NpyDataSpec : DataSpec
{
    /// <summary>Training inputs, absolute path.</summary>
    public required string Inputs { get; init; }

    /// <summary>Training targets.</summary>
    public required string Targets { get; init; }

    /// <summary>Test inputs, or null.</summary>
    public string? TestInputs { get; init; }

    /// <summary>Test targets, or null.</summary>
    public string? TestTargets { get; init; }
}

/// <summary>How theta_0 is drawn.</summary>
public enum Initialization
{
    /// <summary>Weights and biases U(-1/sqrt(fan-in), 1/sqrt(fan-in)), the default of torch.nn.Linear.</summary>
    Pytorch,

    /// <summary>Weights N(0, gain^2 / fan-in); biases 0. Gain sqrt 2 unless given.</summary>
    HeNormal,

    /// <summary>Weights U(-b, b), b = gain sqrt(3 / fan-in); biases 0. Gain sqrt 2 unless given.</summary>
    HeUniform,

    /// <summary>Weights N(0, 2 gain^2 / (fan-in + fan-out)); biases 0. Gain 1 unless given.</summary>
    XavierNormal,

    /// <summary>Weights U(-b, b), b = gain sqrt(6 / (fan-in + fan-out)); biases 0. Gain 1 unless given.</summary>
    XavierUniform,

    /// <summary>Read from a file of shape (P) or (R,P).</summary>
    Npy,
}

/// <summary>The net between the data's input and output widths.</summary>
public sealed record NetworkSpec
{
    /// <summary>Widths of the hidden layers; empty for a linear model.</summary>
    public required IReadOnlyList<int> Hidden { get; init; }

    /// <summary>phi</summary>
    public Activation Activation { get; init; } = Activation.Relu;

    /// <summary>One for all layers, or one a layer.</summary>
    public IReadOnlyList<bool> Bias { get; init; } = [true];

    /// <summary>How theta_0 is drawn.</summary>
    public Initialization Initialization { get; init; } = Initialization.Pytorch;

    /// <summary>Gain: one for all layers, one a layer, or null for the rule's own.</summary>
    public IReadOnlyList<double>? Gain { get; init; }

    /// <summary>File of initial parameters for <see cref="Initialization.Npy"/>, absolute path.</summary>
    public string? InitialParameters { get; init; }

    /// <summary>Whether all replicas start from replica 0's point.</summary>
    public bool SharedInitialization { get; init; }
}

/// <summary>How the net is trained.</summary>
public sealed record TrainingSpec
{
    /// <summary>The update rule.</summary>
    public required OptimizerSpec Optimizer { get; init; }

    /// <summary>Size and order of the mini-batches.</summary>
    public required BatchSpec Batch { get; init; }

    /// <summary>The workers of a distributed training, or null for plain training.</summary>
    public WorkersSpec? Workers { get; init; }

    /// <summary>Number of updates.</summary>
    public required int Steps { get; init; }
}

/// <summary>The order in which rows are visited.</summary>
public enum BatchOrder
{
    /// <summary>Each epoch visits every row once in an order of its own; the last batch of an epoch may be shorter.</summary>
    Epochs,

    /// <summary>Every row drawn independently.</summary>
    WithReplacement,

    /// <summary>Batch t is rows tB .. tB+B-1 modulo N.</summary>
    Sequential,

    /// <summary>All rows.</summary>
    Full,
}

/// <summary>Size and order of the mini-batches.</summary>
public sealed record BatchSpec
{
    /// <summary>B; null for <see cref="BatchOrder.Full"/>.</summary>
    public int? Size { get; init; }

    /// <summary>The order in which rows are visited.</summary>
    public required BatchOrder Order { get; init; }
}

/// <summary>A number that may fall along training: start * factor^(number of milestones &lt;= step).</summary>
/// <param name="Start">Value at step 0.</param>
/// <param name="Factor">Applied at each milestone.</param>
/// <param name="Milestones">Steps, ascending: from that step on (0-based updates made so far) the factor applies.</param>
public sealed record Schedule(double Start, double Factor = 1, IReadOnlyList<int>? Milestones = null)
{
    /// <summary>The value used by the update that follows <paramref name="step"/> updates.</summary>
    public double At(int step)
    {
        double value = Start;
        for (int i = 0; Milestones is not null && i < Milestones.Count && Milestones[i] <= step; i++)
        {
            value *= Factor;
        }

        return value;
    }
}

/// <summary>One quantity with the steps at which it is measured.</summary>
public sealed record ObservationSpec
{
    /// <summary>A name of docs/results.md.</summary>
    public required string Quantity { get; init; }

    /// <summary>The steps, ascending, distinct, each in 0 .. steps. An observation at t sees the parameters after t updates.</summary>
    public required IReadOnlyList<int> Times { get; init; }

    /// <summary>The quantity's options as canonical JSON, those with their default included.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The value of an option that is a number.</summary>
    internal double Number(string option) => double.Parse(Options[option], CultureInfo.InvariantCulture);

    /// <summary>The value of an option that is a name.</summary>
    internal string Choice(string option) => Options[option].Trim('"');

    /// <summary>k where the times were asked for as every k steps, else null.</summary>
    public int? Every { get; init; }

    /// <summary>k where the times were asked for as 0 and k points in geometric progression, else null.</summary>
    public int? LogSpaced { get; init; }
}

/// <summary>How replicas are summarised.</summary>
public sealed record StatisticsSpec
{
    /// <summary>Quantile levels in [0, 1], ascending.</summary>
    public IReadOnlyList<double> Quantiles { get; init; } = [0.05, 0.25, 0.5, 0.75, 0.95];
}

/// <summary>One axis of a sweep.</summary>
/// <param name="Key">Dotted path of a leaf key.</param>
/// <param name="Values">Its values as canonical JSON texts.</param>
public sealed record SweepAxis(string Key, IReadOnlyList<string> Values);
