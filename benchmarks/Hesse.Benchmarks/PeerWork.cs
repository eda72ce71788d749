using System.Diagnostics;
using System.Text.Json;
using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;
using Hesse.Stores;

namespace Hesse.Benchmarks;

/// <summary>
/// Our side of benchmarks/peers: reads the arrays that the other side reads as well, does the work once to warm up and then
/// some times more, writes its result for the comparison of both sides, and prints one line of JSON with the seconds and the
/// multiply-add peak measured in between.
/// </summary>
internal static class PeerWork
{
    private const double WarmUpSeconds = 2;

    /// <summary>peer training|hessian|products|eigenpairs FOLDER</summary>
    public static void Run(string work, string folder)
    {
        PeerJob job = PeerJob.Read(folder);
        using CpuBackend backend = new(job.Threads);
        double[] result = [];
        Action once = work switch
        {
            "training" => Training(backend, job, out result),
            "hessian" => Each(
                job,
                out result,
                job.Parameters * job.Parameters,
                (points, values) => backend.Hessian(points, values)
            ),
            "products" => Each(
                job,
                out result,
                job.Vectors.Length,
                (points, values) => backend.HessianVectorProducts(points, job.Vectors, values)
            ),
            "eigenpairs" => Each(
                job,
                out result,
                job.Pairs * (EigenpairRequest.Heading + job.Parameters),
                (points, values) => backend.HessianEigenpairs(points, job.Request, values)
            ),
            _ => throw new UnknownWordException($"no peer work is called {work}"),
        };
        once();
        NpyFile.Write(Path.Combine(folder, "hesse.npy"), NpyType.Float64, [result.Length], result.AsSpan());
        // The just-in-time compiler replaces hot methods by better ones while they run; a peer's code is compiled beforehand.
        for (long begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin).TotalSeconds < WarmUpSeconds; )
        {
            once();
        }

        double[] seconds = new double[job.Repeats];
        double[] peaks = new double[job.Repeats];
        for (int repeat = 0; repeat < job.Repeats; repeat++)
        {
            peaks[repeat] =
                job.Threads
                * (job.Precision == Precision.Float32 ? PeakFma.Measure<float>() : PeakFma.Measure<double>());
            long start = Stopwatch.GetTimestamp();
            once();
            seconds[repeat] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Console.WriteLine(JsonSerializer.Serialize(new { seconds, peaks }));
    }

    /// <summary>The first call makes the equal-work steps with sequential batches; the timed ones go on with a batch order per replica.</summary>
    private static Action Training(CpuBackend backend, PeerJob job, out double[] result)
    {
        double[] parameters = new double[job.Points.Length];
        result = parameters;
        using (IReplicas same = backend.CreateReplicas(job.Problem(BatchOrder.Sequential), 0, job.Replicas))
        {
            same.Advance(job.EqualSteps);
            same.CopyParameters(parameters);
        }

        IReplicas replicas = backend.CreateReplicas(job.Problem(BatchOrder.Epochs), 0, job.Replicas);
        return () => replicas.Advance(job.Steps);
    }

    private static Action Each(PeerJob job, out double[] result, int width, Action<Points, double[]> operation)
    {
        double[] values = new double[job.Replicas * width];
        result = values;
        Points points = new(job.Network, job.Points, job.Data, job.Precision);
        return () => operation(points, values);
    }
}

/// <summary>What both sides read: FOLDER/work.json, points.npy (R,P), inputs.npy (N,d), labels.npy (N), vectors.npy (V,P).</summary>
internal sealed record PeerJob
{
    public required Network Network { get; init; }

    public required Precision Precision { get; init; }

    public required DataSet Data { get; init; }

    public required double[] Points { get; init; } // (R,P)

    public required double[] Vectors { get; init; } // (V,P)

    public required int Batch { get; init; }

    public required int Steps { get; init; }

    public required int EqualSteps { get; init; }

    public required double StepSize { get; init; }

    public required int Pairs { get; init; }

    public required double Tolerance { get; init; }

    public required int Threads { get; init; }

    public required int Repeats { get; init; }

    public int Parameters => Network.ParameterCount;

    public int Replicas => Points.Length / Parameters;

    public EigenpairRequest Request =>
        new()
        {
            Largest = Pairs,
            Tolerance = Tolerance,
            Method = EigenpairMethod.Lanczos, // as the peer
            Seed = 1,
            Step = 0,
            ReplicaNumbers = [.. Enumerable.Range(0, Replicas)],
        };

    public static PeerJob Read(string folder)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "work.json")));
        JsonElement work = document.RootElement;
        int[] widths = [.. work.GetProperty("widths").EnumerateArray().Select(width => width.GetInt32())];
        double[] inputs = NpyFile.Read(Path.Combine(folder, "inputs.npy")).ToDoubles();
        int[] labels =
        [
            .. NpyFile.Read(Path.Combine(folder, "labels.npy")).ToInt64s().Select(label => checked((int)label)),
        ];
        return new PeerJob
        {
            Network = new Network(widths, [true], Activation.Relu, Loss.CrossEntropy),
            Precision = work.GetProperty("precision").GetString() == "float32" ? Precision.Float32 : Precision.Float64,
            Data = new DataSet(labels.Length, widths[0], widths[^1], 1, inputs, labels, null),
            Points = NpyFile.Read(Path.Combine(folder, "points.npy")).ToDoubles(),
            Vectors = NpyFile.Read(Path.Combine(folder, "vectors.npy")).ToDoubles(),
            Batch = work.GetProperty("batch").GetInt32(),
            Steps = work.GetProperty("steps").GetInt32(),
            EqualSteps = work.GetProperty("equal-steps").GetInt32(),
            StepSize = work.GetProperty("step-size").GetDouble(),
            Pairs = work.GetProperty("pairs").GetInt32(),
            Tolerance = work.GetProperty("tolerance").GetDouble(),
            Threads = work.GetProperty("threads").GetInt32(),
            Repeats = work.GetProperty("repeats").GetInt32(),
        };
    }

    public TrainingProblem Problem(BatchOrder order) =>
        new()
        {
            Network = Network,
            Precision = Precision,
            Seed = 1,
            Data = new MemoryData(Data),
            Optimizer = new SgdSpec { StepSize = new Schedule(StepSize) },
            Batch = new BatchSpec { Size = Batch, Order = order },
            InitialPoint = (replica, point) => Points.AsSpan(replica * Parameters, Parameters).CopyTo(point),
        };
}
