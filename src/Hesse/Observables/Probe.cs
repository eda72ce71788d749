using Hesse.Backends;
using Hesse.Data;
using Hesse.Networks;
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
    [.. Quantities.All.Select(quantity => quantity.Name), HessianVectorProducts, GgnVectorProducts];

    /// <summary>Checks that these inputs determine these quantities.</summary>
    /// <exception cref="HesseException">64: an unknown name, or a file that is needed is not given.</exception>
    public static void Check(IReadOnlyList<string> what, ProbeFiles files)
    {
        foreach (string name in what)
        {
            if (!Names.Contains(name, StringComparer.Ordinal))
            {
                throw new HesseException(ExitCode.Usage, NearestName.Unknown("quantity", name, [.. Names]));
            }

            string? missing = name switch
            {
                HessianVectorProducts or GgnVectorProducts when files.Vectors is null => "--vectors",
                "distance-from-initialization" when files.InitialParameters is null => "--initial-params",
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
    /// <param name="folder">Where the arrays go; created when absent.</param>
    /// <param name="stop">Stops between slices of replicas; finished files stay.</param>
    /// <returns>The files with their shapes.</returns>
    public static IReadOnlyList<KeyValuePair<string, IReadOnlyList<long>>> Run(
        IBackend backend,
        ProbeInputs inputs,
        IReadOnlyList<string> what,
        Precision precision,
        string folder,
        CancellationToken stop = default
    )
    {
        DiskFiles files = DiskFiles.Instance;
        List<KeyValuePair<string, IReadOnlyList<long>>> written = [];
        try
        {
            foreach (string name in what)
            {
                RequireMemory(name, Layout(name, inputs, precision), inputs.Network);
            }

            files.CreateFolder(folder);
            foreach (string name in what.Distinct(StringComparer.Ordinal))
            {
                ArrayLayout layout = Layout(name, inputs, precision);
                string path = Path.Combine(folder, layout.FileName);
                WriteFile(files, path, layout, inputs, backend, precision, stop);
                written.Add(KeyValuePair.Create(path, layout.Shape(inputs.Replicas)));
            }

            files.SyncFolder(folder);
        }
        catch (Exception failure) when (StoreFailure.Is(failure))
        {
            throw StoreFailure.Translate(failure, folder);
        }

        return written;
    }

    // One replica's values are held at once, and for a spectrum the matrix that it is of.
    private static void RequireMemory(string name, ArrayLayout layout, Network network)
    {
        double p = network.ParameterCount;
        bool spectrum = name is "hessian-spectrum" or "ggn-spectrum";
        double needed = sizeof(double) * ((double)layout.ElementCount + (spectrum ? p * p : 0));
        double free = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (needed > free || layout.ElementCount > Array.MaxLength || (spectrum && p * p > int.MaxValue))
        {
            throw new HesseException(
                ExitCode.DoesNotFit,
                $"{name} of a net with {p} parameters needs {needed:F0} bytes of memory a replica; {free:F0} are there"
            );
        }
    }

    private static void WriteFile(
        DiskFiles files,
        string path,
        ArrayLayout layout,
        ProbeInputs inputs,
        IBackend backend,
        Precision precision,
        CancellationToken stop
    )
    {
        string temporary = path + ".part";
        try
        {
            using (ArrayWriter writer = new(files, temporary, layout, inputs.Replicas))
            {
                Write(backend, inputs, layout, precision, writer, stop);
                writer.Finish();
            }

            files.MoveFile(temporary, path);
        }
        catch
        {
            // Nothing half-written stays, whatever went wrong.
            if (files.FileExists(temporary))
            {
                files.DeleteFile(temporary);
            }

            throw;
        }
    }

    private static ArrayLayout Layout(string name, ProbeInputs inputs, Precision precision)
    {
        bool products = name is HessianVectorProducts or GgnVectorProducts;
        IQuantity? quantity = products ? null : Quantities.Get(name);
        return new ArrayLayout
        {
            Quantity = name,
            Type = quantity?.TypeFor(precision) ?? NpyType.Float64,
            ElementShape =
                quantity?.ElementShape(inputs.Network, inputs.Training.Samples)
                ?? [inputs.VectorCount, inputs.Network.ParameterCount],
            Options = string.Empty,
        };
    }

    private static void Write(
        IBackend backend,
        ProbeInputs inputs,
        ArrayLayout layout,
        Precision precision,
        ArrayWriter writer,
        CancellationToken stop
    )
    {
        int size = Slices.Size(layout.ElementCount, Environment.ProcessorCount);
        for (int first = 0; first < inputs.Replicas; first += size)
        {
            stop.ThrowIfCancellationRequested();
            int[] chosen = [.. Enumerable.Range(first, Math.Min(size, inputs.Replicas - first))];
            double[] values = new double[chosen.Length * layout.ElementCount];
            Snapshot snapshot = Snapshot(backend, inputs, chosen, precision);
            switch (layout.Quantity)
            {
                case HessianVectorProducts:
                    backend.HessianVectorProducts(snapshot.Points, Vectors(inputs, chosen), values);
                    break;
                case GgnVectorProducts:
                    backend.GgnVectorProducts(snapshot.Points, Vectors(inputs, chosen), values);
                    break;
                default:
                    Quantities.Get(layout.Quantity).Evaluate(snapshot, values);
                    break;
            }

            writer.Append<double>(values);
        }
    }

    private static Snapshot Snapshot(IBackend backend, ProbeInputs inputs, int[] chosen, Precision precision)
    {
        int p = inputs.Network.ParameterCount;
        DataSet? test = inputs.Test;
        return new Snapshot
        {
            Backend = backend,
            Network = inputs.Network,
            Replicas = chosen.Length,
            Parameters = inputs.Parameters.AsMemory(chosen[0] * p, chosen.Length * p),
            InitialParameters =
                inputs.InitialParameters.Length == 0
                    ? default
                    : inputs.InitialParameters.AsMemory(chosen[0] * p, chosen.Length * p),
            Training = Slices.Choose(inputs.Training, chosen),
            Test = test is null ? null : Slices.Choose(test, chosen),
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
