using System.Text.RegularExpressions;
using Hesse.Specs;

namespace Hesse.Observables;

/// <summary>Measures one replica at one step.</summary>
/// <param name="replica">Index of the replica in the experiment.</param>
/// <param name="step">Updates made so far.</param>
/// <param name="parameters">theta_t in the network's flat order, widened to double. (P)</param>
/// <param name="values">What was measured, row-major; holds zeros when called.</param>
public delegate void ObserverMeasure(int replica, int step, ReadOnlySpan<double> parameters, Span<double> values);

/// <summary>
/// A quantity of the caller's own, measured by <see cref="Experiment.Run"/> beside those of the spec and stored like them: NAME.npy
/// of shape (R,T,shape), statistics included. It may be called from one thread at a time, in any order of replicas and steps, and
/// again for the same ones after an interruption: what it writes has to be a function of its arguments alone. A result folder knows
/// an observer by its name; give another name to another measurement.
/// </summary>
public sealed partial class Observer
{
    /// <summary>Describes a quantity.</summary>
    /// <param name="name">Its name in files and tables: lower-case words with hyphens, none of the engine's own names.</param>
    /// <param name="steps">When it is measured, each in 0 .. steps of the training.</param>
    /// <param name="shape">Shape of one value; empty for a number.</param>
    /// <param name="measure">Measures.</param>
    /// <exception cref="HesseException">64: the name, a step or the shape cannot be.</exception>
    public Observer(string name, IEnumerable<int> steps, IReadOnlyList<long> shape, ObserverMeasure measure)
    {
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(measure);
        if (name is null || !Names().IsMatch(name))
        {
            throw new HesseException(
                ExitCode.Usage,
                $"'{name}' is no name of an observer: write words like my-quantity"
            );
        }

        if (QuantityCatalogue.Find(name) is not null)
        {
            throw new HesseException(ExitCode.Usage, $"observer {name}: the engine has a quantity of that name");
        }

        if (shape.Any(length => length < 1))
        {
            throw new HesseException(ExitCode.Usage, $"observer {name}: an axis of its shape is shorter than 1");
        }

        Name = name;
        Steps = [.. new SortedSet<int>(steps)];
        Shape = [.. shape];
        Measure = measure;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>When it is measured, ascending.</summary>
    public IReadOnlyList<int> Steps { get; }

    /// <summary>Shape of one value; empty for a number.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Measures.</summary>
    public ObserverMeasure Measure { get; }

    /// <summary>The observation that this is in a training of so many steps.</summary>
    /// <exception cref="HesseException">64: it is never measured, or at a step that the training does not reach.</exception>
    internal ObservationSpec In(int steps) =>
        Steps.Count > 0 && Steps[0] >= 0 && Steps[^1] <= steps
            ? new ObservationSpec { Quantity = Name, Times = Steps }
            : throw new HesseException(ExitCode.Usage, $"observer {Name}: its steps are not all in 0 .. {steps}");

    [GeneratedRegex(@"^[a-z][a-z0-9]*(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Names();
}
