using Hesse.Data;
using Hesse.Networks;
using Hesse.Stores;

namespace Hesse.Observables;

/// <summary>
/// The user's own weights and samples, read and held against each other. Every array may have a leading replica axis; where
/// some have one and others not, the others are the same for all replicas.
/// </summary>
public sealed class ProbeInputs
{
    private ProbeInputs(Network network, int replicas)
    {
        Network = network;
        Replicas = replicas;
    }

    /// <summary>The net.</summary>
    public Network Network { get; }

    /// <summary>R</summary>
    public int Replicas { get; }

    /// <summary>(R,P)</summary>
    public double[] Parameters { get; private init; } = [];

    /// <summary>theta_0, (R,P); empty when not given.</summary>
    public double[] InitialParameters { get; private init; } = [];

    /// <summary>Samples, one set or R.</summary>
    public required DataSet Training { get; init; }

    /// <summary>Test samples, or null.</summary>
    public DataSet? Test { get; init; }

    /// <summary>(V,P) or (R,V,P); empty when not given.</summary>
    public double[] Vectors { get; private init; } = [];

    /// <summary>V</summary>
    public int VectorCount { get; private init; }

    /// <summary>Whether every replica has its own vectors.</summary>
    public bool VectorsPerReplica { get; private init; }

    /// <summary>Whether every parameter of a replica is a finite number.</summary>
    internal bool IsFinite(int replica) =>
        !Parameters
            .AsSpan(replica * Network.ParameterCount, Network.ParameterCount)
            .ContainsAnyExceptInRange(double.MinValue, double.MaxValue);

    /// <summary>Reads the files.</summary>
    /// <param name="network">The net.</param>
    /// <param name="files">Where the arrays lie.</param>
    /// <exception cref="HesseException">66: a file is missing; 65: a shape does not fit, a value is not finite, a label is out of range.</exception>
    public static ProbeInputs Load(Network network, ProbeFiles files)
    {
        int p = network.ParameterCount;
        Axes axes = new();
        NpyArray parameters = Read(files.Parameters, network, [p], axes, "parameters (P) or (R,P)");
        NpyArray? initial = files.InitialParameters is { } path
            ? Read(path, network, [p], axes, "initial parameters (P) or (R,P)")
            : null;
        Samples training = Samples.Read(files.Inputs, files.Targets, network, axes);
        Samples? test = files is { TestInputs: { } testInputs, TestTargets: { } testTargets }
            ? Samples.Read(testInputs, testTargets, network, axes)
            : null;
        NpyArray? vectors = files.Vectors is null ? null : ReadVectors(files.Vectors, p, axes);
        int replicas = axes.Replicas;
        return new ProbeInputs(network, replicas)
        {
            Parameters = Tiled(parameters, p, replicas),
            InitialParameters = initial is null ? [] : Tiled(initial, p, replicas),
            Training = training.ToDataSet(network, replicas),
            Test = test?.ToDataSet(network, replicas),
            Vectors = vectors?.ToDoubles() ?? [],
            VectorCount = vectors is null ? 0 : (int)vectors.Shape[^2],
            VectorsPerReplica = vectors?.Shape.Count == 3,
        };
    }

    private static NpyArray ReadVectors(string path, int p, Axes axes)
    {
        NpyArray vectors = ParameterFile.ReadArray(path);
        if (vectors.Shape.Count is not (2 or 3) || vectors.Shape[^1] != p || vectors.Shape[^2] < 1)
        {
            throw Misfit(path, vectors, $"vectors (V,P) or (R,V,P) with P = {p}");
        }

        if (vectors.Shape.Count == 3)
        {
            axes.Require(vectors.Shape[0], path);
        }

        RequireFinite(vectors, p, path);
        return vectors;
    }

    private static NpyArray Read(string path, Network network, long[] shape, Axes axes, string what)
    {
        NpyArray array = ParameterFile.ReadParameters(path, network);
        bool whole = array.Shape.SequenceEqual(shape);
        if (!whole && !(array.Shape.Count == shape.Length + 1 && array.Shape.Skip(1).SequenceEqual(shape)))
        {
            throw Misfit(path, array, $"{what} with P = {shape[0]}");
        }

        if (!whole)
        {
            axes.Require(array.Shape[0], path);
        }

        RequireAFiniteRow(array, (int)shape[^1], path);
        return array;
    }

    private static double[] Tiled(NpyArray array, int width, int replicas)
    {
        double[] values = array.ToDoubles();
        if (values.Length == (long)replicas * width)
        {
            return values;
        }

        double[] tiled = new double[(long)replicas * width];
        for (int r = 0; r < replicas; r++)
        {
            values.CopyTo(tiled.AsSpan(r * width));
        }

        return tiled;
    }

    /// <summary>Parameters may hold replicas that diverged, but not only such.</summary>
    private static void RequireAFiniteRow(NpyArray array, int width, string path)
    {
        double[] values = array.IsInteger ? [] : array.ToDoubles();
        for (int row = 0; row < values.Length; row += width)
        {
            if (!values.AsSpan(row, width).ContainsAnyExceptInRange(double.MinValue, double.MaxValue))
            {
                return;
            }
        }

        RequireFinite(array, width, path);
    }

    private static void RequireFinite(NpyArray array, int width, string path)
    {
        int bad = array.IsInteger ? -1 : Array.FindIndex(array.ToDoubles(), value => !double.IsFinite(value));
        if (bad >= 0)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"{path}: row {bad / width}, column {bad % width} is not a finite number"
            );
        }
    }

    private static HesseException Misfit(string path, NpyArray array, string needed) =>
        new(ExitCode.BadData, $"{path} has shape {NpyHeader.Format(array.Shape)}; needed: {needed}");

    /// <summary>The number of replicas that the arrays agree on.</summary>
    private sealed class Axes
    {
        private string? _first;

        public int Replicas { get; private set; } = 1;

        public void Require(long replicas, string path)
        {
            if (replicas < 1 || (_first is not null && replicas != Replicas))
            {
                throw new HesseException(
                    ExitCode.BadData,
                    _first is null
                        ? $"{path} holds no replicas"
                        : $"{path} holds {replicas} replicas, {_first} holds {Replicas}"
                );
            }

            _first ??= path;
            Replicas = checked((int)replicas);
        }
    }

    /// <summary>Inputs (N,d) or (R,N,d) and targets (N,C), (R,N,C) or integer classes (N), (R,N).</summary>
    private sealed class Samples
    {
        private readonly NpyArray _inputs;
        private readonly NpyArray _targets;
        private readonly int _count;
        private readonly bool _perReplica;

        private Samples(NpyArray inputs, NpyArray targets, int count, bool perReplica)
        {
            _inputs = inputs;
            _targets = targets;
            _count = count;
            _perReplica = perReplica;
        }

        public static Samples Read(string inputsPath, string targetsPath, Network network, Axes axes)
        {
            NpyArray inputs = ParameterFile.ReadArray(inputsPath);
            if (inputs.Shape.Count is not (2 or 3) || inputs.Shape[^1] != network.InputWidth || inputs.Shape[^2] < 1)
            {
                throw Misfit(inputsPath, inputs, $"inputs (N,d) or (R,N,d) with d = {network.InputWidth}");
            }

            long n = inputs.Shape[^2];
            NpyArray targets = ParameterFile.ReadArray(targetsPath);
            long[] row = targets.IsInteger ? [n] : [n, network.OutputWidth];
            bool whole = targets.Shape.SequenceEqual(row);
            if (!whole && !(targets.Shape.Count == row.Length + 1 && targets.Shape.Skip(1).SequenceEqual(row)))
            {
                throw Misfit(
                    targetsPath,
                    targets,
                    targets.IsInteger
                        ? $"classes (N) or (R,N) with N = {n}"
                        : $"targets (N,C) or (R,N,C) with N = {n}, C = {network.OutputWidth}, or integer classes (N)"
                );
            }

            if (inputs.Shape.Count == 3)
            {
                axes.Require(inputs.Shape[0], inputsPath);
            }

            if (!whole)
            {
                axes.Require(targets.Shape[0], targetsPath);
            }

            RequireFinite(inputs, network.InputWidth, inputsPath);
            RequireFinite(targets, network.OutputWidth, targetsPath);
            RequireLabels(targets, network, targetsPath);
            return new Samples(inputs, targets, checked((int)n), inputs.Shape.Count == 3 || !whole);
        }

        public DataSet ToDataSet(Network network, int replicas)
        {
            int sets = _perReplica ? replicas : 1;
            double[] inputs = Tiled(_inputs, _count * network.InputWidth, sets);
            return _targets.IsInteger
                ? new DataSet(
                    _count,
                    network.InputWidth,
                    network.OutputWidth,
                    sets,
                    inputs,
                    Array.ConvertAll(Tiled(_targets, _count, sets), label => (int)label),
                    null
                ).ForNetwork(network)
                : new DataSet(
                    _count,
                    network.InputWidth,
                    network.OutputWidth,
                    sets,
                    inputs,
                    null,
                    Tiled(_targets, _count * network.OutputWidth, sets)
                ).ForNetwork(network);
        }

        private static void RequireLabels(NpyArray targets, Network network, string path)
        {
            if (!targets.IsInteger)
            {
                try
                {
                    _ =
                        network.Loss == Loss.CrossEntropy
                            ? DataSet.ClassesOf(targets.ToDoubles(), network.OutputWidth)
                            : null;
                }
                catch (HesseException failure)
                {
                    throw new HesseException(failure.Code, $"{path}: {failure.Message}", failure);
                }

                return;
            }

            int classes = network.Loss == Loss.Logistic ? 2 : network.OutputWidth;
            long[] labels = targets.ToInt64s();
            int bad = Array.FindIndex(labels, label => label < 0 || label >= classes);
            if (bad >= 0)
            {
                throw new HesseException(
                    ExitCode.BadData,
                    $"{path}: label {labels[bad]} at index {bad} is out of range: the classes are 0 .. {classes - 1}"
                );
            }
        }
    }
}

/// <summary>The files of a probe: .npy, or .safetensors.</summary>
public sealed record ProbeFiles
{
    /// <summary>(P) or (R,P)</summary>
    public required string Parameters { get; init; }

    /// <summary>(N,d) or (R,N,d)</summary>
    public required string Inputs { get; init; }

    /// <summary>(N,C) or (R,N,C) floating, or integer classes (N) or (R,N)</summary>
    public required string Targets { get; init; }

    /// <summary>Like the inputs, or null.</summary>
    public string? TestInputs { get; init; }

    /// <summary>Like the targets, or null.</summary>
    public string? TestTargets { get; init; }

    /// <summary>(V,P) or (R,V,P), or null.</summary>
    public string? Vectors { get; init; }

    /// <summary>(P) or (R,P), or null.</summary>
    public string? InitialParameters { get; init; }
}
