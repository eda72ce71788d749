using System.Numerics;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>
/// Q^T = H_1 H_2 ... H_(n-1) from the reflectors that <see cref="Tridiagonalisation{T,TVector}"/> left in the packed rows.
/// Panels of reflectors are applied at once in the compact WY form H_a ... H_b = I - V^T T V (rows of V are reflectors, T upper
/// triangular; Schreiber and Van Loan, SIAM J. Sci. Stat. Comput. 10 (1989) 53): three matrix products a panel.
/// </summary>
internal static unsafe class OrthogonalFactor<T, TVector>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TVector : unmanaged, IVector<TVector, T>
{
    private const int Width = EigenWorkspace<T>.PanelWidth;

    /// <summary>Writes Q^T to workspace.Vectors (n, Pitch).</summary>
    public static void Form(int n, EigenWorkspace<T> workspace)
    {
        T* matrix = workspace.Vectors;
        nint pitch = workspace.Pitch;
        int rows = PackedTriangle<T, TVector>.RoundUp(n);
        for (int i = 0; i < rows; i++)
        {
            new Span<T>(matrix + (i * pitch), rows).Clear();
            matrix[(i * pitch) + i] = T.One;
        }

        for (int low = 0; low < n; low += Width)
        {
            int high = Math.Min(low + Width, n);
            CopyReflectors(low, high, workspace);
            T* negatedFactor = CompactFactor(low, high, workspace);
            Apply(high, negatedFactor, workspace);
        }
    }

    // The panel (Width, Pitch) = V, with zero rows behind the last reflector.
    private static void CopyReflectors(int low, int high, EigenWorkspace<T> workspace)
    {
        int columns = PackedTriangle<T, TVector>.RoundUp(high);
        for (int k = 0; k < Width; k++)
        {
            Span<T> target = new(workspace.Panel + (k * (nint)workspace.Pitch), columns);
            target.Clear();
            int i = low + k;
            if (i > 0 && i < high)
            {
                int length = PackedTriangle<T, TVector>.RoundUp(i + 1);
                new Span<T>(PackedTriangle<T, TVector>.Row(workspace.Packed, i), length).CopyTo(target);
            }
        }
    }

    // -T: T_kk = tau_k and T_(0..k-1),k = -tau_k T_(0..k-1),(0..k-1) (V v_k).
    private static T* CompactFactor(int low, int high, EigenWorkspace<T> workspace)
    {
        T* dots = workspace.Small;
        T* factor = workspace.Small + (8 * Width);
        new Span<T>(factor, Width * Width).Clear();
        nint pitch = workspace.Pitch;
        int columns = PackedTriangle<T, TVector>.RoundUp(high);
        for (int k = 0; k < high - low; k++)
        {
            T tau = low + k == 0 ? T.Zero : workspace.ReflectorFactors[low + k];
            PanelKernels<T, TVector>.Dots(workspace.Panel, pitch, k, workspace.Panel + (k * pitch), columns, dots);
            for (int j = 0; j < k; j++)
            {
                // factor holds -T, so the product -tau (T dots) is tau (factor dots), and its negation is stored.
                T sum = T.Zero;
                for (int q = j; q < k; q++)
                {
                    sum = T.FusedMultiplyAdd(factor[(j * Width) + q], dots[q], sum);
                }

                factor[(j * Width) + k] = -tau * sum;
            }

            factor[(k * Width) + k] = -tau;
        }

        return factor;
    }

    // The leading part of the matrix: M += (M V^T) (-T) V.
    private static void Apply(int high, T* negatedFactor, EigenWorkspace<T> workspace)
    {
        T* matrix = workspace.Vectors;
        T* panel = workspace.Panel;
        nint pitch = workspace.Pitch;
        int size = PackedTriangle<T, TVector>.RoundUp(high);
        T* transposed = workspace.PackedPanel;
        for (int k = 0; k < Width; k++)
        {
            for (int c = 0; c < size; c++)
            {
                transposed[((long)c * Width) + k] = panel[(k * pitch) + c];
            }
        }

        T* product = workspace.Coefficients;
        T* left = product + ((long)size * Width);
        new Span<T>(product, 2 * size * Width).Clear();
        MatrixTile<T, TVector>.Multiply(product, Width, matrix, pitch, transposed, Width, size, size, Width);
        MatrixTile<T, TVector>.Multiply(left, Width, product, Width, negatedFactor, Width, size, Width, Width);
        MatrixTile<T, TVector>.Multiply(matrix, pitch, left, Width, panel, pitch, size, Width, size);
    }
}
