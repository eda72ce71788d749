using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics;
using System.Text.RegularExpressions;
using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Cpu.Dense;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Eigen;
using Hesse.Networks;

namespace Hesse.Benchmarks;

/// <summary>
/// Where the time of a work goes: Linux' perf samples a process of its own that does nothing else, after a warm-up, on one thread. Shares
/// are of all samples; methods that the compiler inlined count for their caller, instances of a generic method count together.
/// </summary>
internal static partial class ProfileShort
{
    /// <summary>The word in front of a work's name that makes this program do it for a while.</summary>
    public const string Child = "profile-of";

    private const int WarmUpSeconds = 4;
    private const int Seconds = 12;
    private const double LeastPercent = 1.5;

    private static readonly (string Name, Func<Action> Create)[] s_works =
    [
        ("training-50", () => Training(batch: 50, [50, 30, 30, 10])),
        ("training-5", () => Training(batch: 5, [50, 10, 30, 10])),
        ("training-784", () => Training(batch: 64, [784, 128, 10])),
        ("hessian", Hessian),
        ("products", Products),
        ("lanczos", Lanczos),
        ("gram", Gram),
        ("spectra-1150", Spectra),
        ("lanes-96", SmallSpectra),
        ("stages-float", () => TwoStages<Register256<float>, Register512<float>, float>(2770)),
        ("stages-double", () => TwoStages<Register256<double>, Register512<double>, double>(2048)),
    ];

    /// <summary>Profiles every work, or those that are named.</summary>
    public static void Run(IReadOnlyList<string> names)
    {
        ShortWords.Require(names, s_works.Select(work => work.Name));
        Console.WriteLine("| work | ms a call | methods, % of the time |");
        Console.WriteLine("| --- | --- | --- |");
        foreach ((string name, _) in s_works.Where(work => names.Count == 0 || names.Contains(work.Name)))
        {
            (string ms, IEnumerable<(string Method, double Percent)> methods) = Profile(name);
            Console.WriteLine(
                $"| {name} | {ms} | {string.Join(", ", methods.Select(pair => $"{pair.Method} {pair.Percent:F0}"))} |"
            );
        }
    }

    /// <summary>Does a work until warm-up and measurement are over.</summary>
    public static void Loop(string name)
    {
        Action work = s_works.Single(work => string.Equals(work.Name, name, StringComparison.Ordinal)).Create();
        for (Stopwatch clock = Stopwatch.StartNew(); clock.Elapsed.TotalSeconds < WarmUpSeconds; )
        {
            work();
        }

        int calls = 0;
        Stopwatch measured = Stopwatch.StartNew();
        for (; measured.Elapsed.TotalSeconds < Seconds; calls++)
        {
            work();
        }

        Console.WriteLine(Format(measured.Elapsed.TotalMilliseconds / calls));
    }

    private static string Format(double ms) => ms.ToString("G4", CultureInfo.InvariantCulture);

    private static (string Ms, IEnumerable<(string Method, double Percent)> Methods) Profile(string name)
    {
        string data = Path.GetTempFileName();
        try
        {
            string delay = (1000 * WarmUpSeconds).ToString(CultureInfo.InvariantCulture);
            string[] program = ["dotnet", typeof(ProfileShort).Assembly.Location, Child, name];
            string ms = Execute(["perf", "record", "-q", "-F", "2000", "-D", delay, "-o", data, .. program]);
            string report = Execute([
                "perf",
                "report",
                "-q",
                "-i",
                data,
                "--stdio",
                "-F",
                "overhead,dso,sym",
                "-t",
                "|",
            ]);
            return (
                ms.Trim(),
                [
                    .. report
                        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                        .Select(line => line.Split('|', 3))
                        .Where(parts => parts.Length == 3)
                        .GroupBy(parts => MethodOf(parts[1].Trim(), parts[2].Trim()), StringComparer.Ordinal)
                        .Select(group => (group.Key, group.Sum(parts => Percent(parts[0]))))
                        .Where(pair => pair.Item2 >= LeastPercent)
                        .OrderByDescending(pair => pair.Item2),
                ]
            );
        }
        finally
        {
            File.Delete(data);
        }
    }

    private static double Percent(string text) =>
        double.Parse(text.Trim().TrimEnd('%'), NumberStyles.Float, CultureInfo.InvariantCulture);

    // "void [Hesse.Engine] Hesse.Eigen.LaneSweep`2[...]::Two(...)[Optimized]" is LaneSweep.Two; what is not ours keeps its library's name.
    private static string MethodOf(string library, string symbol)
    {
        Match match = Managed().Match(symbol);
        return match.Success ? $"{match.Groups["type"]}.{match.Groups["method"]}" : $"({library.Split('.')[0]})";
    }

    [GeneratedRegex(@"(?<type>\w+)(`\d+)?(\[.*\])?::(?<method>[\w<>|]+?)(\[.*\])?\(", RegexOptions.ExplicitCapture)]
    private static partial Regex Managed();

    private static string Execute(string[] command)
    {
        ProcessStartInfo start = new(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment["DOTNET_PerfMapEnabled"] = "1";
        // Otherwise compiled code is mapped twice, and perf finds no name for the second place.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        using Process process =
            Process.Start(start) ?? throw new InvalidOperationException($"{command[0]} did not start");
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}");
    }

    private static Action Training(int batch, int[] widths)
    {
        TrainingWork work = TrainingStepBenchmarks.Works.First(one =>
            one.Batch == batch && one.Widths.AsSpan().SequenceEqual(widths)
        );
        IReplicas replicas = new CpuBackend(1).CreateReplicas(work.Problem(), 0, work.Replicas);
        return () => replicas.Advance(work.Steps);
    }

    private static Action Hessian()
    {
        Points points = DensePoints.Random([50, 30, 30, 10], 1000, Precision.Float32);
        double[] matrix = new double[points.Network.ParameterCount * points.Network.ParameterCount];
        IDenseOperations dense = DenseOperations.Create(points.Precision);
        return () => dense.Hessian(points, 0, matrix);
    }

    private static Action Gram()
    {
        Points points = DensePoints.Random([50, 30, 30, 10], 1000, Precision.Float32);
        double[] gram = new double[points.Samples * points.Samples];
        IDenseOperations dense = DenseOperations.Create(points.Precision);
        return () => dense.Gram(points, 0, gram);
    }

    private static Action Products()
    {
        const int Vectors = 16;
        IDenseOperations dense = DenseOperations.Create(Precision.Float32);
        Points points = Replicas([50, 30, 30, 10], 100, Precision.Float32, dense.Lanes);
        int p = points.Network.ParameterCount;
        Random random = new(2);
        double[] vectors = [.. Enumerable.Range(0, Vectors * p).Select(_ => random.NextDouble() - 0.5)];
        double[] products = new double[Vectors * p * dense.Lanes];
        return () => dense.VectorProductsOfBlock(points, 0, gaussNewton: false, vectors, products);
    }

    private static Action Lanczos()
    {
        const int Count = 32;
        EigenpairRequest request = new()
        {
            Largest = 5,
            Tolerance = 1e-3,
            Method = EigenpairMethod.Lanczos,
            Seed = 1,
            Step = 0,
            ReplicaNumbers = [.. Enumerable.Range(0, Count)],
        };
        CpuBackend backend = new(1);
        Points points = Replicas([50, 30, 30, 10], 100, Precision.Float32, Count);
        double[] pairs = new double[
            Count * request.Largest * (EigenpairRequest.Heading + points.Network.ParameterCount)
        ];
        return () => backend.HessianEigenpairs(points, request, pairs);
    }

    // The main job: Hessians of gauss-10 and their eigenvalues.
    private static Action Spectra()
    {
        const int Count = 16;
        CpuBackend backend = new(1);
        Points points = Replicas([50, 10, 30, 10], 100, Precision.Float64, Count);
        double[] eigenvalues = new double[Count * points.Network.ParameterCount];
        return () => backend.HessianSpectrum(points, eigenvalues);
    }

    // Second moments of 96 samples, without their differentiation.
    private static Action SmallSpectra() =>
        Vector512.IsHardwareAccelerated
            ? SymmetricEigenComparison.SmallInLanes<Register512<double>, double>(96)
            : SymmetricEigenComparison.SmallInLanes<Register256<double>, double>(96);

    private static Action TwoStages<V, W, T>(int n)
        where V : unmanaged, IVector<V, T>
        where W : unmanaged, IVector<W, T>
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        T[] matrix = SymmetricEigenComparison.RandomMatrix<T>(n);
        T[] values = new T[n];
        EigenWorkspace<T> workspace = new(n, vectors: false, twoStageOrder: 0);
        return Vector512.IsHardwareAccelerated
            ? () => SymmetricEigen.Values<T, W>(matrix, n, values, workspace)
            : () => SymmetricEigen.Values<T, V>(matrix, n, values, workspace);
    }

    private static Points Replicas(int[] widths, int samples, Precision precision, int replicas)
    {
        Points one = DensePoints.Random(widths, samples, precision);
        Random random = new(2);
        double[] parameters =
        [
            .. Enumerable.Range(0, replicas * one.Network.ParameterCount).Select(_ => random.NextDouble() - 0.5),
        ];
        return new(one.Network, parameters, one.Data, precision);
    }
}
