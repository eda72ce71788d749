using Hesse.Backends;
using Hesse.Observables;
using Hesse.Stores;

namespace Hesse.Planning;

/// <summary>
/// Computes a random share of the stored replicas again, in other waves than before, and holds every number against the stored
/// ones: the same bits are promised, so any difference is a fault of the machine (or of ours).
/// </summary>
internal sealed class Audit(SettingPlan plan, ResultFolder folder, RunState state)
{
    // Replicas of one wave of an audit: a register of lanes, at another place of the register than in the run.
    private const int Group = 16;

    // Differences that are told of one group.
    private const int MostFindings = 3;

    private readonly int[] _observed = [.. Enumerable.Range(0, plan.Layouts.Count)];

    /// <summary>Audits this process's share of the chunks.</summary>
    /// <param name="percent">Replicas to compute again, of a hundred; at least one group.</param>
    public void Run(double percent)
    {
        folder.Look();
        ReplicaRange[] groups = [.. folder.Chunks.Where(chunk => state.Owns(plan, chunk.Range)).SelectMany(Groups)];
        Random.Shared.Shuffle(groups);
        double left = groups.Sum(group => group.Count) * percent / 100;
        foreach (ReplicaRange group in groups.TakeWhile(_ => left > 0))
        {
            if (state.Stopped)
            {
                return;
            }

            left -= group.Count;
            Check(
                folder.Chunks.First(chunk => chunk.Range.First <= group.First && group.End <= chunk.Range.End),
                group
            );
            state.Audited += group.Count;
        }
    }

    private static IEnumerable<ReplicaRange> Groups(ChunkFolder chunk)
    {
        int shift = Math.Min(chunk.Range.Count, 1 + Random.Shared.Next(Group));
        yield return new ReplicaRange(chunk.Range.First, shift);
        foreach (
            ReplicaRange group in new ReplicaRange(chunk.Range.First + shift, chunk.Range.Count - shift).Split(Group)
        )
        {
            yield return group;
        }
    }

    private void Check(ChunkFolder chunk, ReplicaRange group)
    {
        long[] unknown = new long[group.Count];
        Array.Fill(unknown, -1);
        using IReplicas replicas = state.Backend.CreateReplicas(plan.Problem, group.First, group.Count);
        using WaveObservation again = new(
            plan,
            _observed,
            state.Backend,
            replicas,
            unknown,
            state.Times,
            state.Stop.ThrowIfCancellationRequested
        );
        foreach (int step in plan.StepsOf(_observed, toTheEnd: true))
        {
            while (replicas.Step < step)
            {
                state.Stop.ThrowIfCancellationRequested();
                using (state.Times.Measure("audit"))
                {
                    again.Advance(Math.Min(Group, step - replicas.Step));
                }
            }

            again.Observe(last: step == plan.Setting.Spec.Training.Steps);
        }

        long[] stored = chunk
            .ReadFirstBadSteps(folder.Files)
            .AsSpan(group.First - chunk.Range.First, group.Count)
            .ToArray();
        List<string> findings = [];
        ArrayLayout[] layouts = [.. _observed.SelectMany(i => plan.Layouts[i].Arrays)];
        for (int array = 0; array < layouts.Length; array++)
        {
            Compare(chunk, group, layouts[array], again.Rows(array), (stored, again.FirstBadSteps), findings);
        }

        state.AuditFindings.AddRange(findings.Take(MostFindings));
    }

    private void Compare(
        ChunkFolder chunk,
        ReplicaRange group,
        ArrayLayout layout,
        ReadOnlySpan<double> again,
        (long[] Stored, long[] Again) badSteps,
        List<string> findings
    )
    {
        string path = Path.Combine(chunk.Path, layout.FileName);
        using ArrayReader reader = new(folder.Files, path);
        int row = (int)reader.Columns;
        double[] stored = new double[group.Count * row];
        reader.ReadRows(group.First - chunk.Range.First, group.Count, 0, row, stored);
        for (int i = 0; i < stored.Length; i++)
        {
            int replica = i / row;
            // What is measured of a diverged replica depends on which steps were looked at; that it diverged does not.
            bool diverged = badSteps.Stored[replica] >= 0 && badSteps.Again[replica] >= 0;
            double value = layout.Type == NpyType.Float32 ? (float)again[i] : again[i];
            if (!diverged && BitConverter.DoubleToInt64Bits(value) != BitConverter.DoubleToInt64Bits(stored[i]))
            {
                findings.Add(
                    $"{path}: replica {group.First + replica}, number {i % row}: {stored[i]:R} is stored, {value:R} was computed "
                        + $"again; {chunk.Remedy}"
                );
                return;
            }
        }
    }
}
