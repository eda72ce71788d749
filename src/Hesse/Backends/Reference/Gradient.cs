namespace Hesse.Backends.Reference;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void Gradient(Points points, Span<double> gradient) =>
        ForEachReplica(
            points,
            gradient,
            points.Network.ParameterCount,
            (replica, g) =>
            {
                foreach (SamplePass pass in SamplePass.All(points, replica, 1.0 / points.Samples))
                {
                    AddGradient(pass, g);
                }
            }
        );

    /// <summary>g += delta_l [a_{l-1}; 1]^T in every layer.</summary>
    internal static void AddGradient(SamplePass pass, Span<double> gradient)
    {
        for (int l = 1; l <= pass.Network.Layers; l++)
        {
            for (int i = 0; i < pass.Width(l); i++)
            {
                for (int j = 0; j < pass.Inputs(l); j++)
                {
                    ref double g = ref gradient[pass.Index(l, i, j)];
                    g = Math.FusedMultiplyAdd(pass.Delta[l][i], pass.Input(l, j), g);
                }
            }
        }
    }
}
