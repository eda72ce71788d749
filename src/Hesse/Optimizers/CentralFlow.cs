using System.Numerics.Tensors;
using Hesse.Backends.Stepwise;
using Hesse.Eigen;
using Hesse.Replicas;
using Hesse.Specs;

namespace Hesse.Optimizers;

/// <summary>
/// What makes a gradient flow the central flow of gradient descent with step size eta: d theta / dt = -grad f - (1/2) grad &lt;H, Sigma&gt;, Sigma &gt;= 0 on the eigenvectors
/// whose eigenvalues are critical, such that none exceeds 2/eta and Sigma is 0 where they are below. Sigma is the covariance of descent's
/// oscillation; the flow is the path of its time average (J. Cohen et al., arXiv 2410.24206).
/// </summary>
/// <remarks>
/// After an inner step h of the gradient flow from theta to theta', with the critical eigenvectors U of H(theta): X solves the problem of <see cref="SemidefiniteComplementarity"/> with
/// A = (2/eta) I - U^T H(theta') U and B_ij,rs = (h/2) &lt;G_ij, G_rs&gt;, and theta' - (h/2) sum_ij X_ij G_ij is where the step ends. G_ij = grad u_i^T H u_j
/// is the mean of the central differences of H u_j along u_i and of H u_i along u_j.
/// </remarks>
internal sealed class CentralFlow
{
    // Pairs that are found at first, and of a replica that is not at the threshold.
    private const int FewestPairs = 2;

    // From this share of 2/eta on a replica is looked at before every inner step.
    private const double Near = 0.9;

    // The eigenvalue errs by the square of it, the vector by it.
    private const double PairTolerance = 1e-6;

    // Balances the rounding of the products, 1e-16 / 1e-5, with the third power of the differences' length.
    private const double Difference = 1e-5;

    private readonly StepwiseReplicas _replicas;
    private readonly GradientFlowSpec _spec;
    private readonly FlowEigenpairs _eigenpairs;
    private readonly int[] _tracked; // (R) pairs that are found
    private readonly double[][] _vectors; // [replica] (critical,P); empty where none is critical
    private readonly double[] _variances; // (R,P) diag Sigma, its mean over the time of a tick

    public CentralFlow(StepwiseReplicas replicas, GradientFlowSpec spec)
    {
        _replicas = replicas;
        _spec = spec;
        _eigenpairs = new FlowEigenpairs(replicas, PairTolerance);
        _tracked = new int[replicas.Count];
        Array.Fill(_tracked, Math.Min(FewestPairs, replicas.ParameterCount));
        _vectors = new double[replicas.Count][];
        Array.Fill(_vectors, []);
        _variances = new double[replicas.Parameters.Length];
    }

    /// <summary>diag Sigma, the variances of the oscillation of each parameter: its mean over the latest tick, 0 before the first. (R,P)</summary>
    public ReadOnlySpan<double> Variances => _variances;

    private double Threshold => 2 / _spec.StepSize!.At(_replicas.Step);

    public void Transfer(int replica, StateTransfer transfer)
    {
        int p = _replicas.ParameterCount;
        transfer.Number(ref _tracked[replica]);
        transfer.Numbers(_variances.AsSpan(replica * p, p));
    }

    /// <summary>Begins a tick.</summary>
    public void Begin() => Array.Clear(_variances);

    /// <summary>Whether an eigenvalue may become critical within few inner steps.</summary>
    public bool IsNear(double sharpness) => sharpness >= Near * Threshold;

    /// <summary>Finds lambda_1 and the critical eigenvectors of the replicas that are due, 0 and none of one that has left the numbers.</summary>
    public void Refresh(ReadOnlySpan<double> theta, int[] due, double[] sharpness)
    {
        Array.Fill(_vectors, []);
        double bound = _spec.Critical * Threshold;
        int p = _replicas.ParameterCount;
        int row = _eigenpairs.Row;
        while (due.Length > 0)
        {
            int count = due.Min(replica => _tracked[replica]);
            int[] group = [.. due.Where(replica => _tracked[replica] == count)];
            _eigenpairs.Find(
                theta,
                group,
                count,
                (replica, pairs) =>
                {
                    sharpness[replica] = pairs.IsEmpty ? 0 : pairs[0];
                    int critical = 0;
                    while (critical < pairs.Length / row && pairs[critical * row] >= bound)
                    {
                        critical++;
                    }

                    if (critical == count && count < p)
                    {
                        // There may be more.
                        _tracked[replica] = Math.Min(p, 2 * count);
                        return;
                    }

                    _vectors[replica] = new double[critical * p];
                    for (int i = 0; i < critical; i++)
                    {
                        pairs[(((i + 1) * row) - p)..((i + 1) * row)].CopyTo(_vectors[replica].AsSpan(i * p, p));
                    }
                }
            );
            due = [.. due.Where(replica => _tracked[replica] > count)];
        }
    }

    /// <summary>
    /// Keeps the critical eigenvalues of each replica at the threshold or below. A replica becomes NaN where there is no X, or none that moves it by no more than the length of
    /// theta (or 1): slopes of a quadratic are nothing but rounding. Descent diverges from such points.
    /// </summary>
    /// <param name="theta">Where the inner steps began. (R,P)</param>
    /// <param name="next">Where those of the gradient flow have ended; changed. (R,P)</param>
    /// <param name="steps">Their length h; 0 for a replica at rest. (R)</param>
    public void Hold(double[] theta, double[] next, double[] steps)
    {
        int[] all = [.. Enumerable.Range(0, _replicas.Count)];
        int[] held = [.. all.Where(replica => _vectors[replica].Length > 0 && steps[replica] > 0)];
        if (held.Length == 0)
        {
            return;
        }

        // Data sets of their own come with all replicas.
        int[] asked = _replicas.Training.Sets == 1 ? held : all;
        int p = _replicas.ParameterCount;
        int count = asked.Max(replica => _vectors[replica].Length / p);
        double[] directions = new double[asked.Length * count * p];
        for (int i = 0; i < asked.Length; i++)
        {
            _vectors[asked[i]].CopyTo(directions.AsSpan(i * count * p));
        }

        double[] products = Products(next, asked, directions, -1, 0);
        double[] slopes = Slopes(theta, asked, directions, count);
        int pairs = SymmetricCoordinates.Count(count);
        _replicas.Backend.Split(
            asked.Length,
            (_, i) =>
            {
                int replica = asked[i];
                int critical = _vectors[replica].Length / p;
                if (critical > 0 && steps[replica] > 0)
                {
                    Move(
                        critical,
                        _vectors[replica],
                        products.AsSpan(i * count * p, count * p),
                        slopes.AsSpan(i * pairs * p, pairs * p),
                        steps[replica],
                        next.AsSpan(replica * p, p),
                        _variances.AsSpan(replica * p, p)
                    );
                }
            }
        );
    }

    /// <summary>Solves for X and moves one replica.</summary>
    private void Move(
        int critical,
        ReadOnlySpan<double> vectors,
        ReadOnlySpan<double> products,
        ReadOnlySpan<double> slopes,
        double step,
        Span<double> next,
        Span<double> variances
    )
    {
        int p = next.Length;
        int d = SymmetricCoordinates.Count(critical);
        double[] constant = new double[d];
        double[] weights = new double[d];
        for (int i = 0; i < critical; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                int place = SymmetricCoordinates.Place(i, j);
                weights[place] = SymmetricCoordinates.Weight(i, j);
                double curvature = Cholesky.Dot(vectors.Slice(i * p, p), products.Slice(j * p, p));
                constant[place] = weights[place] * ((i == j ? Threshold : 0) - curvature);
            }
        }

        double[] form = new double[d * d];
        for (int a = 0; a < d; a++)
        {
            for (int b = 0; b <= a; b++)
            {
                double product = Cholesky.Dot(slopes.Slice(a * p, p), slopes.Slice(b * p, p));
                form[(a * d) + b] = step / 2 * weights[a] * weights[b] * product;
                form[(b * d) + a] = form[(a * d) + b];
            }
        }

        double[] solution = new double[d];
        if (!SemidefiniteComplementarity.TrySolve(critical, constant, form, solution))
        {
            next.Fill(double.NaN);
            variances.Fill(double.NaN);
            return;
        }

        double[] move = new double[p];
        for (int a = 0; a < d; a++)
        {
            double share = -step / 2 * weights[a] * solution[a];
            TensorPrimitives.FusedMultiplyAdd(slopes.Slice(a * p, p), share, move, move);
        }

        if (!(Cholesky.Dot(move, move) <= Math.Max(1, Cholesky.Dot(next, next))))
        {
            next.Fill(double.NaN);
            variances.Fill(double.NaN);
            return;
        }

        TensorPrimitives.Add(next, move, next);
        AddVariances(critical, vectors, weights, solution, step / _spec.Tick.At(_replicas.Step), variances);
    }

    /// <summary>variances += share diag(U X U^T)</summary>
    private static void AddVariances(
        int critical,
        ReadOnlySpan<double> vectors,
        double[] weights,
        double[] solution,
        double share,
        Span<double> variances
    )
    {
        int p = variances.Length;
        double[] squares = new double[p];
        for (int i = 0; i < critical; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                int place = SymmetricCoordinates.Place(i, j);
                TensorPrimitives.Multiply(vectors.Slice(i * p, p), vectors.Slice(j * p, p), squares);
                TensorPrimitives.FusedMultiplyAdd(
                    squares,
                    share * weights[place] * solution[place],
                    variances,
                    variances
                );
            }
        }
    }

    /// <summary>G_ij at theta, i >= j. (asked, count (count + 1) / 2, P)</summary>
    private double[] Slopes(double[] theta, int[] asked, double[] directions, int count)
    {
        int p = _replicas.ParameterCount;
        int pairs = SymmetricCoordinates.Count(count);
        double[] slopes = new double[asked.Length * pairs * p];
        for (int i = 0; i < count; i++)
        {
            foreach (double distance in new[] { Difference, -Difference })
            {
                double[] products = Products(theta, asked, directions, i, distance);
                for (int j = 0; j < count; j++)
                {
                    int place = SymmetricCoordinates.Place(Math.Max(i, j), Math.Min(i, j));
                    double share = (i == j ? 0.5 : 0.25) / distance;
                    for (int a = 0; a < asked.Length; a++)
                    {
                        Span<double> slope = slopes.AsSpan(((a * pairs) + place) * p, p);
                        ReadOnlySpan<double> product = products.AsSpan(((a * count) + j) * p, p);
                        TensorPrimitives.FusedMultiplyAdd(product, share, slope, slope);
                    }
                }
            }
        }

        return slopes;
    }

    /// <summary>H v of all directions at points + distance u of the direction with this number, -1 for none. (asked,count,P)</summary>
    private double[] Products(double[] points, int[] asked, double[] directions, int along, double distance)
    {
        int p = _replicas.ParameterCount;
        int count = directions.Length / (asked.Length * p);
        double[] at = new double[asked.Length * p];
        for (int i = 0; i < asked.Length; i++)
        {
            Span<double> point = at.AsSpan(i * p, p);
            points.AsSpan(asked[i] * p, p).CopyTo(point);
            if (along >= 0)
            {
                ReadOnlySpan<double> direction = directions.AsSpan(((i * count) + along) * p, p);
                TensorPrimitives.FusedMultiplyAdd(direction, distance, point, point);
            }
        }

        double[] products = new double[directions.Length];
        _replicas.Backend.HessianVectorProducts(_replicas.At(at, _replicas.Training), directions, products);
        return products;
    }
}
