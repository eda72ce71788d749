using Hesse.Networks;

namespace Hesse.Backends.Cpu.Dense;

internal sealed unsafe partial class DenseOperations<TVector, T>
{
    /// <inheritdoc/>
    public void LayerSpectra(Points points, int replica, Span<double> eigenvalues)
    {
        Network network = points.Network;
        int p = network.ParameterCount;
        T* matrix = TakeMatrix(p);
        Assemble(points, replica, gaussNewton: false, lowerOnly: true, matrix, layersOnly: true);
        for (int layer = 1; layer <= network.Layers; layer++)
        {
            int first = network.WeightOffset(layer);
            int size = network.WeightOffset(layer + 1) - first;
            T* block = _workspace.Take(DenseScratch.SecondMatrix, (long)size * size);
            for (int row = 0; row < size; row++)
            {
                ReadOnlySpan<T> from = new(matrix + ((first + row) * (nint)p) + first, row + 1);
                from.CopyTo(new Span<T>(block + (row * (nint)size), row + 1));
            }

            Eigenvalues(block, size, eigenvalues.Slice(first, size));
        }
    }
}
