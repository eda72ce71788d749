using System.Runtime.Intrinsics;
using Hesse.Backends.Cpu;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>
/// Eigenpairs at the ends of the spectrum of a dense symmetric matrix in double: Householder tridiagonalisation and all eigenvalues
/// as of <see cref="SymmetricEigen.Values{T}"/>, with the same bits, then inverse iteration on the tridiagonal matrix and the
/// reflectors, for the few vectors alone. Where many are wanted, or inverse iteration does not settle,
/// <see cref="SymmetricEigen.ValuesAndVectors{T}"/>. One matrix on one thread; the bits are a function of the matrix alone.
/// </summary>
/// <param name="capacity">Order for which work space is taken at first; it grows with what is asked for.</param>
internal sealed unsafe class SymmetricExtremes(int capacity = 0) : IDisposable
{
    // From a quarter of the pairs on, all of them at once cost less.
    private const int Few = 4;

    private readonly TridiagonalInverse _inverse = new();
    private EigenWorkspace<double>? _workspace;
    private EigenWorkspace<double>? _all;
    private AlignedBuffer<double>? _vectors;
    private double[] _allValues = [];
    private double[] _allVectors = [];

    /// <summary>Whether so many pairs are found by inverse iteration.</summary>
    public static bool TakesFew(int n, int count) => Few * (long)count <= n;

    /// <summary>
    /// The largest eigenvalues, descending, then the smallest, ascending, with unit vectors; all NaN where the matrix holds a
    /// number that is not finite.
    /// </summary>
    /// <param name="matrix">(n, n); only the lower triangle is read.</param>
    /// <param name="n">Order.</param>
    /// <param name="largest">How many of the largest.</param>
    /// <param name="smallest">How many of the smallest; together at most n.</param>
    /// <param name="values">(largest + smallest)</param>
    /// <param name="vectors">(largest + smallest, n)</param>
    public void Of(
        ReadOnlySpan<double> matrix,
        int n,
        int largest,
        int smallest,
        Span<double> values,
        Span<double> vectors
    )
    {
        int count = largest + smallest;
        bool found =
            TakesFew(n, count)
            && (
                Vector512.IsHardwareAccelerated
                    ? OfFew<Register512<double>>(matrix, n, largest, values[..count], vectors)
                : Vector256.IsHardwareAccelerated
                    ? OfFew<Register256<double>>(matrix, n, largest, values[..count], vectors)
                : OfFew<Register128<double>>(matrix, n, largest, values[..count], vectors)
            );
        if (!found)
        {
            OfAll(matrix, n, largest, values[..count], vectors);
        }
    }

    public void Dispose()
    {
        _workspace?.Dispose();
        _all?.Dispose();
        _vectors?.Dispose();
    }

    /// <summary>By inverse iteration, on registers of one width.</summary>
    /// <returns>False where an iteration did not settle; values and vectors have no meaning then.</returns>
    internal bool OfFew<TVector>(
        ReadOnlySpan<double> matrix,
        int n,
        int largest,
        Span<double> values,
        Span<double> vectors
    )
        where TVector : unmanaged, IVector<TVector, double>
    {
        EigenWorkspace<double> workspace = Workspace(ref _workspace, n, vectors: false);
        if (!SymmetricEigen.Load<double, TVector>(matrix, n, workspace, out int exponent))
        {
            values.Fill(double.NaN);
            vectors[..(values.Length * n)].Fill(double.NaN);
            return true;
        }

        Tridiagonalisation<double, TVector>.Reduce(n, workspace);
        Span<double> all = new(workspace.Diagonal, n);
        _inverse.Load(all, new ReadOnlySpan<double>(workspace.OffDiagonal, n));
        long sweepLimit = (long)workspace.SweepsPerEigenvalue * n;
        if (!TridiagonalValues<double>.Iterate(workspace.Diagonal, workspace.OffDiagonal, n, sweepLimit))
        {
            return false;
        }

        all.Sort();
        int pitch = workspace.Pitch;
        AlignedBuffer<double> rows = Rows((long)values.Length * pitch);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = all[Place(i, n, largest)];
            if (!_inverse.Vector(values[i], i, rows.Span, pitch))
            {
                return false;
            }
        }

        Reflect<TVector>(workspace, n, values.Length, rows.Pointer);
        (double first, double second) = SymmetricEigen.PowersOfTwo<double>(exponent);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = values[i] * first * second;
            rows.Span.Slice(i * pitch, n).CopyTo(vectors[(i * n)..]);
        }

        return true;
    }

    // u = Q z = H_(n-1) ... H_1 z for each row z: the eigenvectors of the matrix from those of the tridiagonal one.
    private static void Reflect<TVector>(EigenWorkspace<double> workspace, int n, int count, double* rows)
        where TVector : unmanaged, IVector<TVector, double>
    {
        for (int i = 1; i < n; i++)
        {
            double* reflector = PackedTriangle<double, TVector>.Row(workspace.Packed, i);
            double factor = -workspace.ReflectorFactors[i];
            int length = PackedTriangle<double, TVector>.RoundUp(i);
            for (int k = 0; k < count; k++)
            {
                double* z = rows + (k * (nint)workspace.Pitch);
                double along = PanelKernels<double, TVector>.Dot(reflector, z, length);
                PanelKernels<double, TVector>.ScaleAndShift(z, 1, factor * along, reflector, length);
            }
        }
    }

    private void OfAll(ReadOnlySpan<double> matrix, int n, int largest, Span<double> values, Span<double> vectors)
    {
        EigenWorkspace<double> workspace = Workspace(ref _all, n, vectors: true);
        if (_allValues.Length < n)
        {
            _allValues = new double[n];
            _allVectors = new double[(long)n * n];
        }

        SymmetricEigen.ValuesAndVectors(matrix, n, _allValues, _allVectors, workspace);
        for (int i = 0; i < values.Length; i++)
        {
            int place = Place(i, n, largest);
            values[i] = _allValues[place];
            _allVectors.AsSpan(place * n, n).CopyTo(vectors[(i * n)..]);
        }
    }

    // Where result i stands among all values in ascending order.
    private static int Place(int i, int n, int largest) => i < largest ? n - 1 - i : i - largest;

    private EigenWorkspace<double> Workspace(ref EigenWorkspace<double>? workspace, int n, bool vectors)
    {
        if (workspace is null || workspace.Capacity < n)
        {
            workspace?.Dispose();
            workspace = new EigenWorkspace<double>(Math.Max(n, capacity), vectors);
        }

        return workspace;
    }

    private AlignedBuffer<double> Rows(long length)
    {
        if (_vectors is null || _vectors.Span.Length < length)
        {
            _vectors?.Dispose();
            _vectors = new AlignedBuffer<double>(length);
        }

        return _vectors;
    }
}
