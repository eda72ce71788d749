using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Replicas;
using Hesse.Specs;
using Hesse.Stores;

namespace Hesse.Observables;

/// <summary>Curvature and noise of given weights on given samples, written as DIR/&lt;quantity&gt;.npy with the replica axis first.</summary>
public static class Probe
{
    private const string HessianVectorProducts = "hessian-vector-products";
    private const string GgnVectorProducts = "ggn-vector-products";

    /// <summary>Names that can be probed.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. Quantities.All.Where(quantity => quantity.NeedsTraining is null).Select(quantity => quantity.Name),
        HessianVectorProducts,
        GgnVectorProducts,
    ];

    /// <summary>Checks that these inputs determine these quantities.</summary>
    /// <exception cref="HesseException">64: an unknown name, or a file that is needed is not given.</exception>
    public static void Check(IReadOnlyList<string> what, ProbeFiles files)
    {
        foreach (string name in what)
        {
            if (Quantities.All.FirstOrDefault(quantity => quantity.Name == name)?.NeedsTraining is { } training)
            {
                throw new HesseException(
                    ExitCode.Usage,
                    $"{name} needs {training}, which weights and samples do not tell; observe it in a run"
                );
            }

            if (!Names.Contains(name, StringComparer.Ordinal))
            {
                throw new HesseException(ExitCode.Usage, NearestName.Unknown("quantity", name, [.. Names]));
            }

            string? missing = name switch
            {
                HessianVectorProducts or GgnVectorProducts when files.Vectors is null => "--vectors",
                "distance-from-initialization" or "pac-bayes-bound" when files.InitialParameters is null =>
                    "--initial-params",
                "test-loss" or "test-accuracy" when files.TestInputs is null || files.TestTargets is null =>
                    "--test-inputs and --test-targets",
                _ => null,
            };
            if (missing is not null)
            {
                throw new HesseException(ExitCode.Usage, $"{name} needs {missing}");
            }
        }
    }

    /// <summary>Measures and writes.</summary>
    /// <param name="backend">Computes.</param>
    /// <param name="inputs">Weights and samples.</param>
    /// <param name="what">Names, each checked by <see cref="Check"/>.</param>
    /// <param name="precision">Arithmetic.</param>
    /// <param name="options">Options of quantities, canonical JSON by quantity and name; <see cref="ProbeOptions"/> reads them.</param>
    /// <param name="batch">Rows of a mini-batch, null for none: the first ones of every replica's samples.</param>
    /// <param name="folder">Where the arrays go; created when absent.</param>
    /// <param name="stop">Stops between slices of replicas; finished files stay.</param>
    /// <returns>The files with their shapes.</returns>
    public static IReadOnlyList<KeyValuePair<string, IReadOnlyList<long>>> Run(
        IBackend backend,
        ProbeInputs inputs,
        IReadOnlyList<string> what,
        Precision precision,
        IReadOnlyDictionary<string, Dictionary<string, string>> options,
        int? batch,
        string folder,
        CancellationToken stop = default
    )
    {
        RequireBatch(batch, inputs);
        DiskFiles files = DiskFiles.Instance;
        List<KeyValuePair<string, IReadOnlyList<long>>> written = [];
        try
        {
            // All layouts first: options that do not fit the net are refused before anything is written.
            (string Name, IQuantity? Quantity, List<ArrayLayout> Layouts)[] asked =
            [
                .. what.Distinct(StringComparer.Ordinal)
                    .Select(name =>
                    {
                        IQuantity? quantity = name is HessianVectorProducts or GgnVectorProducts
                            ? null
                            : Quantities.Get(name).With(options[name]).ForSamples(inputs.Training.Samples, batch);
                        return (name, quantity, Layouts(name, quantity, inputs, precision));
                    }),
            ];
            foreach ((string name, IQuantity? quantity, List<ArrayLayout> layouts) in asked)
            {
                RequireMemory(name, quantity, layouts, inputs, precision);
            }

            files.CreateFolder(folder);
            foreach ((string name, IQuantity? quantity, List<ArrayLayout> layouts) in asked)
            {
                written.AddRange(
                    Write(files, folder, layouts, quantity?.WorkSpace(inputs.Network) ?? 0, inputs, Measure)
                );

                void Measure(int[] chosen, double[] values)
                {
                    stop.ThrowIfCancellationRequested();
                    Snapshot snapshot = Snapshot(backend, inputs, chosen, precision, batch);
                    switch (name)
                    {
                        case HessianVectorProducts:
                            backend.HessianVectorProducts(snapshot.Points, Vectors(inputs, chosen), values);
                            break;
                        case GgnVectorProducts:
                            backend.GgnVectorProducts(snapshot.Points, Vectors(inputs, chosen), values);
                            break;
                        default:
                            quantity!.Evaluate(snapshot, values);
                            break;
                    }
                }
            }

            files.SyncFolder(folder);
        }
        catch (Exception failure) when (StoreFailure.Is(failure))
        {
            throw StoreFailure.Translate(failure, folder);
        }

        return written;
    }

    // One replica's values and work space are held at once, and what a thread needs: the matrix that a spectrum is of.
    private static void RequireMemory(
        string name,
        IQuantity? quantity,
        List<ArrayLayout> layouts,
        ProbeInputs inputs,
        Precision precision
    )
    {
        Network network = inputs.Network;
        int samples = inputs.Training.Samples;
        double p = network.ParameterCount;
        double thread = ThreadSpace.Sum(quantity?.HeldByThread(network, samples, precision) ?? []);
        long elements = layouts.Sum(layout => layout.ElementCount) + (quantity?.WorkSpace(network) ?? 0);
        double needed = (sizeof(double) * (double)elements) + thread;
        double free = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        bool whole = thread >= p * p * sizeof(float);
        if (needed > free || elements > Array.MaxLength || (whole && p * p > int.MaxValue))
        {
            throw new HesseException(
                ExitCode.DoesNotFit,
                $"{name} of a net with {p} parameters needs {needed:F0} bytes of memory a replica; {free:F0} are there"
            );
        }
    }

    private static List<ArrayLayout> Layouts(
        string name,
        IQuantity? quantity,
        ProbeInputs inputs,
        Precision precision
    ) =>
        [
            .. (
                quantity?.Parts(inputs.Network, inputs.Training.Samples)
                ?? [new QuantityPart(null, [inputs.VectorCount, inputs.Network.ParameterCount])]
            ).Select(part => new ArrayLayout
            {
                Quantity = name,
                Part = part.Name,
                Type = quantity?.TypeFor(precision) ?? NpyType.Float64,
                ElementShape = part.ElementShape,
                Options = string.Empty,
            }),
        ];

    /// <summary>Measures slice by slice; the arrays of a quantity appear when all of them are whole.</summary>
    private static IReadOnlyList<KeyValuePair<string, IReadOnlyList<long>>> Write(
        DiskFiles files,
        string folder,
        List<ArrayLayout> layouts,
        long workSpace,
        ProbeInputs inputs,
        Action<int[], double[]> measure
    )
    {
        using ArrayGroup arrays = new(files, folder, layouts, inputs.Replicas);
        long elements = layouts.Sum(layout => layout.ElementCount);
        int size = Slices.Size(elements + workSpace, Environment.ProcessorCount);
        for (int first = 0; first < inputs.Replicas; )
        {
            // A replica whose weights are not finite has no values; it leaves the others untouched.
            bool finite = inputs.IsFinite(first);
            int[] chosen =
            [
                .. Enumerable
                    .Range(first, Math.Min(size, inputs.Replicas - first))
                    .TakeWhile(replica => inputs.IsFinite(replica) == finite),
            ];
            first += chosen.Length;
            double[] values = new double[chosen.Length * elements];
            if (finite)
            {
                measure(chosen, values);
            }
            else
            {
                Array.Fill(values, double.NaN);
            }

            int from = 0;
            for (int i = 0; i < chosen.Length; i++)
            {
                for (int part = 0; part < layouts.Count; part++)
                {
                    int length = (int)layouts[part].ElementCount;
                    arrays.Append(part, values.AsSpan(from, length));
                    from += length;
                }
            }
        }

        return arrays.Finish();
    }

    private static void RequireBatch(int? batch, ProbeInputs inputs)
    {
        if (batch is { } size && (size < 1 || size > inputs.Training.Samples))
        {
            throw new HesseException(
                ExitCode.Usage,
                $"--batch {size}: a mini-batch has 1 to N = {inputs.Training.Samples} rows"
            );
        }
    }

    private static Snapshot Snapshot(
        IBackend backend,
        ProbeInputs inputs,
        int[] chosen,
        Precision precision,
        int? batch
    )
    {
        int p = inputs.Network.ParameterCount;
        DataSet? test = inputs.Test;
        return new Snapshot
        {
            Backend = backend,
            Network = inputs.Network,
            Replicas = chosen.Length,
            ReplicaNumbers = chosen,
            Parameters = inputs.Parameters.AsMemory(chosen[0] * p, chosen.Length * p),
            InitialParameters =
                inputs.InitialParameters.Length == 0
                    ? default
                    : inputs.InitialParameters.AsMemory(chosen[0] * p, chosen.Length * p),
            Training = Slices.Choose(inputs.Training, chosen),
            Test = test is null ? null : Slices.Choose(test, chosen),
            Batches = batch is { } size
                ? new BatchIndices(0, inputs.Training.Samples, new() { Size = size, Order = BatchOrder.Sequential })
                : null,
            Precision = precision,
        };
    }

    private static ReadOnlySpan<double> Vectors(ProbeInputs inputs, int[] chosen)
    {
        int length = inputs.VectorCount * inputs.Network.ParameterCount;
        return inputs.VectorsPerReplica
            ? inputs.Vectors.AsSpan(chosen[0] * length, chosen.Length * length)
            : inputs.Vectors;
    }
}
