using Hesse.Planning;

namespace Hesse.Specs;

/// <summary>Tree to <see cref="Spec"/>: keys by the table, then what keys say together, then every setting of a sweep.</summary>
internal static class SpecBinder
{
    /// <summary>Binds a tree with its sweep.</summary>
    /// <exception cref="HesseException">Exit code 65, one line a fault, those of the text among them.</exception>
    public static Spec Bind(SpecNode root, string folder, SpecFaults faults)
    {
        Spec spec = BindOne(root, folder, faults);
        faults.ThrowIfAny();
        if (spec.Sweep.Count > 0)
        {
            // Bound and thrown away: a fault in the last setting must show before the first one runs.
            foreach (Spec _ in SweepExpansion.BindAll(root, folder, faults))
            {
                if (faults.Any)
                {
                    break;
                }
            }

            faults.ThrowIfAny();
        }

        return spec;
    }

    /// <summary>Binds a tree, leaving the settings of a sweep aside; every fault is noted.</summary>
    public static Spec BindOne(SpecNode root, string folder, SpecFaults faults)
    {
        SpecBinding binding = new(root, folder, faults);
        if (!SpecTable.Root.TryRead(root, "", binding, out Spec spec))
        {
            return spec;
        }

        if (faults.Sound("training.steps"))
        {
            int steps = spec.Training.Steps;
            spec = spec with { Observe = [.. spec.Observe.Select(one => ObservationTimes.Resolve(one, steps))] };
        }

        SpecChecks.Check(spec, faults, path => Locate(root, path));
        return spec with { Places = new SpecPlaces(path => Locate(root, path)) };
    }

    /// <summary>Where the value of a key stands; when it is absent, where the innermost section around it stands.</summary>
    private static SpecOrigin Locate(SpecNode root, string path)
    {
        SpecNode node = root;
        foreach (string segment in path.Replace("[", ".[").Split('.'))
        {
            SpecNode? next = segment.StartsWith('[')
                ? node.Items.ElementAtOrDefault(int.Parse(segment[1..^1]))
                : node.Find(segment)?.Value;
            if (next is null)
            {
                break;
            }

            node = next;
        }

        return node.Origin;
    }
}
