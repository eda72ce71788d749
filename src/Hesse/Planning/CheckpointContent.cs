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
    /// <param name="whole">Whether the wave is saved, or finished replicas only.</param>
    public CheckpointRecord Header(IReplicas replicas, WaveObservation observation, bool whole)
    {
        // A measurement may go on meanwhile: what it measures now lies behind this place and is measured again.
        MeasurementPlace place = observation.Place;
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
            WaveCount = whole ? replicas.Count : 0,
            Step = replicas.Step,
            MeasuredStep = place.Step,
            MeasuredQuantities = place.Quantities,
            MeasuredReplicas = place.Replicas,
            EarlierStep = whole && observation.KeepsEarlier ? observation.Earlier.Step : null,
            Observed = [.. _work.Observed.Select(i => origin.Observed[i])],
            Files = [],
        };
    }

    /// <summary>The values so far, and the state of the wave. As for the header.</summary>
    public IEnumerable<SavedArray> Arrays(IReplicas replicas, WaveObservation observation, bool whole)
    {
        int finished = replicas.First - _work.Range.First;
        int rows = finished + (whole ? replicas.Count : 0);
        for (int i = 0; i < _layouts.Count; i++)
        {
            int array = i;
            yield return new SavedArray(
                _layouts[i],
                rows,
                file =>
                {
                    writer.CopyTo(array, file);
                    if (whole && array < _layouts.Count - 1)
                    {
                        file.Append(observation.Rows(array));
                    }
                    else if (whole)
                    {
                        file.Append<long>(observation.FirstBadSteps);
                    }
                }
            );
        }

        if (whole && observation.KeepsEarlier)
        {
            WavePoint earlier = observation.Earlier;
            yield return new SavedArray(
                Wave("earlier-parameters", earlier.Parameters.Length),
                1,
                Copy(earlier.Parameters)
            );
            yield return new SavedArray(Wave("earlier-optimizer-state", earlier.State.Length), 1, Copy(earlier.State));
        }

        if (whole)
        {
            byte[] bytes = new byte[replicas.StateBytes];
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
            WavePoint earlier = observation.Earlier;
            earlier.Step = step;
            Read(found, Wave("earlier-parameters", earlier.Parameters.Length), 0, 1, earlier.Parameters);
            Read(found, Wave("earlier-optimizer-state", earlier.State.Length), 0, 1, earlier.State);
        }

        byte[] bytes = new byte[replicas.StateBytes];
        string path = found.PathOf(Wave("replica-state", bytes.Length, NpyType.UInt8));
        using Stream file = state.Options.Files.Open(path);
        RequireShape(NpyHeader.Read(file, path), [record.WaveCount, bytes.Length], path);
        for (int replica = 0; replica < replicas.Count; replica++)
        {
            file.ReadExactly(bytes);
            replicas.LoadState(record.Step, replica, bytes);
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
