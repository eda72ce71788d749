using Hesse.Backends;

namespace Hesse.Eigen;

/// <summary>The pairs that an <see cref="EigenpairRequest"/> asks for, from an assembled matrix or by Lanczos' method.</summary>
internal static class ExtremePairs
{
    /// <summary>Pairs of an assembled matrix; the residual is measured on it. Iterations 0, converged.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="matrix">(p,p), both triangles.</param>
    /// <param name="values">(Count); NaN where there are none.</param>
    /// <param name="vectors">(Count,p)</param>
    /// <param name="rows">(Count, 4 + p)</param>
    public static void OfMatrix(
        EigenpairRequest request,
        ReadOnlySpan<double> matrix,
        ReadOnlySpan<double> values,
        ReadOnlySpan<double> vectors,
        Span<double> rows
    )
    {
        int p = vectors.Length / request.Count;
        for (int i = 0; i < request.Count; i++)
        {
            ReadOnlySpan<double> u = vectors.Slice(i * p, p);
            double squares = 0;
            for (int k = 0; k < p; k++)
            {
                double rest = KrylovBasis.Dot(matrix.Slice(k * p, p), u) - (values[i] * u[k]);
                squares = Math.FusedMultiplyAdd(rest, rest, squares);
            }

            Span<double> row = rows.Slice(i * (EigenpairRequest.Heading + p), EigenpairRequest.Heading + p);
            row[0] = values[i];
            row[1] = Math.Sqrt(squares);
            row[2] = 0;
            row[3] = double.IsFinite(values[i]) ? 1 : 0;
            u.CopyTo(row[EigenpairRequest.Heading..]);
        }
    }

    /// <summary>By Lanczos' method.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="replica">Which of the points.</param>
    /// <param name="p">Order of the matrix.</param>
    /// <param name="product">Multiplies with H.</param>
    /// <param name="rows">(Count, 4 + p)</param>
    /// <param name="spare">Where bases come from and go to; null for the collector.</param>
    public static void ByLanczos(
        EigenpairRequest request,
        int replica,
        int p,
        SymmetricProduct product,
        Span<double> rows,
        SpareVectors? spare = null
    )
    {
        using HessianLanczos run = new(request, replica, p, spare);
        while (!run.Finished)
        {
            product(run.Direction(), run.Image);
            run.Take();
        }

        run.Write(rows);
    }
}
