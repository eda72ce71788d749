using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>
/// A panel's reflectors on both sides of the trailing matrix: with Q = I - V T V^T, Y = A V and M = T^T (V^T Y) T, Q^T A Q is
/// A - V W^T - W V^T, W = Y T - V M / 2. Every number of A is read once for Y and once for the update in b columns, where
/// <see cref="Tridiagonalisation{T,TVector}"/> reads it for each of them.
/// </summary>
internal static unsafe class BlockReflector<T, TVector>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TVector : unmanaged, IVector<TVector, T>
{
    private const int Width = BandWorkspace<T>.Width;
    private const int Terms = 2 * Width;

    /// <summary>Updates the leading `low` rows of workspace.Packed; V^T is the panel's upper half, T the band's factor.</summary>
    public static void Apply(int low, EigenWorkspace<T> workspace)
    {
        TransposeReflectors(low, workspace);
        MultiplyByReflectors(low, workspace);
        Correct(low, workspace);
        TriangleUpdate<T, TVector>.Add(low, Terms, workspace);
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
