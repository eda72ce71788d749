using Hesse.Data;
using Hesse.Networks;

namespace Hesse.Backends.Reference;

/// <summary>One row of a data set.</summary>
internal readonly ref struct Sample
{
    /// <summary>Row n of the set of replica r.</summary>
    public Sample(DataSet data, int replica, int row)
    {
        Input = data.InputsOf(replica).Slice(row * data.Dimension, data.Dimension);
        Label = data.Labels is null ? -1 : data.LabelsOf(replica)[row];
        Target = data.Targets is null ? [] : data.TargetsOf(replica).Slice(row * data.Outputs, data.Outputs);
    }

    /// <summary>x. (d_0)</summary>
    public ReadOnlySpan<double> Input { get; }

    /// <summary>y as a class, for cross-entropy.</summary>
    public int Label { get; }

    /// <summary>y as numbers, for the other losses. (C)</summary>
    public ReadOnlySpan<double> Target { get; }

    /// <summary>Whether the largest output (logistic: z &gt; 0) is the right one.</summary>
    public bool IsRight(Network network, ReadOnlySpan<double> z) =>
        network.Loss switch
        {
            Networks.Loss.CrossEntropy => Largest(z) == Label,
            Networks.Loss.Logistic => (z[0] > 0) == (Target[0] > 0),
            _ => Largest(z) == Largest(Target),
        };

    // The first largest.
    private static int Largest(ReadOnlySpan<double> values)
    {
        int best = 0;
        for (int c = 1; c < values.Length; c++)
        {
            best = values[c] > values[best] ? c : best;
        }

        return best;
    }
}
