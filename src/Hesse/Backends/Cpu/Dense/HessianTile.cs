using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Networks;

namespace Hesse.Backends.Cpu.Dense;

/// <summary>
/// Where a finished tile of the Hessian goes: rows (l,i,j) with j = 0 .. d_{l-1}-1 and the bias row, a few columns of a layer
/// m >= l. What lies on or above the diagonal is kept, and stored on both sides of it.
/// </summary>
internal readonly unsafe struct HessianTile<T, TOut>(
    Network network,
    int l,
    int unit,
    int column,
    int columns,
    TOut* matrix
)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TOut : unmanaged, IBinaryFloatingPointIeee754<TOut>
{
    private readonly nint _order = network.ParameterCount;
    private readonly int _inputs = network.Widths[l - 1];
    private readonly int _firstRow = network.WeightOffset(l) + (unit * network.Widths[l - 1]);
    private readonly int _biasRow = network.HasBias(l) ? network.BiasOffset(l) + unit : int.MaxValue;
    private readonly int _column = column;
    private readonly int _columns = columns;
    private readonly TOut* _matrix = matrix;

    /// <summary>Fetches what earlier blocks of samples stored.</summary>
    public void Load(T* tile, nint width)
    {
        for (int c = 0; c < _columns; c++)
        {
            TOut* from = _matrix + ((_column + c) * _order);
            int rows = Math.Min(_inputs, _column + c - _firstRow + 1);
            for (int j = 0; j < rows; j++)
            {
                tile[(j * width) + c] = T.CreateTruncating(from[_firstRow + j]);
            }

            if (_biasRow <= _column + c)
            {
                tile[(_inputs * width) + c] = T.CreateTruncating(from[_biasRow]);
            }
        }
    }

    /// <summary>Stores the tile below the diagonal, and above it too unless only the lower triangle is wanted.</summary>
    public void Store(T* tile, nint width, bool lowerOnly)
    {
        for (int c = 0; c < _columns; c++)
        {
            TOut* to = _matrix + ((_column + c) * _order);
            int rows = Math.Min(_inputs, _column + c - _firstRow + 1);
            T* from = tile + c;
            for (int j = 0; j < rows; j++)
            {
                to[_firstRow + j] = Convert(*from);
                from += width;
            }

            if (_biasRow <= _column + c)
            {
                to[_biasRow] = Convert(tile[(_inputs * width) + c]);
            }
        }

        for (int j = 0; j < _inputs && !lowerOnly; j++)
        {
            StoreRow(tile + (j * width), _firstRow + j);
        }

        if (_biasRow != int.MaxValue && !lowerOnly)
        {
            StoreRow(tile + (_inputs * width), _biasRow);
        }
    }

    private void StoreRow(T* tile, int row)
    {
        TOut* to = _matrix + (row * _order) + _column;
        for (int c = Math.Max(0, row - _column); c < _columns; c++)
        {
            to[c] = Convert(tile[c]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TOut Convert(T value) =>
        typeof(T) == typeof(TOut) ? Unsafe.BitCast<T, TOut>(value) : TOut.CreateTruncating(value);
}
