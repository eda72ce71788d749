using System.Diagnostics;
using Hesse.Backends.SelfTests;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Specs;

namespace Hesse.Backends.Timings;

/// <summary>Times a backend's training and spectra on nets of the published experiments, after a warm-up, with the device's own clock where it has one.</summary>
internal static class BackendTimings
{
    /// <summary>Times everything, each when it is asked for. Peaks, where they can be measured, come first.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="sizes">How much work.</param>
    public static IEnumerable<Timing> Measure(IBackend backend, TimingSizes sizes)
    {
        Func<Action, double> clock = Seconds;
        IDisposable? owner = null;
        if (backend is ITimedBackend timed)
        {
            foreach (Timing peak in timed.Peaks(sizes))
            {
                yield return peak;
            }

            clock = timed.Clock(out owner);
        }

        using (owner)
        {
            foreach (Precision precision in new[] { Precision.Float32, Precision.Float64 })
            {
                yield return Training(backend, clock, sizes, precision, [50, 30, 30, 10], batch: 50, sizes.Replicas);
                yield return Training(backend, clock, sizes, precision, [50, 10, 30, 10], batch: 5, sizes.Replicas);
            }

            // So few that launches, not arithmetic, could set the pace.
            int few = Math.Max(1, sizes.Replicas / 100);
            yield return Training(backend, clock, sizes, Precision.Float32, [50, 30, 30, 10], batch: 50, few);
            yield return Large(backend, clock, sizes, string.Empty);
            foreach (Timing spectra in AllSpectra(backend, clock, sizes, string.Empty))
            {
                yield return spectra;
            }

            if (backend is ITimedBackend device)
            {
                foreach ((string name, IBackend other) in device.Alternatives())
                {
                    using (other)
                    {
                        string by = $" by {name}";
                        IEnumerable<Timing> timings =
                            name == "cublas" ? [Large(other, clock, sizes, by)] : AllSpectra(other, clock, sizes, by);
                        foreach (Timing timing in timings)
                        {
                            yield return timing;
                        }
                    }
                }
            }
        }
    }

    // Weights that fit in no multiprocessor's shared memory.
    private static Timing Large(IBackend backend, Func<Action, double> clock, TimingSizes sizes, string by) =>
        Training(
            backend,
            clock,
            sizes with
            {
                Steps = Math.Max(1, sizes.Steps / 50),
            },
            Precision.Float32,
            sizes.Matrices == 1 ? [600, 96, 10] : [784, 512, 512, 10],
            batch: sizes.Matrices == 1 ? 8 : 64,
            Math.Max(1, sizes.Replicas / 100),
            by
        );

    private static IEnumerable<Timing> AllSpectra(
        IBackend backend,
        Func<Action, double> clock,
        TimingSizes sizes,
        string by
    )
    {
        bool quick = sizes.Matrices == 1;
        foreach (Precision precision in new[] { Precision.Float32, Precision.Float64 })
        {
            yield return Spectra(
                backend,
                clock,
                sizes,
                precision,
                quick ? [5, 4, 3] : [50, 10, 30, 10],
                quick ? 8 : 100,
                by
            );
            yield return Spectra(
                backend,
                clock,
                sizes,
                precision,
                quick ? [5, 4, 4, 3] : [50, 30, 30, 10],
                quick ? 8 : 1000,
                by
            );
        }
    }

    private static Timing Training(
        IBackend backend,
        Func<Action, double> clock,
        TimingSizes sizes,
        Precision precision,
        int[] widths,
        int batch,
        int replicas,
        string by = ""
    )
    {
        Network network = new(widths, [true], Activation.Relu, Loss.CrossEntropy);
        TrainingProblem problem = new()
        {
            Network = network,
            Precision = precision,
            Seed = 1907,
            Data = new MemoryData(Rounded(ReferenceCases.DataFor(network, samples: 1000))),
            Optimizer = new SgdSpec { StepSize = new Schedule(0.01) },
            Batch = new BatchSpec { Order = BatchOrder.WithReplacement, Size = batch },
            InitialPoint = (replica, parameters) => Start(network, replica).CopyTo(parameters),
        };
        using IReplicas wave = backend.CreateReplicas(problem, first: 0, replicas);
        return Timing.Measure(
            $"{replicas} nets {string.Join('-', widths)}, batch {batch}, {sizes.Steps} updates{by}",
            precision,
            sizes.Repeats,
            () => clock(() => wave.Advance(sizes.Steps)),
            flops: TrainingFlops(widths) * batch * replicas * sizes.Steps,
            items: (double)replicas * sizes.Steps
        );
    }

    // Forward and weight gradients of every layer, deltas of all but the first: 4 W + 2 Q a sample.
    private static double TrainingFlops(int[] widths)
    {
        double flops = 0;
        for (int l = 1; l < widths.Length; l++)
        {
            flops += (l == 1 ? 4.0 : 6.0) * widths[l - 1] * widths[l];
        }

        return flops;
    }

    private static Timing Spectra(
        IBackend backend,
        Func<Action, double> clock,
        TimingSizes sizes,
        Precision precision,
        int[] widths,
        int samples,
        string by
    )
    {
        Network network = new(widths, [true], Activation.Relu, Loss.CrossEntropy);
        int p = network.ParameterCount;
        double[] parameters = [.. Enumerable.Range(0, sizes.Matrices).SelectMany(replica => Start(network, replica))];
        Points points = new(network, parameters, Rounded(ReferenceCases.DataFor(network, samples)), precision);
        double[] eigenvalues = new double[(long)sizes.Matrices * p];
        return Timing.Measure(
            $"{sizes.Matrices} Hessians with all eigenvalues, p = {p}, {samples} samples{by}",
            precision,
            sizes.Repeats,
            () => clock(() => backend.HessianSpectrum(points, eigenvalues)),
            flops: sizes.Matrices * ReductionFlops(p),
            bytes: backend is ITimedBackend && by.Length == 0
                ? sizes.Matrices * ReductionNumbers(p) * NumberBytes(precision)
                : 0,
            items: sizes.Matrices
        );
    }

    // Of the reduction to tridiagonal form, beside which assembly and the eigenvalues of that form are little.
    private static double ReductionFlops(double p) => 4.0 / 3 * p * p * p;

    // A reduction in one stage reads half of the trailing matrix for each reflection, which of a wave is more than a device's caches hold.
    private static double ReductionNumbers(double p) => p * p * p / 6;

    private static int NumberBytes(Precision precision) =>
        precision == Precision.Float32 ? sizeof(float) : sizeof(double);

    private static double[] Start(Network network, int replica) =>
        Rounded(ReferenceCases.S(network.ParameterCount, 1 + (1000 * replica), 0.2));

    private static DataSet Rounded(DataSet data) =>
        new(data.Samples, data.Dimension, data.Outputs, data.Sets, Rounded(data.Inputs), data.Labels, data.Targets);

    private static double[] Rounded(double[] values) => Array.ConvertAll(values, value => (double)(float)value);

    private static double Seconds(Action work)
    {
        long begin = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }
}
