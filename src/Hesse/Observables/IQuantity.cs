using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Networks;
using Hesse.Replicas;
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

    /// <summary>Whether the vectors of the update rule are read.</summary>
    bool NeedsOptimizerState => false;

    /// <summary>Whether <see cref="Snapshot.Problem"/> is read for the numbers of the update rule: a snapshot then has replicas of one setting.</summary>
    bool ReadsRule => false;

    /// <summary>Whether test samples are read where there are any.</summary>
    bool ReadsTestSamples => false;

    /// <summary>The step beside its own that is read: -1 for t-1, 1 for t+1, 0 for none. Not given where the training has no such step.</summary>
    int Neighbour => 0;

    /// <summary>What it needs of a training beside one weight vector, as words; null where a probe can measure it.</summary>
    string? NeedsTraining => null;

    /// <summary>Element type of its array.</summary>
    NpyType TypeFor(Precision training) => NpyType.Float64;

    /// <summary>Shape of one replica's value; empty for a number.</summary>
    /// <param name="network">The net.</param>
    /// <param name="samples">N</param>
    IReadOnlyList<long> ElementShape(Network network, int samples);

    /// <summary>Its arrays; one without a name unless the quantity has parts.</summary>
    /// <param name="network">The net.</param>
    /// <param name="samples">N</param>
    /// <exception cref="HesseException">65: the options do not fit the net.</exception>
    IReadOnlyList<QuantityPart> Parts(Network network, int samples) => [new(null, ElementShape(network, samples))];

    /// <summary>What a thread of the processor takes to compute it, and keeps; see <see cref="ThreadSpace"/>.</summary>
    /// <param name="network">The net.</param>
    /// <param name="samples">N</param>
    /// <param name="precision">Observation precision.</param>
    IEnumerable<ThreadSpace> HeldByThread(Network network, int samples, Precision precision) =>
        NeedsParameters ? ThreadSpace.OfNet(network, samples, precision) : [];

    /// <summary>Numbers of a replica that the processor holds while a CUDA device works for many at once: matrices, bases of Lanczos' method.</summary>
    /// <param name="network">The net.</param>
    /// <param name="samples">N</param>
    long HostSpace(Network network, int samples) => 0;

    /// <summary>Numbers of work space that a replica takes beside its value.</summary>
    /// <param name="network">The net.</param>
    long WorkSpace(Network network) => 0;

    /// <summary>Numbers that a replica keeps from one observation to the next.</summary>
    /// <param name="network">The net.</param>
    /// <param name="samples">N</param>
    long CarriedSpace(Network network, int samples) => 0;

    /// <summary>Names what it keeps of a replica of the wave from one observation to the next.</summary>
    /// <param name="replica">Place in the wave.</param>
    /// <param name="transfer">Takes it or gives it back.</param>
    void Transfer(int replica, StateTransfer transfer) { }

    /// <summary>Replicas that are trained beside each replica.</summary>
    int Companions => 0;

    /// <summary>Trains those up to a step.</summary>
    void Advance(int step) { }

    /// <summary>Refuses a training that it cannot be measured of.</summary>
    /// <exception cref="HesseException">65: with the reason.</exception>
    void Check(TrainingProblem problem) { }

    /// <summary>Refuses times at none of which it has a value.</summary>
    /// <param name="times">The steps of its observations, ascending.</param>
    /// <exception cref="HesseException">65: with the reason.</exception>
    void CheckTimes(IReadOnlyList<int> times) { }

    /// <summary>
    /// The quantity for one wave of replicas: itself, or one that keeps numbers from one of its observations to the next, a pure
    /// function of spec, seed, replica and its own times. It is disposed of after the wave where it can be.
    /// </summary>
    IQuantity ForWave(IBackend backend, Wave wave) => this;

    /// <summary>The same quantity with these options, canonical JSON by name; a quantity without options is itself.</summary>
    IQuantity With(IReadOnlyDictionary<string, string> options) => this;

    /// <summary>The same quantity over these samples; one that does not count them is itself.</summary>
    /// <param name="samples">N</param>
    /// <param name="batch">Rows of a mini-batch of the training, null where none is given.</param>
    /// <exception cref="HesseException">64: it needs mini-batches; 65: they do not fit.</exception>
    IQuantity ForSamples(int samples, int? batch) => this;

    /// <summary>Measures the replicas of a snapshot. (R, element shape); with parts (R, all parts one after the other).</summary>
    void Evaluate(Snapshot snapshot, Span<double> values);
}

/// <summary>One array of a quantity.</summary>
/// <param name="Name">Its name in quantity.name.npy; null for quantity.npy.</param>
/// <param name="ElementShape">Shape of one replica's value at one time; empty for a number.</param>
internal sealed record QuantityPart(string? Name, IReadOnlyList<long> ElementShape);
