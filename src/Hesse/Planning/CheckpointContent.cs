using Hesse.Backends;
using Hesse.Observables;
using Hesse.Stores;

namespace Hesse.Planning;

/// <summary>What a checkpoint of a chunk holds, and how its part of a wave is put back to it.</summary>
internal sealed class CheckpointContent(SettingPlan plan, ChunkWork work, RunState state)
{
    private readonly ChunkWork _work = work;
    private readonly IReadOnlyList<ArrayLayout> _layouts = plan.LayoutsOf(work.Observed);

    /// <summary>How far the chunk has come.</summary>
    /// <param name="part">The chunk's part of the wave in work.</param>
    /// <param name="replicas">The wave.</param>
    /// <param name="observation">Its measurement.</param>
    /// <param name="progress">How far that has come.</param>
    public CheckpointRecord Header(
        WavePart part,
        IReplicas replicas,
        WaveObservation observation,
        MeasurementProgress progress
    )
    {
        MeasurementPlace place = progress.PlaceOf(part.Offset, part.Range.Count);
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
            WaveFirst = part.Range.First,
            WaveCount = part.Range.Count,
            Step = replicas.Step,
            MeasuredStep = place.Step,
            MeasuredQuantities = place.Quantities,
            MeasuredReplicas = place.Replicas,
            EarlierStep = observation.KeepsEarlier ? observation.Before(progress, part).Step : null,
            Observed = [.. _work.Observed.Select(i => origin.Observed[i])],
            Files = [],
        };
    }

    /// <summary>The values so far, and the state of the part. As for the header.</summary>
    /// <param name="part">The chunk's part of the wave in work.</param>
    /// <param name="writer">Has the values of finished replicas; null where there are none.</param>
    /// <param name="replicas">The wave.</param>
    /// <param name="observation">Its measurement.</param>
    /// <param name="progress">How far that has come.</param>
    public IEnumerable<SavedArray> Arrays(
        WavePart part,
        ChunkWriter? writer,
        IReplicas replicas,
        WaveObservation observation,
        MeasurementProgress progress
    )
    {
        (int offset, int count) = (part.Offset, part.Range.Count);
        int rows = part.Range.First - _work.Range.First + count;
        for (int i = 0; i < _layouts.Count; i++)
        {
            int array = i;
            yield return new SavedArray(
                _layouts[i],
                rows,
                file =>
                {
                    writer?.CopyTo(array, file);
                    if (array < _layouts.Count - 1)
                    {
                        file.Append<double>(observation.Rows(array, offset, count));
                    }
                    else
                    {
                        file.Append<long>(observation.FirstBadSteps.AsSpan(offset, count));
                    }
                }
            );
        }

        if (observation.KeepsEarlier)
        {
            WavePoint earlier = observation.Before(progress, part);
            yield return Saved("earlier-parameters", Own(earlier.Parameters, part, replicas));
            yield return Saved("earlier-optimizer-state", Own(earlier.State, part, replicas));
        }

        byte[] bytes = new byte[replicas.StateBytes(replicas.Step)];
        yield return new SavedArray(
            Wave("replica-state", bytes.Length, NpyType.UInt8),
            count,
            file =>
            {
                for (int replica = 0; replica < count; replica++)
                {
                    replicas.SaveState(offset + replica, bytes);
                    file.Append<byte>(bytes);
                }
            }
        );
        foreach ((int kept, string name, int length) in observation.Keeping(replicas.Step))
        {
            yield return new SavedArray(
                Wave($"kept-{name}", length, NpyType.UInt8),
                count,
                file =>
                {
                    for (int replica = 0; replica < count; replica++)
                    {
                        file.Append<byte>(observation.Kept(kept, offset + replica, progress));
                    }
                }
            );
        }
    }

    /// <summary>Puts the part of a new wave where the checkpoint's was.</summary>
    /// <exception cref="HesseException">65: the files have other shapes than this run.</exception>
    public void Restore(CheckpointFolder found, WavePart part, IReplicas replicas, WaveObservation observation)
    {
        CheckpointRecord record = found.Record;
        int finished = record.WaveFirst - record.First;
        for (int i = 0; i < _layouts.Count - 1; i++)
        {
            Read(found, _layouts[i], finished, record.WaveCount, observation.Rows(i, part.Offset, part.Range.Count));
        }

        double[] bad = new double[record.WaveCount];
        Read(found, _layouts[^1], finished, record.WaveCount, bad);
        observation.Continue(
            new MeasurementPlace(record.MeasuredStep, record.MeasuredQuantities, record.MeasuredReplicas),
            part.Offset,
            Array.ConvertAll(bad, step => (long)step)
        );
        if (record.EarlierStep is { } step)
        {
            WavePoint earlier = observation.EarlierToContinue;
            earlier.Step = step;
            Memory<double> parameters = Own(earlier.Parameters, part, replicas);
            Memory<double> vectors = Own(earlier.State, part, replicas);
            Read(found, Wave("earlier-parameters", parameters.Length), 0, 1, parameters.Span);
            Read(found, Wave("earlier-optimizer-state", vectors.Length), 0, 1, vectors.Span);
        }

        Read(
            found,
            "replica-state",
            (record.WaveCount, replicas.StateBytes(record.Step)),
            (replica, bytes) => replicas.LoadState(record.Step, part.Offset + replica, bytes)
        );
        foreach ((int kept, string name, int length) in observation.Keeping(record.Step))
        {
            Read(
                found,
                $"kept-{name}",
                (record.WaveCount, length),
                (replica, bytes) => observation.GiveBack(kept, part.Offset + replica, bytes)
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

    // A part's numbers of an array of the whole wave. (R, ...)
    private static Memory<double> Own(double[] values, WavePart part, IReplicas replicas)
    {
        int length = values.Length / replicas.Count;
        return values.AsMemory(part.Offset * length, part.Range.Count * length);
    }

    private static SavedArray Saved(string name, Memory<double> values) =>
        new(Wave(name, values.Length), 1, file => file.Append<double>(values.Span));

    // An array of the part alone.
    private static ArrayLayout Wave(string name, int length, NpyType type = NpyType.Float64) =>
        new()
        {
            Quantity = name,
            Type = type,
            ElementShape = [length],
            Options = string.Empty,
        };
}
