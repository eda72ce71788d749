using Hesse.Backends;
using Hesse.Observables;
using Hesse.Stores;

namespace Hesse.Planning;

/// <summary>What a checkpoint of a chunk holds, and how a wave is put back to it.</summary>
internal sealed class CheckpointContent(SettingPlan plan, ChunkWork work, ChunkWriter writer, RunState state)
{
    private readonly ChunkWork _work = work;
    private readonly IReadOnlyList<ArrayLayout> _layouts = plan.LayoutsOf(work.Observed);

    /// <summary>How far the chunk has come.</summary>
    /// <param name="replicas">The wave in work.</param>
    /// <param name="observation">Its measurement.</param>
    /// <param name="place">How far that has come.</param>
    public CheckpointRecord Header(IReplicas replicas, WaveObservation observation, MeasurementPlace place)
    {
        ManifestRecord origin = plan.Manifest(state.Backend, state.Options);
        return new CheckpointRecord
        {
            Format = ManifestFile.Format,
            Sequence = 0,
            Identity = origin.Identity,
            Engine = origin.Engine,
            Rng = origin.Rng,
            Backend = origin.Backend,
            Architecture = origin.Architecture,
            First = _work.Range.First,
            Count = _work.Range.Count,
            WaveFirst = replicas.First,
            WaveCount = replicas.Count,
            Step = replicas.Step,
            MeasuredStep = place.Step,
            MeasuredQuantities = place.Quantities,
            MeasuredReplicas = place.Replicas,
            EarlierStep = observation.KeepsEarlier ? observation.Before(place).Step : null,
            Observed = [.. _work.Observed.Select(i => origin.Observed[i])],
            Files = [],
        };
    }

    /// <summary>The values so far, and the state of the wave. As for the header.</summary>
    public IEnumerable<SavedArray> Arrays(IReplicas replicas, WaveObservation observation, MeasurementPlace place)
    {
        int rows = replicas.First - _work.Range.First + replicas.Count;
        for (int i = 0; i < _layouts.Count; i++)
        {
            int array = i;
            yield return new SavedArray(
                _layouts[i],
                rows,
                file =>
                {
                    writer.CopyTo(array, file);
                    if (array < _layouts.Count - 1)
                    {
                        file.Append(observation.Rows(array));
                    }
                    else
                    {
                        file.Append<long>(observation.FirstBadSteps);
                    }
                }
            );
        }

        if (observation.KeepsEarlier)
        {
            WavePoint earlier = observation.Before(place);
            yield return new SavedArray(
                Wave("earlier-parameters", earlier.Parameters.Length),
                1,
                Copy(earlier.Parameters)
            );
            yield return new SavedArray(Wave("earlier-optimizer-state", earlier.State.Length), 1, Copy(earlier.State));
        }

        byte[] bytes = new byte[replicas.StateBytes(replicas.Step)];
        yield return new SavedArray(
            Wave("replica-state", bytes.Length, NpyType.UInt8),
            replicas.Count,
            file =>
            {
                for (int replica = 0; replica < replicas.Count; replica++)
                {
                    replicas.SaveState(replica, bytes);
                    file.Append<byte>(bytes);
                }
            }
        );
        foreach ((int kept, string name, int length) in observation.Keeping)
        {
            yield return new SavedArray(
                Wave($"kept-{name}", length, NpyType.UInt8),
                replicas.Count,
                file =>
                {
                    for (int replica = 0; replica < replicas.Count; replica++)
                    {
                        file.Append<byte>(observation.Kept(kept, replica, place));
                    }
                }
            );
        }
    }

    /// <summary>Puts a new wave where the checkpoint's was.</summary>
    /// <exception cref="HesseException">65: the files have other shapes than this run.</exception>
    public void Restore(CheckpointFolder found, IReplicas replicas, WaveObservation observation)
    {
        CheckpointRecord record = found.Record;
        int finished = record.WaveFirst - record.First;
        for (int i = 0; i < _layouts.Count - 1; i++)
        {
            Read(found, _layouts[i], finished, record.WaveCount, observation.WritableRows(i));
        }

        double[] bad = new double[record.WaveCount];
        Read(found, _layouts[^1], finished, record.WaveCount, bad);
        observation.Continue(
            new MeasurementPlace(record.MeasuredStep, record.MeasuredQuantities, record.MeasuredReplicas),
            Array.ConvertAll(bad, step => (long)step)
        );
        if (record.EarlierStep is { } step)
        {
            WavePoint earlier = observation.Before(observation.Place);
            earlier.Step = step;
            Read(found, Wave("earlier-parameters", earlier.Parameters.Length), 0, 1, earlier.Parameters);
            Read(found, Wave("earlier-optimizer-state", earlier.State.Length), 0, 1, earlier.State);
        }

        Read(
            found,
            "replica-state",
            (record.WaveCount, replicas.StateBytes(record.Step)),
            (replica, bytes) => replicas.LoadState(record.Step, replica, bytes)
        );
        foreach ((int kept, string name, int length) in observation.Keeping)
        {
            Read(
                found,
                $"kept-{name}",
                (record.WaveCount, length),
                (replica, bytes) => observation.GiveBack(kept, replica, bytes)
            );
        }
    }

    private void Read(CheckpointFolder found, string name, (int Rows, int Length) shape, Action<int, byte[]> row)
    {
        string path = found.PathOf(Wave(name, shape.Length, NpyType.UInt8));
        using Stream file = state.Options.Files.Open(path);
        RequireShape(NpyHeader.Read(file, path), [shape.Rows, shape.Length], path);
        byte[] bytes = new byte[shape.Length];
        for (int replica = 0; replica < shape.Rows; replica++)
        {
            file.ReadExactly(bytes);
            row(replica, bytes);
        }
    }

    private void Read(CheckpointFolder found, ArrayLayout layout, int first, int rows, Span<double> values)
    {
        string path = found.PathOf(layout);
        using ArrayReader reader = new(state.Options.Files, path);
        RequireShape(reader.Header, layout.Shape(first + rows), path);
        reader.ReadRows(first, rows, 0, (int)reader.Columns, values);
    }

    private static void RequireShape(NpyHeader header, IReadOnlyList<long> shape, string path)
    {
        if (!header.Shape.SequenceEqual(shape))
        {
            throw new HesseException(
                ExitCode.BadData,
                $"{path} has shape {NpyHeader.Format(header.Shape)} instead of {NpyHeader.Format(shape)}; "
                    + "delete the checkpoint to begin the chunk again"
            );
        }
    }

    private static Action<ArrayWriter> Copy(double[] values) => file => file.Append<double>(values);

    // An array of the wave alone.
    private static ArrayLayout Wave(string name, int length, NpyType type = NpyType.Float64) =>
        new()
        {
            Quantity = name,
            Type = type,
            ElementShape = [length],
            Options = string.Empty,
        };
}
