namespace Hesse.Backends.Cpu.Dense;

internal sealed unsafe partial class DenseOperations<TVector, T>
{
    /// <summary>||H||_F = sqrt(sum_i (H_ii^2 + 2 sum_{j &lt; i} H_ij^2)): one chain of multiply-adds in double a row, rows ascending.</summary>
    public void FrobeniusNorm(Points points, int replica, Span<double> norm)
    {
        int p = points.Network.ParameterCount;
        T* matrix = TakeMatrix(p);
        Assemble(points, replica, gaussNewton: false, lowerOnly: true, matrix);
        double squares = 0;
        for (int row = 0; row < p; row++)
        {
            double below = 0;
            foreach (T entry in new ReadOnlySpan<T>(matrix + (row * (nint)p), row))
            {
                double h = Convert<double>(entry);
                below = Math.FusedMultiplyAdd(h, h, below);
            }

            double diagonal = Convert<double>(matrix[(row * (nint)p) + row]);
            squares = Math.FusedMultiplyAdd(2, below, Math.FusedMultiplyAdd(diagonal, diagonal, squares));
        }

        norm[0] = Math.Sqrt(squares);
    }
}
