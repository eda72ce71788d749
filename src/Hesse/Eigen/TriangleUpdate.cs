using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>The level-3 step of both reductions: the leading rows of the packed triangle get the panel's reflectors all at once.</summary>
internal static unsafe class TriangleUpdate<T, TVector>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TVector : unmanaged, IVector<TVector, T>
{
    /// <summary>
    /// A += C P on the lower triangle of order `order`, a multiple of four: C = workspace.Coefficients (order, terms), P =
    /// workspace.Panel (terms, Pitch), which is packed on the way.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(int order, int terms, EigenWorkspace<T> workspace)
    {
        T* coefficients = workspace.Coefficients;
        int tile = MatrixTile<T, TVector>.Columns;
        T* packed = workspace.PackedPanel;
        PanelPacking<T, TVector>.Pack(workspace.Panel, workspace.Pitch, terms, order, packed);
        // A chunk of column tiles stays in the first-level cache while all rows below pass by.
        int block = PackedTriangle<T, TVector>.Block;
        int chunk = Math.Max(1, 6 * block / tile) * tile;
        for (int from = 0; from < order; from += chunk)
        {
            for (int i = from / block * block; i < order; i += 4)
            {
                int columns = PackedTriangle<T, TVector>.RoundUp(i + 1);
                T* row = PackedTriangle<T, TVector>.Row(workspace.Packed, i);
                int to = Math.Min(from + chunk, columns);
                for (int j = from; j < to; j += tile)
                {
                    MatrixTile<T, TVector>.Add(
                        row + j,
                        columns,
                        coefficients + ((long)i * terms),
                        terms,
                        packed + ((long)j * terms),
                        tile,
                        terms,
                        Math.Min(tile, to - j)
                    );
                }
            }
        }
    }
}
