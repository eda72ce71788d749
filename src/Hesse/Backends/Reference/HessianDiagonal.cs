namespace Hesse.Backends.Reference;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void HessianDiagonal(Points points, Span<double> diagonal) =>
        ForEachReplica(
            points,
            diagonal,
            points.Network.ParameterCount,
            (replica, own) =>
            {
                foreach (SamplePass pass in SamplePass.All(points, replica, 1.0 / points.Samples))
                {
                    AddDiagonal(pass, new LayerCurvature(pass, exact: true), own);
                }
            }
        );

    // H[(l,i,j),(l,i,j)] = sum_n a_{l-1}[j]^2 S_l[i,i]
    private static void AddDiagonal(SamplePass pass, LayerCurvature curvature, Span<double> diagonal)
    {
        for (int l = 1; l <= pass.Network.Layers; l++)
        {
            for (int i = 0; i < pass.Width(l); i++)
            {
                for (int j = 0; j < pass.Inputs(l); j++)
                {
                    double a = pass.Input(l, j);
                    ref double sum = ref diagonal[pass.Index(l, i, j)];
                    sum = Math.FusedMultiplyAdd(a, curvature.S(l, i, i) * a, sum);
                }
            }
        }
    }
}
