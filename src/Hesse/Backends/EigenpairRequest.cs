using System.Numerics.Tensors;
using Hesse.Eigen;
using Hesse.Replicas;

namespace Hesse.Backends;

/// <summary>How eigenpairs at the ends of a spectrum are found.</summary>
public enum EigenpairMethod
{
    /// <summary>From the assembled matrix up to p = <see cref="EigenpairRequest.ExactUpTo"/>, beyond by Lanczos' method.</summary>
    Automatic,

    /// <summary>From the assembled matrix.</summary>
    Exact,

    /// <summary>By Lanczos' method with products.</summary>
    Lanczos,
}

/// <summary>Which eigenpairs of the Hessian are asked for, and the key of the random start vectors.</summary>
public sealed record EigenpairRequest
{
    /// <summary>Up to this p the Hessian is assembled and reduced to tridiagonal form; beyond, Lanczos' method multiplies with it.</summary>
    public const int ExactUpTo = 600;

    /// <summary>Numbers before the vector in a row of the result: eigenvalue, residual, iterations, converged.</summary>
    public const int Heading = 4;

    /// <summary>How many of the algebraically largest.</summary>
    public required int Largest { get; init; }

    /// <summary>How many of the smallest.</summary>
    public int Smallest { get; init; }

    /// <summary>A pair has converged when ||H u - theta u|| is at most this times |theta|.</summary>
    public required double Tolerance { get; init; }

    /// <summary>How they are found.</summary>
    public EigenpairMethod Method { get; init; }

    /// <summary>Seed of the experiment.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The step at which the points were taken.</summary>
    public required int Step { get; init; }

    /// <summary>Numbers of the replicas in the experiment. (R)</summary>
    public required IReadOnlyList<int> ReplicaNumbers { get; init; }

    /// <summary>
    /// Diagonals D of the replicas when the pairs are those of D H D instead of H, (R,P); empty for H itself. Every backend applies
    /// it by <see cref="Scale"/> and Eigen/HessianLanczos.
    /// </summary>
    public ReadOnlyMemory<double> Diagonal { get; init; }

    /// <summary>
    /// Directions near the wanted eigenvectors from which Lanczos' method begins, (R,P); empty, or a row of zeros, for a random one.
    /// </summary>
    public ReadOnlyMemory<double> Starts { get; init; }

    /// <summary>Pairs of a replica.</summary>
    public int Count => Largest + Smallest;

    /// <summary>Whether a matrix of order p is assembled.</summary>
    public static bool Assembles(EigenpairMethod method, int p) =>
        method == EigenpairMethod.Exact || (method == EigenpairMethod.Automatic && p <= ExactUpTo);

    /// <summary>Whether this request assembles a matrix of order p.</summary>
    internal bool Assembles(int p) => Assembles(Method, p);

    /// <summary>H to D H D. (P,P)</summary>
    internal void Scale(int replica, Span<double> matrix)
    {
        if (Diagonal.IsEmpty)
        {
            return;
        }

        int p = (int)Math.Sqrt(matrix.Length);
        ReadOnlySpan<double> diagonal = Diagonal.Span.Slice(replica * p, p);
        for (int i = 0; i < p; i++)
        {
            for (int j = 0; j < p; j++)
            {
                matrix[(i * p) + j] *= diagonal[i] * diagonal[j];
            }
        }
    }

    /// <summary>
    /// Start vector of this number: standard normal numbers of stream LanczosStart, element number * p + i. A given direction comes in
    /// the place of the first, with a hundredth of the normal vector, so that no eigenvector is out of reach.
    /// </summary>
    internal void Start(int replica, int number, Span<double> vector)
    {
        NormalDeviates.Fill(
            Seed,
            (uint)((long)number * vector.Length % int.MaxValue),
            (uint)Step,
            (uint)ReplicaNumbers[replica],
            RandomStream.LanczosStart,
            vector
        );
        if (number > 0 || Starts.IsEmpty)
        {
            return;
        }

        ReadOnlySpan<double> given = Starts.Span.Slice(replica * vector.Length, vector.Length);
        if (given.ContainsAnyExcept(0))
        {
            double share = 0.01 * KrylovBasis.Norm(given) / KrylovBasis.Norm(vector);
            TensorPrimitives.Multiply(vector, share, vector);
            TensorPrimitives.Add(vector, given, vector);
        }
    }
}
