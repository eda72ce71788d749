using System.Numerics.Tensors;
using Hesse.Backends;
using Hesse.Backends.Stepwise;

namespace Hesse.Optimizers;

/// <summary>The largest eigenpairs of the Hessian of the training loss along a flow.</summary>
/// <param name="replicas">The wave.</param>
/// <param name="tolerance">Residual of a pair, relative to its eigenvalue.</param>
internal sealed class FlowEigenpairs(StepwiseReplicas replicas, double tolerance)
{
    private readonly double[] _points = new double[replicas.Parameters.Length]; // (R,P)
    private double[] _pairs = []; // (R,count,4+P)

    /// <summary>Numbers of one pair: those of <see cref="EigenpairRequest.Heading"/>, then the vector.</summary>
    public int Row { get; } = EigenpairRequest.Heading + replicas.ParameterCount;

    /// <summary>Finds pairs of some replicas.</summary>
    /// <param name="theta">Where the flow of each replica is. (R,P)</param>
    /// <param name="due">The replicas.</param>
    /// <param name="count">Pairs of each.</param>
    /// <param name="take">Gets the pairs of a replica, descending (count,4+P); nothing where the replica has left the numbers.</param>
    public void Find(ReadOnlySpan<double> theta, int[] due, int count, Action<int, ReadOnlySpan<double>> take)
    {
        if (due.Length == 0)
        {
            return;
        }

        // Data sets of their own come with all replicas.
        int[] asked = replicas.Training.Sets == 1 ? due : [.. Enumerable.Range(0, replicas.Count)];
        int p = replicas.ParameterCount;
        for (int i = 0; i < asked.Length; i++)
        {
            ReadOnlySpan<double> at = theta.Slice(asked[i] * p, p);
            Span<double> point = _points.AsSpan(i * p, p);
            at.CopyTo(point);
            if (!TensorPrimitives.IsFiniteAll(at))
            {
                // Solvers need numbers; what they make of zeros is not used.
                point.Clear();
            }
        }

        EigenpairRequest request = new()
        {
            Largest = count,
            Tolerance = tolerance,
            Seed = replicas.Problem.Seed,
            Step = replicas.Step,
            ReplicaNumbers = [.. asked.Select(replica => replicas.First + replica)],
        };
        int length = count * Row;
        if (_pairs.Length < asked.Length * length)
        {
            _pairs = new double[asked.Length * length];
        }

        Span<double> pairs = _pairs.AsSpan(0, asked.Length * length);
        Points points = replicas.At(_points.AsMemory(0, asked.Length * p), replicas.Training);
        replicas.Backend.HessianEigenpairs(points, request, pairs);
        for (int i = 0; i < asked.Length; i++)
        {
            if (due.Contains(asked[i]))
            {
                bool lost = !TensorPrimitives.IsFiniteAll(theta.Slice(asked[i] * p, p));
                take(asked[i], lost ? [] : pairs.Slice(i * length, length));
            }
        }
    }
}
