using System.Text;
using Hesse.Specs;

namespace Hesse.Observables;

/// <summary>Options of quantities from the command line, as --set top-eigenvalues.k=3.</summary>
public static class ProbeOptions
{
    /// <summary>Reads assignments quantity.option=value.</summary>
    /// <param name="assignments">As typed; the last one for an option holds.</param>
    /// <param name="what">The quantities that are asked for.</param>
    /// <returns>Canonical JSON by quantity and option, options that were not set with their default.</returns>
    /// <exception cref="HesseException">64: no such quantity or option; 65: a value out of range.</exception>
    public static IReadOnlyDictionary<string, Dictionary<string, string>> Read(
        IEnumerable<string> assignments,
        IReadOnlyList<string> what
    )
    {
        Dictionary<string, Dictionary<string, string>> options = QuantityCatalogue.All.ToDictionary(
            quantity => quantity.Name,
            Quantities.DefaultOptions,
            StringComparer.Ordinal
        );
        foreach (string assignment in assignments)
        {
            int equals = assignment.IndexOf('=', StringComparison.Ordinal);
            int dot = equals < 0 ? -1 : assignment.IndexOf('.', 0, equals);
            if (dot <= 0)
            {
                throw new HesseException(
                    ExitCode.Usage,
                    $"--set {assignment}: write --set quantity.option=value, as --set top-eigenvalues.k=3"
                );
            }

            string name = assignment[..dot].Trim();
            if (!what.Contains(name, StringComparer.Ordinal))
            {
                throw new HesseException(
                    ExitCode.Usage,
                    $"--set {assignment}: {NearestName.Unknown("quantity of --what", name, [.. what])}"
                );
            }

            IReadOnlyList<QuantityOption> known = QuantityCatalogue.Find(name)?.Options ?? [];
            string key = assignment[(dot + 1)..equals].Trim();
            QuantityOption option =
                known.FirstOrDefault(one => string.Equals(one.Name, key, StringComparison.Ordinal))
                ?? throw new HesseException(
                    ExitCode.Usage,
                    known.Count == 0
                        ? $"--set {assignment}: {name} has no options"
                        : $"--set {assignment}: {NearestName.Unknown("option", key, [.. known.Select(one => one.Name)])}"
                );
            options[name][key] = Value(option, assignment, assignment[(equals + 1)..]);
        }

        return options;
    }

    private static string Value(QuantityOption option, string assignment, string text)
    {
        SpecFaults faults = new();
        SpecOrigin origin = new($"--set {assignment}", 0, 0);
        SpecNode node = SpecReader.Tree(Encoding.UTF8.GetBytes(text), SpecFormat.Yaml, (_, _) => origin, faults);
        System.Text.Json.Nodes.JsonNode? value = option.Kind.Resolve(
            node,
            option.Name,
            new SpecBinding(node, Path.GetFullPath("."), faults)
        );
        faults.ThrowIfAny();
        return SpecWriter.Canonical(value!);
    }
}
