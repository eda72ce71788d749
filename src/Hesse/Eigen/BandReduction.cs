using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>
/// The first of two stages to tridiagonal form: B = Q^T A Q with B's entries beyond <see cref="BandWorkspace{T}.Width"/> = b
/// diagonals zero. A panel of b rows [low, high) is reduced by reflectors that act on the columns before low only, so the
/// trailing matrix waits until the panel is done and then gets all of them in matrix products: with Q = I - V T V^T,
/// Y = A V and M = T^T (V^T Y) T it becomes A - V W^T - W V^T, W = Y T - V M / 2. Every number of A is read once for Y and once
/// for the update in b columns, where <see cref="Tridiagonalisation{T,TVector}"/> reads it for each of them.
/// Source: Bischof, Lang and Sun, ACM Trans. Math. Softw. 26 (2000) 581; Schreiber and Van Loan, SIAM J. Sci. Stat. Comput. 10
/// (1989) 53 for T.
/// </summary>
internal static unsafe class BandReduction<T, TVector>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TVector : unmanaged, IVector<TVector, T>
{
    private const int Width = BandWorkspace<T>.Width;
    private const int Terms = 2 * Width;

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
                TransposeReflectors(low, workspace);
                MultiplyByReflectors(low, workspace);
                Correct(low, workspace);
                TriangleUpdate<T, TVector>.Add(low, Terms, workspace);
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

    // The right half of each row of the coefficients of the update: -V, row-major.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransposeReflectors(int low, EigenWorkspace<T> workspace)
    {
        T* panel = workspace.Panel;
        nint pitch = workspace.Pitch;
        for (int i = 0; i < low; i++)
        {
            T* target = workspace.Coefficients + ((long)i * Terms) + Width;
            for (int t = 0; t < Width; t++)
            {
                target[t] = -panel[(t * pitch) + i];
            }
        }
    }

    // Products = Y = A V (low, Width). A block of A is copied to contiguous rows once and serves as itself and as its transpose.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyByReflectors(int low, EigenWorkspace<T> workspace)
    {
        BandWorkspace<T> band = workspace.Band;
        nint pitch = workspace.Pitch;
        T* negated = workspace.Coefficients + Width;
        T* products = band.Products;
        // V^T and the part of Y^T that comes from transposes: the two halves of the panel.
        T* reflectors = workspace.Panel;
        T* transposed = workspace.Panel + (Width * pitch);
        new Span<T>(products, low * Width).Clear();
        for (int t = 0; t < Width; t++)
        {
            new Span<T>(transposed + (t * pitch), low).Clear();
        }

        for (int i = 0; i < low; i += BandWorkspace<T>.BlockRows)
        {
            int rows = Math.Min(BandWorkspace<T>.BlockRows, low - i);
            T* y = products + ((long)i * Width);
            for (int j = 0; j < i; j += BandWorkspace<T>.BlockColumns)
            {
                int columns = Math.Min(BandWorkspace<T>.BlockColumns, i - j);
                CopyBlock(i, j, rows, columns, workspace);
                T* block = band.Block;
                nint blockPitch = BandWorkspace<T>.BlockPitch;
                T* v = negated + ((long)j * Terms);
                MatrixTile<T, TVector>.Multiply(y, Width, block, blockPitch, v, Terms, rows, columns, Width);
                T* vt = reflectors + i;
                MatrixTile<T, TVector>.Multiply(
                    transposed + j,
                    pitch,
                    vt,
                    pitch,
                    block,
                    blockPitch,
                    Width,
                    rows,
                    columns
                );
            }

            CopyDiagonalBlock(i, rows, workspace);
            T* own = negated + ((long)i * Terms);
            MatrixTile<T, TVector>.Multiply(
                y,
                Width,
                band.Block,
                BandWorkspace<T>.BlockPitch,
                own,
                Terms,
                rows,
                rows,
                Width
            );
        }

        // The row halves were made with -V.
        for (int i = 0; i < low; i++)
        {
            T* y = products + ((long)i * Width);
            for (int t = 0; t < Width; t++)
            {
                y[t] = transposed[(t * pitch) + i] - y[t];
            }
        }
    }

    private static void CopyBlock(int i, int j, int rows, int columns, EigenWorkspace<T> workspace)
    {
        for (int r = 0; r < rows; r++)
        {
            T* row = PackedTriangle<T, TVector>.Row(workspace.Packed, i + r);
            T* target = workspace.Band.Block + (r * BandWorkspace<T>.BlockPitch);
            new Span<T>(row + j, columns).CopyTo(new Span<T>(target, columns));
        }
    }

    private static void CopyDiagonalBlock(int i, int rows, EigenWorkspace<T> workspace)
    {
        T* block = workspace.Band.Block;
        for (int r = 0; r < rows; r++)
        {
            T* row = PackedTriangle<T, TVector>.Row(workspace.Packed, i + r) + i;
            T* target = block + (r * BandWorkspace<T>.BlockPitch);
            for (int c = 0; c <= r; c++)
            {
                target[c] = row[c];
                block[(c * BandWorkspace<T>.BlockPitch) + r] = row[c];
            }
        }
    }

    // The left half of the coefficients, -W = V M / 2 - Y T, and W^T in the panel's lower half.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Correct(int low, EigenWorkspace<T> workspace)
    {
        BandWorkspace<T> band = workspace.Band;
        nint pitch = workspace.Pitch;
        T* coefficients = workspace.Coefficients;
        // G = V^T Y, then M = T^T G T.
        T* gram = band.Gram;
        T* half = band.Half;
        new Span<T>(gram, Width * Width).Clear();
        MatrixTile<T, TVector>.Multiply(gram, Width, workspace.Panel, pitch, band.Products, Width, Width, low, Width);
        SmallProducts(band);
        for (int i = 0; i < low; i++)
        {
            new Span<T>(coefficients + ((long)i * Terms), Width).Clear();
        }

        MatrixTile<T, TVector>.Multiply(
            coefficients,
            Terms,
            band.Products,
            Width,
            band.NegatedFactor,
            Width,
            low,
            Width,
            Width
        );
        MatrixTile<T, TVector>.Multiply(
            coefficients,
            Terms,
            coefficients + Width,
            Terms,
            half,
            Width,
            low,
            Width,
            Width
        );
        T* w = workspace.Panel + (Width * pitch);
        for (int i = 0; i < low; i++)
        {
            T* row = coefficients + ((long)i * Terms);
            for (int t = 0; t < Width; t++)
            {
                w[(t * pitch) + i] = -row[t];
            }
        }
    }

    // NegatedFactor = -T and Half = -T^T G T / 2, whose product with -V is V M / 2.
    private static void SmallProducts(BandWorkspace<T> band)
    {
        T* factor = band.Factor;
        T* product = band.NegatedFactor;
        T* transposed = band.Block;
        T minusHalf = T.CreateChecked(-0.5);
        for (int a = 0; a < Width; a++)
        {
            for (int c = 0; c < Width; c++)
            {
                transposed[(c * Width) + a] = minusHalf * factor[(a * Width) + c];
            }
        }

        new Span<T>(product, Width * Width).Clear();
        new Span<T>(band.Half, Width * Width).Clear();
        MatrixTile<T, TVector>.Multiply(product, Width, band.Gram, Width, factor, Width, Width, Width, Width);
        MatrixTile<T, TVector>.Multiply(band.Half, Width, transposed, Width, product, Width, Width, Width, Width);
        for (int a = 0; a < Width * Width; a++)
        {
            product[a] = -factor[a];
        }
    }
}
