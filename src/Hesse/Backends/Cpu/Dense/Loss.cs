namespace Hesse.Backends.Cpu.Dense;

internal sealed unsafe partial class DenseOperations<TVector, T>
{
    /// <inheritdoc/>
    public double Loss(Points points, int replica)
    {
        DenseNet<T> net = _workspace.Load(points, replica);
        ForwardBackward<TVector, T>.Forward(net, T.One, ProductScratch);
        return MeanLoss(net);
    }

    /// <summary>(1/N) sum l_n: the sum in T, samples ascending, as in the lane layout.</summary>
    private static double MeanLoss(DenseNet<T> net)
    {
        T sum = T.Zero;
        for (int n = 0; n < net.Samples; n++)
        {
            sum += net.Output.Losses[n];
        }

        return double.CreateTruncating(sum) / net.Samples;
    }
}
