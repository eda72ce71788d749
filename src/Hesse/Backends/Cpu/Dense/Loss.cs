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

    /// <summary>(1/N) sum l_n, samples ascending, summed in double: float would lose digits of a mean over many samples.</summary>
    private static double MeanLoss(DenseNet<T> net)
    {
        double sum = 0;
        for (int n = 0; n < net.Samples; n++)
        {
            sum += double.CreateTruncating(net.Output.Losses[n]);
        }

        return sum / net.Samples;
    }
}
