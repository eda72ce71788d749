using Hesse.Networks;
using Hesse.Observables;

namespace Hesse.Specs;

/// <summary>
/// Every key of a spec, once: reading, checking, suggestions, the JSON Schema, the resolved spec and the keys of a sweep all
/// come from this table and those it names: SpecSections, DataKinds, OptimizerKinds.
/// </summary>
internal static class SpecTable
{
    /// <summary>The whole spec.</summary>
    public static Section<Spec> Root { get; } =
        new(
            new Spec
            {
                Version = 1,
                Name = "",
                Data = new GaussDataSpec(),
                Network = SpecSections.DefaultNetwork,
                Loss = Loss.CrossEntropy,
                Training = SpecSections.DefaultTraining,
            },
            new SpecKey<Spec, int>(
                "version",
                new IntegerKind<int>(1, 1),
                s => s.Version,
                (s, v) => s with { Version = v },
                "Version of this format."
            )
            {
                Required = true,
            },
            new SpecKey<Spec, string>(
                "name",
                new NameKind(),
                s => s.Name,
                (s, v) => s with { Name = v },
                "Name of the experiment and of its result folder."
            )
            {
                Required = true,
            },
            new SpecKey<Spec, ulong>(
                "seed",
                new IntegerKind<ulong>(0, ulong.MaxValue),
                s => s.Seed,
                (s, v) => s with { Seed = v },
                "Key of every random number."
            ),
            new SpecKey<Spec, int>(
                "replicas",
                new IntegerKind<int>(1, int.MaxValue),
                s => s.Replicas,
                (s, v) => s with { Replicas = v },
                "How many nets are trained, each with its own random numbers."
            ),
            new SpecKey<Spec, Precision>(
                "precision",
                new ChoiceKind<Precision>(),
                s => s.Precision,
                (s, v) => s with { Precision = v },
                "Arithmetic of the training."
            ),
            new SpecKey<Spec, Precision>(
                "observation-precision",
                new ChoiceKind<Precision>(),
                s => s.ObservationPrecision,
                (s, v) => s with { ObservationPrecision = v },
                "Arithmetic of curvature and spectra."
            ),
            new SpecKey<Spec, DataSpec>(
                "data",
                DataKinds.All,
                s => s.Data,
                (s, v) => s with { Data = v },
                "Where the samples come from."
            )
            {
                Required = true,
            },
            new SpecKey<Spec, NetworkSpec>(
                "network",
                SpecSections.Network,
                s => s.Network,
                (s, v) => s with { Network = v },
                "The fully connected net; input and output widths are those of the data."
            )
            {
                Required = true,
            },
            new SpecKey<Spec, Loss>(
                "loss",
                new ChoiceKind<Loss>(),
                s => s.Loss,
                (s, v) => s with { Loss = v },
                "Loss of one sample; the training loss is its mean. mse divides by the number of outputs, half-squared-error by 2."
            )
            {
                Required = true,
            },
            new SpecKey<Spec, TrainingSpec>(
                "training",
                SpecSections.Training,
                s => s.Training,
                (s, v) => s with { Training = v },
                "How the net is trained."
            )
            {
                Required = true,
            },
            new SpecKey<Spec, IReadOnlyList<ObservationSpec>>(
                "observe",
                new ListKind<ObservationSpec>(new ObservationKind(QuantityCatalogue.All)),
                s => s.Observe,
                (s, v) => s with { Observe = v },
                "What is measured, and when; a quantity stands once."
            ),
            new SpecKey<Spec, StatisticsSpec>(
                "statistics",
                SpecSections.Statistics,
                s => s.Statistics,
                (s, v) => s with { Statistics = v },
                "How replicas are summarised."
            ),
            new SpecKey<Spec, IReadOnlyList<SweepAxis>>(
                "sweep",
                new SweepKind(),
                s => s.Sweep,
                (s, v) => s with { Sweep = v },
                "A grid of settings: dotted paths of keys, each with a list of values; the first varies slowest."
            ),
            new SpecKey<Spec, string?>(
                "cite",
                new TextKind(),
                s => s.Cite,
                (s, v) => s with { Cite = v },
                "BibTeX of what the experiment reproduces; reports show it, and no number depends on it."
            )
            {
                OmitDefault = true,
            }
        );

    /// <summary>The kind of a dotted key in this tree, or null.</summary>
    public static SpecKind? Find(string path, SpecNode root)
    {
        SpecKind? kind = Root;
        SpecNode? node = root;
        foreach (string segment in path.Split('.'))
        {
            kind = kind.Find(segment, node);
            if (kind is null)
            {
                return null;
            }

            node = node?.Find(segment)?.Value;
        }

        return kind;
    }

    /// <summary>Dotted paths of all keys that hold a value, in the order of the table.</summary>
    public static IReadOnlyList<string> LeafPaths()
    {
        List<string> paths = [];
        Collect(Root, "", paths, kind => !kind.IsSection);
        return paths;
    }

    /// <summary>The same and the sections that are swept as a whole.</summary>
    public static IReadOnlyList<string> SweepPaths()
    {
        List<string> paths = [];
        Collect(Root, "", paths, kind => !kind.IsSection || kind.IsSweptWhole);
        return paths;
    }

    /// <summary>Where a key of this name belongs outside the section in which it was found, or null.</summary>
    public static string? HomeOf(string name, string section)
    {
        List<string> paths = [];
        Collect(Root, "", paths, _ => true);
        return Likeliest(
            paths.Where(path => path.EndsWith($".{name}", StringComparison.Ordinal) && path != $"{section}.{name}")
        );
    }

    /// <summary>Which of these keys is meant: the first, but one of data only where no other section has it, because few kinds of data do.</summary>
    public static string? Likeliest(IEnumerable<string> paths) =>
        paths.OrderBy(path => path.StartsWith("data.", StringComparison.Ordinal)).FirstOrDefault();

    private static void Collect(SpecKind kind, string prefix, List<string> paths, Predicate<SpecKind> taken)
    {
        foreach (SpecKeyName key in kind.Keys)
        {
            string path = prefix.Length == 0 ? key.Name : $"{prefix}.{key.Name}";
            if (taken(key.Kind))
            {
                paths.Add(path);
            }

            Collect(key.Kind, path, paths, taken);
        }
    }
}
