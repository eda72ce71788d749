namespace Hesse.Specs;

/// <summary>The kinds of data and their keys: one entry a kind.</summary>
internal static class DataKinds
{
    private static readonly IntegerKind<int> Positive = new(1, int.MaxValue);

    private static readonly NumberKind NotNegative = new(0);

    private static readonly PathKind File = new();

    private static readonly OptionalKind<int> Count = new(Positive);

    private static readonly OptionalListKind<int> Classes = new(new ListKind<int>(new IntegerKind<int>(0, 255), 1));

    private static readonly ChoiceKind<Standardize> Scaling = new();

    private const string CountText =
        "First N samples, after the choice of classes and the statistics of standardize; all when absent.";

    private const string ClassesText = "Classes to keep, renumbered 0, 1, ... in this order; all when absent.";

    private const string StandardizeText =
        "none: bytes divided by 255; channel, pixel: mean 0 and variance 1 per channel or pixel over all training samples of the chosen classes, whatever count is.";

    public static Union<DataSpec> All { get; } =
        new(
            new Variant<DataSpec, GaussDataSpec>(
                "gauss",
                "Gauss-k: a sample is the mean of its class plus noise; sample n has class n mod classes.",
                new GaussDataSpec(),
                new SpecKey<GaussDataSpec, int>(
                    "classes",
                    Positive,
                    s => s.Classes,
                    (s, v) => s with { Classes = v },
                    "Number of classes."
                ),
                new SpecKey<GaussDataSpec, int>(
                    "dimension",
                    Positive,
                    s => s.Dimension,
                    (s, v) => s with { Dimension = v },
                    "Input dimension."
                ),
                new SpecKey<GaussDataSpec, int>(
                    "samples",
                    Positive,
                    s => s.Samples,
                    (s, v) => s with { Samples = v },
                    "Number of training samples."
                ),
                new SpecKey<GaussDataSpec, int>(
                    "test-samples",
                    new IntegerKind<int>(0, int.MaxValue),
                    s => s.TestSamples,
                    (s, v) => s with { TestSamples = v },
                    "Number of test samples."
                ),
                new SpecKey<GaussDataSpec, double>(
                    "mean-scale",
                    NotNegative,
                    s => s.MeanScale,
                    (s, v) => s with { MeanScale = v },
                    "Standard deviation of a coordinate of a class mean."
                ),
                new SpecKey<GaussDataSpec, double>(
                    "noise-scale",
                    NotNegative,
                    s => s.NoiseScale,
                    (s, v) => s with { NoiseScale = v },
                    "Standard deviation of a coordinate of the noise."
                ),
                new SpecKey<GaussDataSpec, double>(
                    "random-labels",
                    new NumberKind(0, 1),
                    s => s.RandomLabels,
                    (s, v) => s with { RandomLabels = v },
                    "Share of training labels replaced by uniform draws over the classes."
                ),
                new SpecKey<GaussDataSpec, bool>(
                    "per-replica",
                    new BooleanKind(),
                    s => s.PerReplica,
                    (s, v) => s with { PerReplica = v },
                    "Whether every replica draws its own data set."
                )
            ),
            new Variant<DataSpec, IdxDataSpec>(
                "idx",
                "MNIST's file format, plain or .gz.",
                new IdxDataSpec { Images = "", Labels = "" },
                new SpecKey<IdxDataSpec, string?>(
                    "images",
                    File,
                    s => s.Images,
                    (s, v) => s with { Images = v! },
                    "Training images."
                )
                {
                    Required = true,
                },
                new SpecKey<IdxDataSpec, string?>(
                    "labels",
                    File,
                    s => s.Labels,
                    (s, v) => s with { Labels = v! },
                    "Training labels."
                )
                {
                    Required = true,
                },
                new SpecKey<IdxDataSpec, string?>(
                    "test-images",
                    File,
                    s => s.TestImages,
                    (s, v) => s with { TestImages = v },
                    "Test images."
                ),
                new SpecKey<IdxDataSpec, string?>(
                    "test-labels",
                    File,
                    s => s.TestLabels,
                    (s, v) => s with { TestLabels = v },
                    "Test labels."
                ),
                new SpecKey<IdxDataSpec, int?>("count", Count, s => s.Count, (s, v) => s with { Count = v }, CountText),
                new SpecKey<IdxDataSpec, IReadOnlyList<int>?>(
                    "classes",
                    Classes,
                    s => s.Classes,
                    (s, v) => s with { Classes = v },
                    ClassesText
                ),
                new SpecKey<IdxDataSpec, Standardize>(
                    "standardize",
                    Scaling,
                    s => s.Standardize,
                    (s, v) => s with { Standardize = v },
                    StandardizeText
                )
            ),
            new Variant<DataSpec, Cifar10DataSpec>(
                "cifar10",
                "CIFAR-10's binary version: data_batch_1.bin .. data_batch_5.bin and test_batch.bin.",
                new Cifar10DataSpec { Folder = "" },
                new SpecKey<Cifar10DataSpec, string?>(
                    "folder",
                    File,
                    s => s.Folder,
                    (s, v) => s with { Folder = v! },
                    "Folder of the six files."
                )
                {
                    Required = true,
                },
                new SpecKey<Cifar10DataSpec, int?>(
                    "count",
                    Count,
                    s => s.Count,
                    (s, v) => s with { Count = v },
                    CountText
                ),
                new SpecKey<Cifar10DataSpec, IReadOnlyList<int>?>(
                    "classes",
                    Classes,
                    s => s.Classes,
                    (s, v) => s with { Classes = v },
                    ClassesText
                ),
                new SpecKey<Cifar10DataSpec, Standardize>(
                    "standardize",
                    Scaling,
                    s => s.Standardize,
                    (s, v) => s with { Standardize = v },
                    StandardizeText
                )
            ),
            new Variant<DataSpec, NpyDataSpec>(
                "npy",
                "NumPy arrays: inputs (N,d), targets (N) of integer classes or (N,C) of numbers, which cross-entropy takes where every row is exactly one-hot.",
                new NpyDataSpec { Inputs = "", Targets = "" },
                new SpecKey<NpyDataSpec, string?>(
                    "inputs",
                    File,
                    s => s.Inputs,
                    (s, v) => s with { Inputs = v! },
                    "Training inputs."
                )
                {
                    Required = true,
                },
                new SpecKey<NpyDataSpec, string?>(
                    "targets",
                    File,
                    s => s.Targets,
                    (s, v) => s with { Targets = v! },
                    "Training targets."
                )
                {
                    Required = true,
                },
                new SpecKey<NpyDataSpec, string?>(
                    "test-inputs",
                    File,
                    s => s.TestInputs,
                    (s, v) => s with { TestInputs = v },
                    "Test inputs."
                ),
                new SpecKey<NpyDataSpec, string?>(
                    "test-targets",
                    File,
                    s => s.TestTargets,
                    (s, v) => s with { TestTargets = v },
                    "Test targets."
                )
            ),
            ChebyshevDataSpec.Keys(),
            LinearDataSpec.Keys(),
            DecoupledDataSpec.Keys(),
            TeacherDataSpec.Keys(),
            ImageDataSpec.Keys()
        );
}
