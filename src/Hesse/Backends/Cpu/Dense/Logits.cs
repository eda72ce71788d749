namespace Hesse.Backends.Cpu.Dense;

internal sealed unsafe partial class DenseOperations<TVector, T>
{
    /// <inheritdoc/>
    public void Logits(Points points, int replica, Span<double> logits)
    {
        DenseNet<T> net = _workspace.Load(points, replica);
        ForwardBackward<TVector, T>.Forward(net, T.One, ProductScratch);
        int classes = net.Network.OutputWidth;
        T* z = net.Preactivations(net.Network.Layers);
        for (int n = 0; n < net.Samples; n++)
        {
            for (int c = 0; c < classes; c++)
            {
                logits[(n * classes) + c] = double.CreateTruncating(z[(c * net.Stride) + n]);
            }
        }
    }
}
