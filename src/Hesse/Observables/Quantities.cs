using Hesse.Backends.Cpu;
using Hesse.Networks;
using Hesse.Specs;

namespace Hesse.Observables;

/// <summary>How every quantity of <see cref="QuantityCatalogue"/> is measured.</summary>
internal static class Quantities
{
    /// <summary>All quantities.</summary>
    public static IReadOnlyList<IQuantity> All { get; } =
    [
        new LossQuantity("loss", test: false),
        new LossQuantity("test-loss", test: true),
        new AccuracyQuantity("accuracy", test: false),
        new AccuracyQuantity("test-accuracy", test: true),
        new GradientNorm(),
        new DistanceFromInitialization(),
        new ParametersQuantity(),
        new BackendQuantity("gradient", Parameters, (backend, points, values) => backend.Gradient(points, values)),
        new BackendQuantity(
            "logits",
            (net, samples) => [samples, net.OutputWidth],
            (backend, points, values) => backend.Logits(points, values)
        ),
        new BackendQuantity(
            "per-sample-gradients",
            (net, samples) => [samples, net.ParameterCount],
            (backend, points, values) => backend.PerSampleGradients(points, values)
        ),
        new BackendQuantity(
            "per-sample-gradient-norms",
            (_, samples) => [samples],
            (backend, points, values) => backend.PerSampleGradientNorms(points, values)
        ),
        new BackendQuantity(
            "gram",
            (_, samples) => [samples, samples],
            (backend, points, values) => backend.Gram(points, values),
            ThreadSpace.OfGram
        ),
        new BackendQuantity(
            "hessian",
            Matrix,
            (backend, points, values) => backend.Hessian(points, values),
            ThreadSpace.OfAssembly
        ),
        new BackendQuantity(
            "ggn",
            Matrix,
            (backend, points, values) => backend.Ggn(points, values),
            ThreadSpace.OfAssembly
        ),
        new HessianDiagonal(),
        new BackendQuantity(
            "hessian-spectrum",
            Parameters,
            (backend, points, values) => backend.HessianSpectrum(points, values),
            Whole
        ),
        new BackendQuantity(
            "ggn-spectrum",
            Parameters,
            (backend, points, values) => backend.GgnSpectrum(points, values),
            Whole
        ),
        new BackendQuantity(
            "second-moment-spectrum",
            Rank,
            (backend, points, values) => backend.SecondMomentSpectrum(points, values),
            Moments
        ),
        new BackendQuantity(
            "gradient-covariance-spectrum",
            Rank,
            (backend, points, values) => backend.GradientCovarianceSpectrum(points, values),
            Moments
        ),
        new Trace(),
        new FrobeniusNorm(),
        new BackendQuantity(
            "second-moment-diagonal",
            Parameters,
            (backend, points, values) => backend.SecondMomentDiagonal(points, values)
        ),
        new ResidualSpectrum(),
        new LayerSpectra(),
        new BatchGradientNorm(),
        new GradientTests(),
        new NoiseScale(),
        new NoiseGaussianity(),
        new TailIndex(),
        new TopEigenvalues("top-eigenvalues", single: false),
        new TopEigenvalues("sharpness", single: true),
        new PrincipalAngles(),
        new GradientAlignment(),
        new SpectralDensity(),
        new BackendQuantity(
            "covariance-curvature-trace",
            Number,
            (backend, points, values) => backend.CovarianceCurvatureTrace(points, values)
        ),
        new ConsecutiveGradientCosine(),
        new IterateProjection(),
        new OscillationVariance(),
        new LossIncrement(),
        new PreconditionedSharpness(),
        new PacBayesBound(),
        new EarlyStopping(),
        new StabilityTwins(),
        new InformationBound(),
    ];

    /// <summary>The quantity of an observation, with its options.</summary>
    public static IQuantity Get(ObservationSpec observation) => Get(observation.Quantity).With(observation.Options);

    /// <summary>The options that a quantity has when none is given, canonical JSON by name.</summary>
    public static Dictionary<string, string> DefaultOptions(QuantityDescription quantity) =>
        quantity.Options.ToDictionary(option => option.Name, option => option.Default, StringComparer.Ordinal);

    /// <summary>The quantity of this name.</summary>
    /// <exception cref="HesseException">64: there is none; the message names the nearest.</exception>
    public static IQuantity Get(string name) =>
        All.FirstOrDefault(quantity => string.Equals(quantity.Name, name, StringComparison.Ordinal))
        ?? throw new HesseException(
            ExitCode.Usage,
            NearestName.Unknown("quantity", name, [.. All.Select(quantity => quantity.Name)])
        );

    private static long[] Number(Network network, int samples) => [];

    private static long[] Parameters(Network network, int samples) => [network.ParameterCount];

    private static long[] Matrix(Network network, int samples) => [network.ParameterCount, network.ParameterCount];

    private static long[] Rank(Network network, int samples) => [Math.Min(samples, network.ParameterCount)];

    // The matrix with the work space of its eigenvalues.
    private static IEnumerable<ThreadSpace> Whole(Network network, int samples, Precision precision) =>
        [
            .. ThreadSpace.OfAssembly(network, samples, precision),
            .. ThreadSpace.OfSpectrum(network.ParameterCount, precision),
        ];

    private static IEnumerable<ThreadSpace> Moments(Network network, int samples, Precision precision) =>
        [
            .. ThreadSpace.OfGram(network, samples, precision),
            .. ThreadSpace.OfSpectrum(Math.Min(samples, network.ParameterCount), precision),
        ];
}
