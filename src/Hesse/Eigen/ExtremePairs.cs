using Hesse.Backends;

namespace Hesse.Eigen;

/// <summary>The pairs that an <see cref="EigenpairRequest"/> asks for, from all pairs of a matrix or by Lanczos' method.</summary>
internal static class ExtremePairs
{
    /// <summary>Picks from all eigenpairs; the residual is measured on the matrix. Iterations 0, converged.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="matrix">(p,p), both triangles.</param>
    /// <param name="values">(p), ascending; NaN where there are none.</param>
    /// <param name="vectors">(p,p), rows.</param>
    /// <param name="rows">(Count, 4 + p)</param>
    public static void FromAll(
        EigenpairRequest request,
        ReadOnlySpan<double> matrix,
        ReadOnlySpan<double> values,
        ReadOnlySpan<double> vectors,
        Span<double> rows
    )
    {
        int p = values.Length;
        for (int i = 0; i < request.Count; i++)
        {
            int place = i < request.Largest ? p - 1 - i : i - request.Largest;
            ReadOnlySpan<double> u = vectors.Slice(place * p, p);
            double squares = 0;
            for (int k = 0; k < p; k++)
            {
                double rest = KrylovBasis.Dot(matrix.Slice(k * p, p), u) - (values[place] * u[k]);
                squares = Math.FusedMultiplyAdd(rest, rest, squares);
            }

            Span<double> row = rows.Slice(i * (EigenpairRequest.Heading + p), EigenpairRequest.Heading + p);
            row[0] = values[place];
            row[1] = Math.Sqrt(squares);
            row[2] = 0;
            row[3] = double.IsFinite(values[place]) ? 1 : 0;
            u.CopyTo(row[EigenpairRequest.Heading..]);
        }
    }

    /// <summary>By Lanczos' method.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="replica">Which of the points.</param>
    /// <param name="p">Order of the matrix.</param>
    /// <param name="product">Multiplies with H.</param>
    /// <param name="rows">(Count, 4 + p)</param>
    public static void ByLanczos(
        EigenpairRequest request,
        int replica,
        int p,
        SymmetricProduct product,
        Span<double> rows
    )
    {
        double[] values = new double[request.Count];
        double[] residuals = new double[request.Count];
        double[] vectors = new double[(long)request.Count * p];
        bool[] converged = new bool[request.Count];
        int products = Lanczos.Extremes(
            p,
            request.Largest,
            request.Smallest,
            request.Tolerance,
            request.Scaled(replica, product),
            (number, vector) => request.Start(replica, number, vector),
            values,
            residuals,
            vectors,
            converged
        );
        for (int i = 0; i < request.Count; i++)
        {
            Span<double> row = rows.Slice(i * (EigenpairRequest.Heading + p), EigenpairRequest.Heading + p);
            row[0] = values[i];
            row[1] = residuals[i];
            row[2] = products;
            row[3] = converged[i] ? 1 : 0;
            vectors.AsSpan(i * p, p).CopyTo(row[EigenpairRequest.Heading..]);
        }
    }
}
