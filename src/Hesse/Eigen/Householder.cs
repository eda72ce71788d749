using System.Numerics;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>The reflector of one row, H = I - tau v v^T with v = 1 at its pivot.</summary>
internal static unsafe class Householder<T, TVector>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TVector : unmanaged, IVector<TVector, T>
{
    /// <summary>
    /// Turns row[0..i-1] into v with v[i-1] = 1; the reflector maps the old row to beta in element i - 1 and zeros before it.
    /// A row that is reduced already gives v = 0 and tau = 0, the identity.
    /// </summary>
    /// <param name="row">(length), zero from i on.</param>
    /// <param name="i">One behind the pivot.</param>
    /// <param name="length">i rounded up to whole blocks of 64 bytes.</param>
    /// <param name="beta">What the row becomes at its pivot.</param>
    /// <returns>tau.</returns>
    public static T Reflector(T* row, int i, int length, out T beta)
    {
        T alpha = row[i - 1];
        row[i - 1] = T.Zero;
        T tail = PanelKernels<T, TVector>.Dot(row, row, length);
        T unscale = T.One;
        T square = T.FusedMultiplyAdd(alpha, alpha, tail);
        // The matrix is scaled to a largest element near one, so squares cannot overflow; where they come near underflow
        // they have lost digits, and tau and v would not belong together: compute with a larger copy of the row.
        if (square < Precision<T>.SmallSquare)
        {
            PanelKernels<T, TVector>.Scale(row, length, Precision<T>.Enlarge);
            alpha *= Precision<T>.Enlarge;
            unscale = T.One / Precision<T>.Enlarge;
            tail = PanelKernels<T, TVector>.Dot(row, row, length);
            square = T.FusedMultiplyAdd(alpha, alpha, tail);
        }

        if (tail == T.Zero)
        {
            beta = alpha * unscale;
            return T.Zero;
        }

        T norm = T.Sqrt(square);
        T image = alpha > T.Zero ? -norm : norm;
        PanelKernels<T, TVector>.Scale(row, length, T.One / (alpha - image));
        row[i - 1] = T.One;
        beta = image * unscale;
        return (image - alpha) / image;
    }
}
