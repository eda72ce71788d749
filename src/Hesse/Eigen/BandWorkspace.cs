using System.Numerics;
using Hesse.Backends.Cpu;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>What the two-stage reduction needs beside <see cref="EigenWorkspace{T}"/>: the band and the blocks of its products.</summary>
/// <typeparam name="T">float or double.</typeparam>
internal sealed unsafe class BandWorkspace<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Diagonals of the band below the main one, and reflectors in a panel.</summary>
    public const int Width = EigenWorkspace<T>.PanelWidth;

    /// <summary>Rows of the block of A that serves twice: with its columns, a part of the second-level cache.</summary>
    public const int BlockRows = 64;

    /// <summary>Columns of that block.</summary>
    public const int BlockColumns = 256;

    /// <summary>Sweeps of the second stage that follow each other closely, so that the band passes a cache once for all of them.</summary>
    public const int Sweeps = 8;

    private const int SmallMatrices = 4;
    private const int VectorsOfSweep = 4;
    private readonly AlignedBuffer<T> _products;
    private readonly AlignedBuffer<T> _block;
    private readonly AlignedBuffer<T> _small;
    private readonly AlignedBuffer<T> _band;
    private readonly AlignedBuffer<T> _sweeps;
    private readonly int _origin;

    /// <summary>Takes the memory: about 120 n elements.</summary>
    /// <param name="capacity">The largest order n.</param>
    /// <param name="pitch">Rows of a full-width scratch matrix, n rounded up.</param>
    public BandWorkspace(int capacity, int pitch)
    {
        _products = new AlignedBuffer<T>((long)pitch * Width);
        _block = new AlignedBuffer<T>(BlockRows * BlockPitch);
        _small = new AlignedBuffer<T>((SmallMatrices * Width * Width) + (2 * Width));
        // Row i holds columns i - 2 Width .. i + a block - 1, the last few for kernels that write whole blocks; in front lie Width
        // rows and columns of zeros, so that blocks at the edge are as large as all others.
        _origin = Width * (BandPitch + 1);
        _band = new AlignedBuffer<T>(_origin + ((long)(capacity + 1) * (BandPitch + 1)));
        int block = PackedTriangle<T, Register128<T>>.Block;
        _sweeps = new AlignedBuffer<T>(((Sweeps + VectorsOfSweep + block) * Width) + (block * block));
        for (int i = 0; i < block; i++)
        {
            new Span<T>(Masks + (i * block), i).Fill(T.One);
        }
    }

    /// <summary>Elements between rows of the block: a cache line more than its columns, against conflicts in the cache.</summary>
    public static int BlockPitch => BlockColumns + PackedTriangle<T, Register128<T>>.Block;

    /// <summary>From an element of the band to the one below it, so that any block of the band is a dense matrix of this pitch.</summary>
    public static int BandPitch => (2 * Width) + PackedTriangle<T, Register128<T>>.Block;

    /// <summary>(n, Width): Y = A V.</summary>
    public T* Products => _products.Pointer;

    /// <summary>(BlockRows, BlockPitch): a block of A.</summary>
    public T* Block => _block.Pointer;

    /// <summary>(Width, Width), upper triangle: T of Q = I - V T V^T.</summary>
    public T* Factor => _small.Pointer;

    /// <summary>(Width, Width): V^T A V.</summary>
    public T* Gram => _small.Pointer + (Width * Width);

    /// <summary>(Width, Width): -T.</summary>
    public T* NegatedFactor => _small.Pointer + (2 * Width * Width);

    /// <summary>(Width, Width): -T^T V^T A V T / 2.</summary>
    public T* Half => _small.Pointer + (3 * Width * Width);

    /// <summary>(2, Width): scratch.</summary>
    public T* Dots => _small.Pointer + (4 * Width * Width);

    /// <summary>(Sweeps, Width): the reflector that each sweep carries.</summary>
    public T* Reflectors => _sweeps.Pointer;

    /// <summary>(4, Width): vectors of one step of a sweep.</summary>
    public T* Vectors => _sweeps.Pointer + (Sweeps * Width);

    /// <summary>(Width, a block): the diagonal block's corners below the diagonal, zeros elsewhere.</summary>
    public T* Corners => Vectors + (VectorsOfSweep * Width);

    /// <summary>(a block, a block): ones below the diagonal, zeros elsewhere.</summary>
    public T* Masks => Corners + (PackedTriangle<T, Register128<T>>.Block * Width);

    /// <summary>Element (i, j) of the band, j from i - 2 Width to i.</summary>
    public T* At(int i, int j) => _band.Pointer + _origin + ((long)i * BandPitch) + j;

    /// <summary>Zeros the band of order n and what lies in front of it.</summary>
    public void Clear(int n) => new Span<T>(_band.Pointer, _origin + ((n + 1) * (BandPitch + 1))).Clear();

    /// <inheritdoc/>
    public void Dispose()
    {
        _products.Dispose();
        _block.Dispose();
        _small.Dispose();
        _band.Dispose();
        _sweeps.Dispose();
    }
}
