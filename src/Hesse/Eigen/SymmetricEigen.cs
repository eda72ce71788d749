using System.Numerics;
using System.Runtime.Intrinsics;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>
/// All eigenvalues, and vectors where wanted, of a dense symmetric matrix: Householder tridiagonalisation, then QL; eigenvalues alone
/// of large orders by way of a band (docs/numerics.md, 6). One matrix
/// on one thread; callers run several at once, each with its own workspace. The bits are a function of the matrix alone, the
/// same for every vector width. Errors are of the order of n * eps * largest |eigenvalue| at most.
/// </summary>
public static unsafe class SymmetricEigen
{
    /// <summary>Eigenvalues in ascending order.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    /// <param name="matrix">(n, n) row-major; only the lower triangle (row i, column j at most i) is read. It is not changed.</param>
    /// <param name="n">Order.</param>
    /// <param name="eigenvalues">(n), ascending; all NaN where the triangle holds a NaN or an infinity (a diverged replica).</param>
    /// <param name="workspace">Scratch of capacity n at least.</param>
    /// <returns>False where the QL iteration reached its limit; the eigenvalues are NaN then.</returns>
    /// <exception cref="ArgumentException">A span or the workspace is too small.</exception>
    public static bool Values<T>(ReadOnlySpan<T> matrix, int n, Span<T> eigenvalues, EigenWorkspace<T> workspace)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return Values<T, Register512<T>>(matrix, n, eigenvalues, workspace);
        }

        return Vector256.IsHardwareAccelerated
            ? Values<T, Register256<T>>(matrix, n, eigenvalues, workspace)
            : Values<T, Register128<T>>(matrix, n, eigenvalues, workspace);
    }

    /// <summary>Eigenvalues in ascending order, with orthonormal eigenvectors.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    /// <param name="matrix">(n, n) row-major; only the lower triangle (row i, column j at most i) is read. It is not changed.</param>
    /// <param name="n">Order.</param>
    /// <param name="eigenvalues">(n), ascending; all NaN where the triangle holds a NaN or an infinity (a diverged replica).</param>
    /// <param name="vectors">(n, n) row-major, row k = eigenvector k; NaN with the eigenvalues.</param>
    /// <param name="workspace">Scratch of capacity n at least, made for vectors.</param>
    /// <returns>False where the QL iteration reached its limit; eigenvalues and vectors are NaN then.</returns>
    /// <exception cref="ArgumentException">A span or the workspace is too small.</exception>
    public static bool ValuesAndVectors<T>(
        ReadOnlySpan<T> matrix,
        int n,
        Span<T> eigenvalues,
        Span<T> vectors,
        EigenWorkspace<T> workspace
    )
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return ValuesAndVectors<T, Register512<T>>(matrix, n, eigenvalues, vectors, workspace);
        }

        return Vector256.IsHardwareAccelerated
            ? ValuesAndVectors<T, Register256<T>>(matrix, n, eigenvalues, vectors, workspace)
            : ValuesAndVectors<T, Register128<T>>(matrix, n, eigenvalues, vectors, workspace);
    }

    /// <summary><see cref="Values{T}"/> on registers of one width.</summary>
    internal static bool Values<T, TVector>(
        ReadOnlySpan<T> matrix,
        int n,
        Span<T> eigenvalues,
        EigenWorkspace<T> workspace
    )
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TVector : unmanaged, IVector<TVector, T>
    {
        Check(matrix.Length, n, eigenvalues.Length, workspace);
        Span<T> values = eigenvalues[..n];
        if (!Tridiagonalise<T, TVector>(matrix, n, workspace, out int exponent))
        {
            values.Fill(T.NaN);
            return true;
        }

        long sweepLimit = (long)workspace.SweepsPerEigenvalue * n;
        if (!TridiagonalValues<T>.Iterate(workspace.Diagonal, workspace.OffDiagonal, n, sweepLimit))
        {
            values.Fill(T.NaN);
            return false;
        }

        new Span<T>(workspace.Diagonal, n).CopyTo(values);
        Finish(values, exponent);
        return true;
    }

    /// <summary>A tridiagonal matrix with the eigenvalues of matrix / 2^exponent, in the workspace. False where an element is NaN or infinite.</summary>
    internal static bool Tridiagonalise<T, TVector>(
        ReadOnlySpan<T> matrix,
        int n,
        EigenWorkspace<T> workspace,
        out int exponent
    )
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TVector : unmanaged, IVector<TVector, T>
    {
        if (!Load<T, TVector>(matrix, n, workspace, out exponent))
        {
            return false;
        }

        if (n >= workspace.TwoStageOrder)
        {
            BandReduction<T, TVector>.Reduce(n, workspace);
            BulgeChasing<T, TVector>.Reduce(n, workspace);
        }
        else
        {
            Tridiagonalisation<T, TVector>.Reduce(n, workspace);
        }

        return true;
    }

    /// <summary>The values times 2^exponent, ascending.</summary>
    internal static void Finish<T>(Span<T> values, int exponent)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        (T first, T second) = PowersOfTwo<T>(exponent);
        foreach (ref T value in values)
        {
            value = value * first * second;
        }

        values.Sort();
    }

    /// <summary><see cref="ValuesAndVectors{T}"/> on registers of one width.</summary>
    internal static bool ValuesAndVectors<T, TVector>(
        ReadOnlySpan<T> matrix,
        int n,
        Span<T> eigenvalues,
        Span<T> vectors,
        EigenWorkspace<T> workspace
    )
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TVector : unmanaged, IVector<TVector, T>
    {
        Check(matrix.Length, n, eigenvalues.Length, workspace);
        if (vectors.Length < (long)n * n || !workspace.HoldsVectors)
        {
            throw new ArgumentException(
                workspace.HoldsVectors
                    ? $"{vectors.Length} elements cannot hold {n} eigenvectors"
                    : "the workspace was made for eigenvalues only"
            );
        }

        Span<T> values = eigenvalues[..n];
        vectors = vectors[..(n * n)];
        if (!Load<T, TVector>(matrix, n, workspace, out int exponent))
        {
            values.Fill(T.NaN);
            vectors.Fill(T.NaN);
            return true;
        }

        Tridiagonalisation<T, TVector>.Reduce(n, workspace);
        OrthogonalFactor<T, TVector>.Form(n, workspace);
        bool converged = TridiagonalVectors<T, TVector>.Iterate(
            workspace.Diagonal,
            workspace.OffDiagonal,
            n,
            (long)workspace.SweepsPerEigenvalue * n,
            workspace.Vectors,
            workspace.Pitch,
            workspace.Rotations
        );
        if (!converged)
        {
            values.Fill(T.NaN);
            vectors.Fill(T.NaN);
            return false;
        }

        (T first, T second) = PowersOfTwo<T>(exponent);
        Span<int> order = workspace.Rotations.Order[..n];
        for (int i = 0; i < n; i++)
        {
            values[i] = workspace.Diagonal[i] * first * second;
            order[i] = i;
        }

        values.Sort(order);
        for (int k = 0; k < n; k++)
        {
            new Span<T>(workspace.Vectors + (order[k] * (nint)workspace.Pitch), n).CopyTo(vectors.Slice(k * n, n));
        }

        return true;
    }

    private static void Check<T>(int matrixLength, int n, int valuesLength, EigenWorkspace<T> workspace)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        if (matrixLength < (long)n * n || valuesLength < n)
        {
            throw new ArgumentException(
                $"a matrix of {matrixLength} elements and {valuesLength} eigenvalues do not fit order {n}"
            );
        }

        if (n > workspace.Capacity)
        {
            throw new ArgumentException($"a workspace for order {workspace.Capacity} does not fit order {n}");
        }
    }

    // Copies the triangle, scaled by a power of two to a largest element in [1, 2): squares then neither overflow nor, where
    // it would matter, underflow. False where an element is NaN or infinite.
    internal static bool Load<T, TVector>(ReadOnlySpan<T> matrix, int n, EigenWorkspace<T> workspace, out int exponent)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TVector : unmanaged, IVector<TVector, T>
    {
        exponent = 0;
        fixed (T* source = matrix)
        {
            T largest = PackedTriangle<T, TVector>.LargestMagnitude(source, n);
            if (!T.IsFinite(largest))
            {
                return false;
            }

            exponent = largest == T.Zero ? 0 : T.ILogB(largest);
            (T first, T second) = PowersOfTwo<T>(-exponent);
            PackedTriangle<T, TVector>.Fill(workspace.Packed, source, n, first, second);
        }

        return true;
    }

    // 2^exponent as a product of two numbers of T, because one may lie outside T's range.
    internal static (T First, T Second) PowersOfTwo<T>(int exponent)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int half = exponent / 2;
        return (T.ScaleB(T.One, half), T.ScaleB(T.One, exponent - half));
    }
}
