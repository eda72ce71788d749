using Hesse.Backends;
using Hesse.Data;
using Hesse.Networks;
using Hesse.Replicas;

namespace Hesse.Observables;

/// <summary>
/// Some replicas at one step: what a quantity is evaluated on. Loss and accuracy come in training precision from replicas in
/// training, and from the points otherwise; everything else is computed from the points in observation precision.
/// </summary>
internal sealed class Snapshot
{
    private Points? _points;
    private Points? _testPoints;

    /// <summary>Computes with this backend.</summary>
    public required IBackend Backend { get; init; }

    /// <summary>The net.</summary>
    public required Network Network { get; init; }

    /// <summary>R, the replicas of this snapshot.</summary>
    public required int Replicas { get; init; }

    /// <summary>Seed of the experiment; 0 in a probe.</summary>
    public ulong Seed { get; init; }

    /// <summary>The step; 0 in a probe.</summary>
    public int Step { get; init; }

    /// <summary>Numbers of the replicas in the experiment: with seed and step the key of random vectors. (R)</summary>
    public required IReadOnlyList<int> ReplicaNumbers { get; init; }

    /// <summary>Places of the replicas in their wave, for what a quantity keeps of each; empty in a probe. (R)</summary>
    public IReadOnlyList<int> Places { get; init; } = [];

    /// <summary>(R,P); empty when no quantity of this step needs them.</summary>
    public ReadOnlyMemory<double> Parameters { get; init; }

    /// <summary>theta_0, (R,P); empty when unknown.</summary>
    public ReadOnlyMemory<double> InitialParameters { get; init; }

    /// <summary>The parameters at the neighbouring step that the quantity asks for, (R,P); empty where the training has no such step.</summary>
    public ReadOnlyMemory<double> NeighbourParameters { get; init; }

    /// <summary>The vectors of the update rule in the order of its file in Optimizers/, (R,S,P); empty when not asked for.</summary>
    public ReadOnlyMemory<double> OptimizerState { get; init; }

    /// <summary>What is trained; null in a probe. Right but for the numbers of the update rule unless the quantity asked for them.</summary>
    public TrainingProblem? Problem { get; init; }

    /// <summary>Training samples, one set or one a replica.</summary>
    public required DataSet Training { get; init; }

    /// <summary>Test samples, or null where there are none or the quantity does not read them.</summary>
    public DataSet? Test { get; init; }

    /// <summary>The rows of the mini-batches; null where there are none.</summary>
    public BatchIndices? Batches { get; init; }

    /// <summary>Observation precision.</summary>
    public Precision Precision { get; init; } = Precision.Float64;

    /// <summary>Threads that a quantity may use; no number depends on it.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Loss and accuracy of replicas in training on test or training samples; null to compute them from the points.</summary>
    public LossAndAccuracy? InTraining { get; init; }

    /// <summary>Parameters and training samples.</summary>
    public Points Points => _points ??= new Points(Network, Parameters, Training, Precision);

    /// <summary>Parameters and training samples, in double whatever the observation precision is.</summary>
    public Points DoublePoints =>
        Precision == Precision.Float64 ? Points : new Points(Network, Parameters, Training, Precision.Float64);

    /// <summary>Parameters and test samples.</summary>
    /// <exception cref="HesseException">There are no test samples.</exception>
    public Points TestPoints =>
        _testPoints ??= new Points(
            Network,
            Parameters,
            Test ?? throw new HesseException(ExitCode.Usage, "test quantities need test samples"),
            Precision
        );

    /// <summary>Parameters and the rows of each replica's mini-batch of a step, in the order of the batch.</summary>
    /// <param name="step">Updates made before the one that takes this mini-batch.</param>
    /// <param name="parameters">(R,P)</param>
    public Points BatchPoints(int step, ReadOnlyMemory<double> parameters)
    {
        int[][] rows = new int[Replicas][];
        for (int r = 0; r < Replicas; r++)
        {
            rows[r] = new int[Batches!.BatchSize(step)];
            Batches.CopyRows(ReplicaNumbers[r], step, rows[r]);
        }

        return new Points(Network, parameters, Slices.ChooseRows(Points.Data, rows), Precision);
    }
}

/// <summary>Writes mean loss and accuracy of the snapshot's replicas; a span is empty when it is not wanted.</summary>
internal delegate void LossAndAccuracy(bool test, Span<double> loss, Span<double> accuracy);
