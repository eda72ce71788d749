using System.Numerics.Tensors;

namespace Hesse.Backends.Cpu.Dense;

internal sealed unsafe partial class DenseOperations<TVector, T>
{
    /// <inheritdoc/>
    public void ResidualSpectrum(Points points, int replica, Span<double> eigenvalues)
    {
        int p = points.Network.ParameterCount;
        T* hessian = TakeMatrix(p);
        Assemble(points, replica, gaussNewton: false, lowerOnly: true, hessian);
        T* moment = _workspace.Take(DenseScratch.SecondMatrix, (long)p * p);
        GradientMoments(Differentiate(points, replica, single: true), centred: false, moment);
        for (int row = 0; row < p; row++)
        {
            Span<T> residual = new(hessian + (row * (nint)p), row + 1);
            TensorPrimitives.Subtract(new ReadOnlySpan<T>(moment + (row * (nint)p), row + 1), residual, residual);
        }

        Eigenvalues(hessian, p, eigenvalues);
    }
}
