using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>
/// The first of two stages to tridiagonal form: B = Q^T A Q with B's entries beyond <see cref="BandWorkspace{T}.Width"/> = b
/// diagonals zero. A panel of b rows [low, high) is reduced by reflectors that act on the columns before low only, so the
/// trailing matrix waits until the panel is done and then gets all of them in matrix products (<see cref="BlockReflector{T,TVector}"/>).
/// Source: Bischof, Lang and Sun, ACM Trans. Math. Softw. 26 (2000) 581; Schreiber and Van Loan, SIAM J. Sci. Stat. Comput. 10
/// (1989) 53 for T in Q = I - V T V^T.
/// </summary>
internal static unsafe class BandReduction<T, TVector>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TVector : unmanaged, IVector<TVector, T>
{
    private const int Width = BandWorkspace<T>.Width;

    /// <summary>Reduces workspace.Packed, order n, into the band; the triangle is destroyed.</summary>
    public static void Reduce(int n, EigenWorkspace<T> workspace)
    {
        BandWorkspace<T> band = workspace.Band;
        band.Clear(n);
        for (int high = n; high > 0; )
        {
            // Whole panels below the first: the trailing matrix is then always a whole number of blocks.
            int low = (high - 1) / Width * Width;
            KeepDiagonalBlock(low, high, workspace);
            if (low > 0)
            {
                ReducePanel(low, high, workspace);
                BlockReflector<T, TVector>.Apply(low, workspace);
            }

            high = low;
        }
    }

    private static void KeepDiagonalBlock(int low, int high, EigenWorkspace<T> workspace)
    {
        for (int i = low; i < high; i++)
        {
            T* row = PackedTriangle<T, TVector>.Row(workspace.Packed, i);
            new Span<T>(row + low, i + 1 - low).CopyTo(new Span<T>(workspace.Band.At(i, low), i + 1 - low));
        }
    }

    // Rows from the last to the first; row high - 1 - k keeps what the first k reflectors leave it behind its pivot low - 1 - k.
    private static void ReducePanel(int low, int high, EigenWorkspace<T> workspace)
    {
        nint pitch = workspace.Pitch;
        T* panel = workspace.Panel;
        T* factor = workspace.Band.Factor;
        T* dots = workspace.Band.Dots;
        T* coefficients = dots + Width;
        int length = PackedTriangle<T, TVector>.RoundUp(low);
        for (int k = 0; k < Width; k++)
        {
            new Span<T>(panel + (k * pitch), length).Clear();
        }

        new Span<T>(factor, Width * Width).Clear();
        for (int k = 0; k < high - low; k++)
        {
            int i = high - 1 - k;
            T* row = PackedTriangle<T, TVector>.Row(workspace.Packed, i);
            T* v = panel + (k * pitch);
            new Span<T>(row, low).CopyTo(new Span<T>(v, low));
            // v (I - V T V^T): the coefficients are -(v V) T.
            PanelKernels<T, TVector>.Dots(panel, pitch, k, v, length, dots);
            for (int c = 0; c < k; c++)
            {
                T sum = T.Zero;
                for (int t = 0; t <= c; t++)
                {
                    sum = T.FusedMultiplyAdd(dots[t], factor[(t * Width) + c], sum);
                }

                coefficients[c] = -sum;
            }

            // Terms come in pairs; the one that an odd number lacks is the row itself, with a factor of zero.
            coefficients[k] = T.Zero;
            PanelKernels<T, TVector>.Combine(v, length, panel, pitch, coefficients, k + (k & 1));
            int end = low - k;
            new Span<T>(v + end, k).CopyTo(new Span<T>(workspace.Band.At(i, end), k));
            new Span<T>(v + end, k).Clear();
            T tau = Householder<T, TVector>.Reflector(v, end, length, out *workspace.Band.At(i, end - 1));
            // Column k of T: -tau T (V^T v), and tau on the diagonal.
            PanelKernels<T, TVector>.Dots(panel, pitch, k, v, length, dots);
            for (int t = 0; t < k; t++)
            {
                T sum = T.Zero;
                for (int c = t; c < k; c++)
                {
                    sum = T.FusedMultiplyAdd(factor[(t * Width) + c], dots[c], sum);
                }

                factor[(t * Width) + k] = -tau * sum;
            }

            factor[(k * Width) + k] = tau;
        }
    }
}
