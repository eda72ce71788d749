namespace Hesse.Specs;

/// <summary>A value from the command line that takes the place of one in the spec.</summary>
/// <param name="Option">The option as typed, for messages: --set training.steps=10.</param>
/// <param name="Key">Dotted path of a key.</param>
/// <param name="Value">A YAML value, as 5, [5, 50] or {kind: sgd, step-size: 0.1}.</param>
public sealed record SpecOverride(string Option, string Key, string Value)
{
    /// <summary>--set key=value</summary>
    /// <exception cref="HesseException">Exit code 64: there is no key before an equals sign.</exception>
    public static SpecOverride Set(string assignment)
    {
        int equals = assignment.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            throw new HesseException(
                ExitCode.Usage,
                $"--set {SpecFaults.Shorten(assignment)}: write --set key=value, as --set training.batch.size=50"
            );
        }

        return new SpecOverride($"--set {assignment}", assignment[..equals].Trim(), assignment[(equals + 1)..]);
    }

    /// <summary>--replicas N</summary>
    public static SpecOverride Replicas(string value) => new($"--replicas {value}", "replicas", value);

    /// <summary>--seed S</summary>
    public static SpecOverride Seed(string value) => new($"--seed {value}", "seed", value);
}
