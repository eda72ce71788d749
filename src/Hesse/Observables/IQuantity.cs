using Hesse.Networks;
using Hesse.Stores;

namespace Hesse.Observables;

/// <summary>Something that is measured of a replica at a step. Its name and description stand in <see cref="QuantityCatalogue"/>.</summary>
internal interface IQuantity
{
    /// <summary>Name in specs, array files and figures.</summary>
    string Name { get; }

    /// <summary>Whether the parameters are read; loss and accuracy come from the replicas in training.</summary>
    bool NeedsParameters { get; }

    /// <summary>Whether theta_0 is read.</summary>
    bool NeedsInitialParameters => false;

    /// <summary>Element type of its array.</summary>
    NpyType TypeFor(Precision training) => NpyType.Float64;

    /// <summary>Shape of one replica's value; empty for a number.</summary>
    /// <param name="network">The net.</param>
    /// <param name="samples">N</param>
    IReadOnlyList<long> ElementShape(Network network, int samples);

    /// <summary>Measures the replicas of a snapshot. (R, element shape)</summary>
    void Evaluate(Snapshot snapshot, Span<double> values);
}
