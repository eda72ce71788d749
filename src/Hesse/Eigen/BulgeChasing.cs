using System.Numerics;
using System.Runtime.CompilerServices;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>
/// The second of two stages: from the band of <see cref="BandReduction{T,TVector}"/> to tridiagonal form. The sweep of row i, from
/// the last to the second, reflects its b elements before the diagonal onto one; that fills the b rows above beyond the band,
/// and the first of these bulges is reflected away b rows further up, and so on to the top, b rows a step. What remains of a bulge
/// is what the next sweep removes. Source: Lang, SIAM J. Sci. Comput. 14 (1993) 1320.
/// <para>
/// Several sweeps run at once, each two steps behind the one before, which is as close as they can be without touching the same
/// numbers: the order in which they are interleaved changes no bit, and their steps share what is in the cache.
/// </para>
/// </summary>
internal static unsafe class BulgeChasing<T, TVector>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TVector : unmanaged, IVector<TVector, T>
{
    private const int Width = BandWorkspace<T>.Width;
    private const int Lag = 2;

    /// <summary>Reduces workspace.Band, order n; fills Diagonal and OffDiagonal.</summary>
    public static void Reduce(int n, EigenWorkspace<T> workspace)
    {
        BandWorkspace<T> band = workspace.Band;
        T* factors = stackalloc T[BandWorkspace<T>.Sweeps];
        for (int last = n - 1; last > 0; last -= BandWorkspace<T>.Sweeps)
        {
            int sweeps = Math.Min(BandWorkspace<T>.Sweeps, last);
            int steps = ((last + Width - 1) / Width) + (Lag * (sweeps - 1));
            for (int time = 0; time < steps; time++)
            {
                for (int sweep = 0; sweep < sweeps; sweep++)
                {
                    int step = time - (Lag * sweep);
                    int i = last - sweep;
                    int from = i - ((step + 1) * Width);
                    if (step < 0 || from <= -Width)
                    {
                        continue;
                    }

                    T* reflector = band.Reflectors + (sweep * Width);
                    if (step == 0)
                    {
                        new Span<T>(band.At(i, from), Width).CopyTo(new Span<T>(reflector, Width));
                        factors[sweep] = Householder<T, TVector>.Reflector(
                            reflector,
                            Width,
                            Width,
                            out workspace.OffDiagonal[i - 1]
                        );
                    }

                    ReflectDiagonalBlock(band.At(from, from), reflector, factors[sweep], band);
                    if (from > 0)
                    {
                        factors[sweep] = ChaseBulge(band.At(from, from - Width), reflector, factors[sweep], band);
                    }
                }
            }
        }

        for (int i = 0; i < n; i++)
        {
            workspace.Diagonal[i] = *band.At(i, i);
        }
    }

    // D = H D H on the lower triangle of a block on the diagonal: y = D v, w = tau y - (tau^2 / 2)(y . v) v, D - v w^T - w v^T.
    private static void ReflectDiagonalBlock(T* rows, T* v, T tau, BandWorkspace<T> band)
    {
        T* w = band.Vectors;
        BandKernels<T, TVector>.MultiplyDiagonalBlock(rows, v, w, w + Width, band.Corners, band.Masks);
        T shift = tau * tau * PanelKernels<T, TVector>.Dot(w, v, Width) * T.CreateChecked(-0.5);
        PanelKernels<T, TVector>.ScaleAndShift(w, tau, shift, v, Width);
        // Whole blocks of 64 bytes: what is written above the diagonal lies in elements whose values nothing uses.
        BandKernels<T, TVector>.SubtractRankTwo(rows, lower: true, v, w, w, v);
    }

    // C = H C before the diagonal block, then C = C G with G reflecting C's last row onto one element, all of it in one update:
    // with w = C^T v and u of G, H C G = C - tau v w^T - y u^T, y = sigma (C u - tau (w . u) v). u replaces v; sigma is returned.
    private static T ChaseBulge(T* rows, T* v, T tau, BandWorkspace<T> band)
    {
        nint pitch = BandWorkspace<T>.BandPitch;
        T* w = band.Vectors;
        T* u = w + Width;
        T* y = u + Width;
        T* scaled = y + Width;
        BandKernels<T, TVector>.MultiplyTransposed(rows, v, w);
        T* lastRow = rows + ((Width - 1) * pitch);
        new Span<T>(lastRow, Width).CopyTo(new Span<T>(u, Width));
        // v is one at its pivot, the last row.
        PanelKernels<T, TVector>.ScaleAndShift(u, T.One, -tau, w, Width);
        T sigma = Householder<T, TVector>.Reflector(u, Width, Width, out T beta);
        PanelKernels<T, TVector>.Dots(rows, pitch, Width, u, Width, y);
        T shift = -tau * PanelKernels<T, TVector>.Dot(w, u, Width) * sigma;
        PanelKernels<T, TVector>.ScaleAndShift(y, sigma, shift, v, Width);
        new Span<T>(v, Width).CopyTo(new Span<T>(scaled, Width));
        PanelKernels<T, TVector>.Scale(scaled, Width, tau);
        BandKernels<T, TVector>.SubtractRankTwo(rows, lower: false, scaled, w, y, u);
        new Span<T>(lastRow, Width - 1).Clear();
        lastRow[Width - 1] = beta;
        new Span<T>(u, Width).CopyTo(new Span<T>(v, Width));
        return sigma;
    }
}
