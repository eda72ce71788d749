using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>
/// Householder tridiagonalisation T = Q^T A Q of a packed matrix, blocked. Rows are reduced from the last to the first: the
/// reflector of row i, H_i = I - tau_i v_i v_i^T with v_i[i-1] = 1, acts on elements 0..i-1, and Q = H_(n-1) ... H_1. Inside a
/// panel the trailing matrix stays as it was and every row and product is corrected by the panel's reflectors so far
/// (A - V W^T - W V^T); after the panel the trailing matrix gets them all in one update of rank 2 * PanelWidth.
/// Source: Dongarra, Hammarling and Sorensen, J. Comput. Appl. Math. 27 (1989) 215.
/// </summary>
internal static unsafe class Tridiagonalisation<T, TVector>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TVector : unmanaged, IVector<TVector, T>
{
    /// <summary>Reduces workspace.Packed, order n; fills Diagonal, OffDiagonal, ReflectorFactors; v_i replaces row i.</summary>
    public static void Reduce(int n, EigenWorkspace<T> workspace)
    {
        for (int high = n; high > 0; )
        {
            // Whole panels below the first: the trailing matrix is then always a whole number of blocks.
            int low = (high - 1) / EigenWorkspace<T>.PanelWidth * EigenWorkspace<T>.PanelWidth;
            for (int i = high - 1; i >= low; i--)
            {
                ReduceRow(i, high - 1 - i, workspace);
            }

            if (low > 0)
            {
                RankUpdate(low, 2 * (high - low), workspace);
            }

            high = low;
        }
    }

    // Row i, with the panel's earlier reflectors still to be applied to it and to the product.
    private static void ReduceRow(int i, int earlier, EigenWorkspace<T> workspace)
    {
        T* row = PackedTriangle<T, TVector>.Row(workspace.Packed, i);
        T* panel = workspace.Panel;
        nint pitch = workspace.Pitch;
        T* coefficients = workspace.Small;
        T* dots = coefficients + (2 * EigenWorkspace<T>.PanelWidth);
        int terms = 2 * earlier;
        int length = PackedTriangle<T, TVector>.RoundUp(i + 1);
        for (int t = 0; t < terms; t += 2)
        {
            coefficients[t] = -panel[((t + 1) * pitch) + i];
            coefficients[t + 1] = -panel[(t * pitch) + i];
        }

        PanelKernels<T, TVector>.Combine(row, length, panel, pitch, coefficients, terms);
        workspace.Diagonal[i] = row[i];
        new Span<T>(row + i, length - i).Clear();
        if (i == 0)
        {
            return;
        }

        T* w = panel + (terms * pitch);
        T* v = w + pitch;
        T tau = Householder<T, TVector>.Reflector(row, i, length, out workspace.OffDiagonal[i - 1]);
        workspace.ReflectorFactors[i] = tau;
        if (tau == T.Zero)
        {
            // The row is already reduced: the reflector is the identity.
            new Span<T>(row, length).Clear();
            new Span<T>(w, length).Clear();
            new Span<T>(v, length).Clear();
            return;
        }

        new Span<T>(row, length).CopyTo(new Span<T>(v, length));
        MatrixVectorProduct<T, TVector>.Multiply(workspace.Packed, i, v, w);
        new Span<T>(w + i, length - i).Clear();
        PanelKernels<T, TVector>.Dots(panel, pitch, terms, v, length, dots);
        for (int t = 0; t < terms; t += 2)
        {
            coefficients[t] = -dots[t + 1];
            coefficients[t + 1] = -dots[t];
        }

        PanelKernels<T, TVector>.Combine(w, length, panel, pitch, coefficients, terms);
        new Span<T>(w + i, length - i).Clear();
        // w = tau y - (tau^2 / 2)(y . v) v makes H A H = A - v w^T - w v^T.
        T shift = tau * tau * PanelKernels<T, TVector>.Dot(w, v, length) * T.CreateChecked(-0.5);
        PanelKernels<T, TVector>.ScaleAndShift(w, tau, shift, v, length);
    }

    // The leading `order` rows: A -= V W^T + W V^T, terms in panel order, w before v.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RankUpdate(int order, int terms, EigenWorkspace<T> workspace)
    {
        T* panel = workspace.Panel;
        nint pitch = workspace.Pitch;
        T* coefficients = workspace.Coefficients;
        for (int t = 0; t < terms; t += 2)
        {
            T* w = panel + (t * pitch);
            T* v = w + pitch;
            for (int i = 0; i < order; i++)
            {
                coefficients[((long)i * terms) + t] = -v[i];
                coefficients[((long)i * terms) + t + 1] = -w[i];
            }
        }

        TriangleUpdate<T, TVector>.Add(order, terms, workspace);
    }
}
