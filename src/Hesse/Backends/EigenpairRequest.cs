using Hesse.Replicas;

namespace Hesse.Backends;

/// <summary>Which eigenpairs of the Hessian are asked for, and the key of the random start vectors.</summary>
public sealed record EigenpairRequest
{
    /// <summary>Up to this p the Hessian is assembled and all its eigenvalues are computed; beyond, Lanczos' method multiplies with it.</summary>
    public const int ExactUpTo = 600;

    /// <summary>Numbers before the vector in a row of the result: eigenvalue, residual, iterations, converged.</summary>
    public const int Heading = 4;

    /// <summary>How many of the algebraically largest.</summary>
    public required int Largest { get; init; }

    /// <summary>How many of the smallest.</summary>
    public int Smallest { get; init; }

    /// <summary>A pair has converged when ||H u - theta u|| is at most this times |theta|.</summary>
    public required double Tolerance { get; init; }

    /// <summary>Seed of the experiment.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The step at which the points were taken.</summary>
    public required int Step { get; init; }

    /// <summary>Numbers of the replicas in the experiment. (R)</summary>
    public required IReadOnlyList<int> ReplicaNumbers { get; init; }

    /// <summary>Pairs of a replica.</summary>
    public int Count => Largest + Smallest;

    /// <summary>Start vector of this number: standard normal numbers of stream LanczosStart, element number * p + i.</summary>
    internal void Start(int replica, int number, Span<double> vector) =>
        NormalDeviates.Fill(
            Seed,
            (uint)((long)number * vector.Length % int.MaxValue),
            (uint)Step,
            (uint)ReplicaNumbers[replica],
            RandomStream.LanczosStart,
            vector
        );
}
