using Hesse.Networks;
using Hesse.Observables;
using Hesse.Specs;
using Hesse.Stores;

namespace Hesse.Planning;

/// <summary>How one observation is stored: an array, or one for each part of the quantity, all with the same times.</summary>
internal sealed class ObservationLayout
{
    /// <summary>Lays out a quantity.</summary>
    /// <exception cref="HesseException">65: its options do not fit the net.</exception>
    public ObservationLayout(
        IQuantity quantity,
        ObservationSpec observation,
        Network network,
        int samples,
        Precision training
    )
    {
        Quantity = quantity.Name;
        Times = observation.Times;
        Options = SpecWriter.HashOfOptions(observation.Options);
        Arrays =
        [
            .. quantity
                .Parts(network, samples)
                .Select(part => new ArrayLayout
                {
                    Quantity = quantity.Name,
                    Part = part.Name,
                    Type = quantity.TypeFor(training),
                    ElementShape = part.ElementShape,
                    Times = observation.Times,
                    Options = Options,
                }),
        ];
        WorkSpace = quantity.WorkSpace(network);
    }

    /// <summary>Name of the quantity.</summary>
    public string Quantity { get; }

    /// <summary>Steps, ascending.</summary>
    public IReadOnlyList<int> Times { get; }

    /// <summary>SHA-256 of the options in canonical JSON.</summary>
    public string Options { get; }

    /// <summary>The arrays, in the order of the quantity's parts.</summary>
    public IReadOnlyList<ArrayLayout> Arrays { get; }

    /// <summary>Numbers of one replica at one time, all parts.</summary>
    public long ElementCount => Arrays.Sum(array => array.ElementCount);

    /// <summary>Numbers of work space that a replica takes beside them.</summary>
    public long WorkSpace { get; }

    /// <summary>Numbers of one replica, all parts.</summary>
    public long RowLength => Arrays.Sum(array => array.RowLength);
}
