using System.Numerics;
using Hesse.Backends.Cpu;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>
/// Scratch memory of <see cref="SymmetricEigen"/>: native, aligned, reusable for every matrix up to a given order, so that a
/// call allocates nothing. One workspace serves one thread at a time.
/// </summary>
/// <typeparam name="T">float or double.</typeparam>
public sealed unsafe class EigenWorkspace<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Householder vectors in a panel: the trailing matrix is updated once for so many columns.</summary>
    internal const int PanelWidth = 32;

    private const int VectorsOfLength = 4;
    private const int CoefficientRows = 4;
    private readonly AlignedBuffer<T> _packed;
    private readonly AlignedBuffer<T> _panel;
    private readonly AlignedBuffer<T> _packedPanel;
    private readonly AlignedBuffer<T> _coefficients;
    private readonly AlignedBuffer<T> _small;
    private readonly AlignedBuffer<T> _tridiagonal;
    private readonly AlignedBuffer<T>? _vectors;
    private readonly RotationBatch<T>? _rotations;
    private readonly BandWorkspace<T>? _band;

    /// <summary>Takes the memory: about n^2 / 2 + 300 n elements for eigenvalues, 3 n^2 / 2 with vectors.</summary>
    /// <param name="capacity">The largest order n.</param>
    /// <param name="vectors">Whether eigenvectors will be asked for.</param>
    /// <exception cref="ArgumentException">T is neither float nor double, or the capacity is negative.</exception>
    /// <exception cref="HesseException">The memory could not be had (exit 71).</exception>
    public EigenWorkspace(int capacity, bool vectors = false)
        : this(capacity, vectors, OrderOfLargeTriangle()) { }

    /// <summary>A workspace whose eigenvalues are computed in two stages from another order on.</summary>
    internal EigenWorkspace(int capacity, bool vectors, int twoStageOrder)
    {
        if (typeof(T) != typeof(float) && typeof(T) != typeof(double))
        {
            throw new ArgumentException($"eigenvalues are computed in float or double, not in {typeof(T).Name}");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        Capacity = capacity;
        TwoStageOrder = twoStageOrder;
        int block = PackedTriangle<T, Register128<T>>.Block;
        int length = PackedTriangle<T, Register128<T>>.RoundUp(Math.Max(1, capacity));
        // An odd number of cache lines: equal columns of successive rows then fall into different cache sets.
        Pitch = ((length / block) | 1) * block;
        _packed = new AlignedBuffer<T>(PackedTriangle<T, Register128<T>>.Length(capacity));
        _panel = new AlignedBuffer<T>(2L * PanelWidth * Pitch);
        // The last column tile may be cut by the matrix's edge, but its place is whole.
        _packedPanel = new AlignedBuffer<T>(2L * PanelWidth * (Pitch + (4 * block)));
        _coefficients = new AlignedBuffer<T>(2L * PanelWidth * Pitch);
        _small = new AlignedBuffer<T>((CoefficientRows + PanelWidth) * 2L * PanelWidth);
        _tridiagonal = new AlignedBuffer<T>((long)VectorsOfLength * Pitch);
        if (vectors)
        {
            _vectors = new AlignedBuffer<T>((long)length * Pitch);
            _rotations = new RotationBatch<T>(capacity);
        }

        if (capacity >= twoStageOrder)
        {
            _band = new BandWorkspace<T>(capacity, Pitch);
        }
    }

    /// <summary>The largest order n that fits.</summary>
    public int Capacity { get; }

    /// <summary>Whether eigenvectors fit too.</summary>
    public bool HoldsVectors => _vectors is not null;

    /// <summary>
    /// QL sweeps for each eigenvalue before the iteration gives up. LAPACK allows 30 too; about 1.7 are usual.
    /// </summary>
    internal int SweepsPerEigenvalue { get; init; } = 30;

    /// <summary>Elements from one row of a full-width scratch matrix to the next.</summary>
    internal int Pitch { get; }

    /// <summary>The matrix: <see cref="PackedTriangle{T,TVector}"/>; afterwards row i holds Householder vector i.</summary>
    internal T* Packed => _packed.Pointer;

    /// <summary>(2 PanelWidth, Pitch): w and v of each reflector of the panel, alternating.</summary>
    internal T* Panel => _panel.Pointer;

    /// <summary>The panel in the order in which the level-3 update reads it.</summary>
    internal T* PackedPanel => _packedPanel.Pointer;

    /// <summary>(Pitch, 2 PanelWidth): the left factor of a level-3 update.</summary>
    internal T* Coefficients => _coefficients.Pointer;

    /// <summary>(4, 2 PanelWidth) coefficients of level-2 steps, then (2 PanelWidth, PanelWidth) for the compact WY factor.</summary>
    internal T* Small => _small.Pointer;

    /// <summary>(n): diagonal of the tridiagonal matrix, then the eigenvalues.</summary>
    internal T* Diagonal => _tridiagonal.Pointer;

    /// <summary>(n): element i couples i and i + 1.</summary>
    internal T* OffDiagonal => _tridiagonal.Pointer + Pitch;

    /// <summary>(n): tau_i of the reflector I - tau v v^T stored in row i.</summary>
    internal T* ReflectorFactors => _tridiagonal.Pointer + (2 * Pitch);

    /// <summary>(n): scratch.</summary>
    internal T* Scratch => _tridiagonal.Pointer + (3 * Pitch);

    /// <summary>(n rounded up, Pitch): row k becomes eigenvector k.</summary>
    internal T* Vectors => _vectors!.Pointer;

    internal RotationBatch<T> Rotations => _rotations!;

    /// <summary>From this order on eigenvalues without vectors come by way of a band.</summary>
    internal int TwoStageOrder { get; }

    /// <summary>For eigenvalues in two stages; a workspace for small orders has none.</summary>
    internal BandWorkspace<T> Band => _band!;

    // The order whose triangle takes 16 MiB. Triangles that fit a core's share of the third-level cache are reduced in one stage,
    // which reads them n times; larger ones would come from memory as often. One number for every machine, since bits depend on it.
    internal static int OrderOfLargeTriangle() => (int)Math.Ceiling(Math.Sqrt(2.0 * (16 << 20) / sizeof(T)));

    /// <inheritdoc/>
    public void Dispose()
    {
        _packed.Dispose();
        _panel.Dispose();
        _packedPanel.Dispose();
        _coefficients.Dispose();
        _small.Dispose();
        _tridiagonal.Dispose();
        _vectors?.Dispose();
        _rotations?.Dispose();
        _band?.Dispose();
    }
}
