using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>Copies a panel (terms, columns) into column tiles (columns / tile, terms, tile): the order in which a level-3 update reads it.</summary>
internal static unsafe class PanelPacking<T, TVector>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TVector : unmanaged, IVector<TVector, T>
{
    /// <summary>Packs; columns are whole registers, and the last tile may be cut.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(T* panel, nint pitch, int terms, int columns, T* packed)
    {
        int tile = MatrixTile<T, TVector>.Columns;
        for (int j = 0; j < columns; j += tile)
        {
            int width = Math.Min(tile, columns - j);
            T* target = packed + ((long)j * terms);
            for (int t = 0; t < terms; t++)
            {
                T* source = panel + (t * pitch) + j;
                for (int c = 0; c < width; c += TVector.Count)
                {
                    TVector.Store(TVector.Load(source + c), target + c);
                }

                target += tile;
            }
        }
    }
}
