using Hesse.Data;
using Hesse.Specs;

namespace Hesse.Backends;

/// <summary>Replicas First .. First + Count - 1 of one problem.</summary>
/// <param name="Problem">What determines their numbers.</param>
/// <param name="First">Index of the first replica.</param>
/// <param name="Count">Number of replicas, at least 1.</param>
public sealed record ReplicaGroup(TrainingProblem Problem, int First, int Count);

/// <summary>
/// Replicas that are trained together, place by place: groups whose problems differ in nothing but the numbers of their update rule
/// (step size, momentum, ...), so that every replica makes the same operations, each with numbers of its own.
/// </summary>
public sealed class Wave
{
    private readonly int[] _groups; // of each place
    private readonly int[] _numbers; // of each place
    private readonly Lazy<DataSet> _training;
    private readonly Lazy<DataSet?> _test;

    /// <summary>A wave of these groups, in this order; groups that continue each other become one.</summary>
    /// <exception cref="ArgumentException">The problems differ in more than the numbers of the update rule.</exception>
    public Wave(params IReadOnlyList<ReplicaGroup> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        List<ReplicaGroup> joined = [];
        foreach (ReplicaGroup group in groups)
        {
            if (joined.Count > 0 && !CanJoin(joined[0].Problem, group.Problem))
            {
                throw new ArgumentException(
                    "the problems of a wave differ in more than the numbers of the update rule"
                );
            }

            if (
                joined.LastOrDefault() is { } last
                && ReferenceEquals(last.Problem, group.Problem)
                && last.First + last.Count == group.First
            )
            {
                joined[^1] = last with { Count = last.Count + group.Count };
            }
            else
            {
                joined.Add(group);
            }
        }

        Groups = joined;
        _groups = [.. joined.SelectMany((group, i) => Enumerable.Repeat(i, group.Count))];
        _numbers = [.. joined.SelectMany(group => Enumerable.Range(group.First, group.Count))];
        _training = new(() =>
            Sets(group => group.Problem.Data.Training(group.First, group.Count)).ForNetwork(Problem.Network)
        );
        _test = new(() =>
            Problem.Data.TestSamples == 0
                ? null
                : Sets(group => group.Problem.Data.Test(group.First, group.Count)!).ForNetwork(Problem.Network)
        );
    }

    /// <summary>Replicas first .. first + count - 1 of one problem.</summary>
    public Wave(TrainingProblem problem, int first, int count)
        : this(new ReplicaGroup(problem, first, count)) { }

    /// <summary>The groups.</summary>
    public IReadOnlyList<ReplicaGroup> Groups { get; }

    /// <summary>R</summary>
    public int Count => _numbers.Length;

    /// <summary>What all replicas share: the problem of the first, whose optimizer is right but for its numbers.</summary>
    public TrainingProblem Problem => Groups[0].Problem;

    /// <summary>Index of each replica in its experiment: the key of its random numbers. (R)</summary>
    public ReadOnlySpan<int> Numbers => _numbers;

    /// <summary>Which of <see cref="Groups"/> the replica at a place belongs to.</summary>
    public int GroupOf(int place) => _groups[place];

    /// <summary>The problem of the replica at a place.</summary>
    public TrainingProblem ProblemOf(int place) => Groups[_groups[place]].Problem;

    /// <summary>
    /// Training samples in the form that the loss reads, <see cref="DataSet.ForNetwork"/>: one set for all, or one a place. The same object
    /// whenever it is asked for: who trains the wave and who measures it share it.
    /// </summary>
    public DataSet Training() => _training.Value;

    /// <summary>Test samples, likewise; null when there are none.</summary>
    public DataSet? Test() => _test.Value;

    /// <summary>Writes theta_0 of the replica at a place. (P)</summary>
    public void InitialPoint(int place, Span<double> parameters) =>
        ProblemOf(place).InitialPoint(_numbers[place], parameters);

    /// <summary>The same replicas of other problems.</summary>
    /// <param name="change">Makes the problem of a group.</param>
    public Wave With(Func<TrainingProblem, TrainingProblem> change) =>
        new([.. Groups.Select(group => group with { Problem = change(group.Problem) })]);

    // The caller answers for nets and initial points, whose objects cannot be compared.
    private static bool CanJoin(TrainingProblem one, TrainingProblem other) =>
        ReferenceEquals(one, other)
        || (
            one.Network.ParameterCount == other.Network.ParameterCount
            && one.Precision == other.Precision
            && one.Seed == other.Seed
            && one.Data.Samples == other.Data.Samples
            && one.Batch == other.Batch
            && one.Workers == other.Workers
            && OptimizerKinds.WithoutNumbers(one.Optimizer) == OptimizerKinds.WithoutNumbers(other.Optimizer)
        );

    private DataSet Sets(Func<ReplicaGroup, DataSet> take)
    {
        if (!Problem.Data.PerReplica || Groups.Count == 1)
        {
            return take(Groups[0]);
        }

        DataSet[] sets = [.. Groups.Select(take)];
        return DataSet.Joined(sets);
    }
}

/// <summary>Short forms.</summary>
public static class BackendExtensions
{
    /// <summary>Replicas first .. first+count-1 of one problem at step 0.</summary>
    public static IReplicas CreateReplicas(this IBackend backend, TrainingProblem problem, int first, int count)
    {
        ArgumentNullException.ThrowIfNull(backend);
        return backend.CreateReplicas(new Wave(problem, first, count));
    }
}
