using System.Numerics.Tensors;
using Hesse.Backends;
using Hesse.Data;
using Hesse.Networks;

namespace Hesse.Observables;

/// <summary>accuracy, test-accuracy: share of samples whose class is the largest output; with loss logistic whose class is [z > 0].</summary>
internal sealed class AccuracyQuantity(string name, bool test) : IQuantity
{
    public string Name => name;

    public bool NeedsParameters => false;

    public IReadOnlyList<long> ElementShape(Network network, int samples)
    {
        RequireClasses(name, network);
        return [];
    }

    /// <summary>Refuses a net whose largest output is always the right one.</summary>
    /// <exception cref="HesseException">65: it has one output, which is no class.</exception>
    public static void RequireClasses(string quantity, Network network)
    {
        if (network.OutputWidth == 1 && network.Loss != Loss.Logistic)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"{quantity} needs classes: two outputs or more, or the loss logistic; the largest of one output is always right"
            );
        }
    }

    public void Evaluate(Snapshot snapshot, Span<double> values)
    {
        if (snapshot.InTraining is { } inTraining)
        {
            inTraining(test, [], values);
            return;
        }

        Of(snapshot.Backend, test ? snapshot.TestPoints : snapshot.Points, values);
    }

    /// <summary>Share of right answers at given points. (R)</summary>
    public static void Of(IBackend backend, Points points, Span<double> values)
    {
        int width = points.Network.OutputWidth;
        double[] logits = new double[(long)points.Replicas * points.Samples * width];
        backend.Logits(points, logits);
        for (int r = 0; r < points.Replicas; r++)
        {
            int right = 0;
            for (int n = 0; n < points.Samples; n++)
            {
                ReadOnlySpan<double> z = logits.AsSpan(((r * points.Samples) + n) * width, width);
                right += IsRight(points.Data, points.Network.Loss, r, n, z) ? 1 : 0;
            }

            values[r] = (double)right / points.Samples;
        }
    }

    private static bool IsRight(DataSet data, Loss loss, int replica, int sample, ReadOnlySpan<double> z)
    {
        if (loss == Loss.Logistic)
        {
            return (z[0] > 0) == (data.TargetsOf(replica)[sample] > 0.5);
        }

        int chosen = TensorPrimitives.IndexOfMax(z);
        return data.Labels is not null
            ? chosen == data.LabelsOf(replica)[sample]
            : chosen == TensorPrimitives.IndexOfMax(data.TargetsOf(replica).Slice(sample * z.Length, z.Length));
    }
}
