using System.Numerics.Tensors;
using Hesse.Backends;
using Hesse.Data;
using Hesse.Eigen;
using Hesse.Networks;
using Hesse.Specs;

namespace Hesse.Observables;

/// <summary>
/// Mean and variance of the loss increment of one update, given theta. The update is theta - (d + A g) with a diagonal A and a drift d
/// (<see cref="OptimizerForms"/>), the mini-batch gradient g has the mean m and the covariance S. With the gradient mu of the training
/// loss and q = d + A m, to second order
/// mean = -mu . q + (q . H q + tr(H A S A)) / 2,  variance = mu . A S A mu; with the slope mu - H q at the end of the mean step in the
/// place of mu the variance holds the curvature's part that is linear in the noise.
/// m = mu and S = C (N - b)/((N - 1) b) for epochs, C / b with replacement, 0 for full; for sequential m is the gradient of the rows whose
/// turn it is and S = 0. C = (1/N) sum (g_n - mu)(g_n - mu)^T.
/// </summary>
internal sealed class UpdatePrediction
{
    // Per-sample gradients that are held at once.
    private const int Block = 32;

    private readonly Snapshot _snapshot;
    private readonly double[] _gradient; // mu (R,P)
    private readonly double[] _drift; // d (R,P)
    private readonly double[] _scale; // diagonal of A (R,P)

    private UpdatePrediction(Snapshot snapshot)
    {
        _snapshot = snapshot;
        int replicas = snapshot.Replicas;
        Mean = new double[replicas];
        Variance = new double[replicas];
        CurvedVariance = new double[replicas];
        int p = snapshot.Network.ParameterCount;
        Points points = snapshot.DoublePoints;
        _gradient = new double[(long)replicas * p];
        snapshot.Backend.Gradient(points, _gradient);
        double[] mean = _gradient;
        if (snapshot.Batches!.Order == BatchOrder.Sequential)
        {
            mean = new double[_gradient.Length];
            Points batch = snapshot.BatchPoints(snapshot.Step, snapshot.Parameters);
            snapshot.Backend.Gradient(new Points(batch.Network, batch.Parameters, batch.Data, Precision.Float64), mean);
        }

        double share = ShareOfCovariance();
        double[] variances = [];
        if (share > 0 && OptimizerForms.HasPreconditioner(snapshot.Problem!))
        {
            variances = new double[_gradient.Length];
            snapshot.Backend.SecondMomentDiagonal(points, variances);
            for (int i = 0; i < variances.Length; i++)
            {
                variances[i] = share * Math.Max(0, variances[i] - (_gradient[i] * _gradient[i]));
            }
        }

        _drift = new double[_gradient.Length];
        _scale = new double[_gradient.Length];
        OptimizerForms.Affine(snapshot, mean, variances, _drift, _scale);
        double[] moves = new double[_gradient.Length]; // q
        for (int i = 0; i < moves.Length; i++)
        {
            moves[i] = Math.FusedMultiplyAdd(_scale[i], mean[i], _drift[i]);
        }

        double[] images = new double[moves.Length];
        snapshot.Backend.HessianVectorProducts(points, moves, images);
        for (int r = 0; r < replicas; r++)
        {
            ReadOnlySpan<double> q = moves.AsSpan(r * p, p);
            Mean[r] =
                -KrylovBasis.Dot(_gradient.AsSpan(r * p, p), q) + (KrylovBasis.Dot(q, images.AsSpan(r * p, p)) / 2);
        }

        if (share > 0)
        {
            TensorPrimitives.Subtract(_gradient, images, images);
            AddNoise(points, share, images);
        }
    }

    /// <summary>Expected increment. (R)</summary>
    public double[] Mean { get; }

    /// <summary>Its variance. (R)</summary>
    public double[] Variance { get; }

    /// <summary>Its variance with the slope at the end of the mean step. (R)</summary>
    public double[] CurvedVariance { get; }

    /// <summary>The prediction for the update that follows the snapshot; null for rules that have none.</summary>
    public static UpdatePrediction? Of(Snapshot snapshot) =>
        OptimizerForms.IsAffine(snapshot.Problem!) ? new UpdatePrediction(snapshot) : null;

    /// <summary>Numbers that a replica takes.</summary>
    public static long Space(Network network) =>
        ((7L + (2 * Block)) * network.ParameterCount) + (Block * (network.InputWidth + network.OutputWidth + 1L));

    /// <summary>
    /// Width of an interval that holds the increment of every mini-batch, to second order: with |H| at most L and
    /// ||g_n|| at most G it is 2 G ||A mu|| + L (||d|| + a G)^2, a the largest entry of A; for sgd 2 eta G ||mu|| + eta^2 L G^2. L and G are
    /// those at theta. (R)
    /// </summary>
    public double[] Widths()
    {
        int p = _snapshot.Network.ParameterCount;
        int n = _snapshot.Training.Samples;
        double[] norms = new double[_snapshot.Replicas * n];
        _snapshot.Backend.PerSampleGradientNorms(_snapshot.DoublePoints, norms);
        // The bound is loose by more than this tolerance of L.
        double[] pairs = HessianEigenpairs.Of(_snapshot, 1, p > 1 ? 1 : 0, 1e-3);
        int count = p > 1 ? 2 : 1;
        double[] widths = new double[_snapshot.Replicas];
        for (int r = 0; r < widths.Length; r++)
        {
            int width = EigenpairRequest.Heading + p;
            double curvature = Math.Abs(pairs[r * count * width]);
            curvature = Math.Max(curvature, Math.Abs(pairs[((r * count) + count - 1) * width]));
            double largest = TensorPrimitives.Max<double>(norms.AsSpan(r * n, n));
            ReadOnlySpan<double> scale = _scale.AsSpan(r * p, p);
            double[] scaled = new double[p];
            TensorPrimitives.Multiply(scale, _gradient.AsSpan(r * p, p), scaled);
            double reach = KrylovBasis.Norm(_drift.AsSpan(r * p, p)) + (TensorPrimitives.MaxMagnitude(scale) * largest);
            widths[r] = (2 * largest * KrylovBasis.Norm(scaled)) + (curvature * reach * reach);
        }

        return widths;
    }

    // S / C
    private double ShareOfCovariance()
    {
        double n = _snapshot.Training.Samples;
        double b = _snapshot.Batches!.BatchSize(_snapshot.Step);
        return _snapshot.Batches.Order switch
        {
            BatchOrder.WithReplacement => 1 / b,
            BatchOrder.Epochs => n > 1 ? (n - b) / ((n - 1) * b) : 0,
            _ => 0,
        };
    }

    // tr(H A C A) and mu . A C A mu as means over the samples, a block of them at a time, ascending.
    private void AddNoise(Points points, double share, double[] slopes)
    {
        int p = points.Network.ParameterCount;
        int replicas = points.Replicas;
        double[] traces = new double[replicas];
        double[] squares = new double[replicas];
        double[] curved = new double[replicas];
        long room = (long)replicas * Math.Min(Block, points.Samples) * p;
        double[] ofMoves = new double[room];
        double[] ofImages = new double[room];
        for (int from = 0; from < points.Samples; from += Block)
        {
            int count = Math.Min(Block, points.Samples - from);
            int[] rows = [.. Enumerable.Range(from, count)];
            DataSet block = Slices.ChooseRows(points.Data, [.. Enumerable.Repeat(rows, replicas)]);
            Span<double> moves = ofMoves.AsSpan(0, replicas * count * p); // A (g_n - mu)
            Span<double> images = ofImages.AsSpan(0, moves.Length);
            _snapshot.Backend.PerSampleGradients(
                new Points(points.Network, points.Parameters, block, Precision.Float64),
                moves
            );
            for (int row = 0; row < replicas * count; row++)
            {
                Span<double> move = moves.Slice(row * p, p);
                TensorPrimitives.Subtract(move, _gradient.AsSpan(row / count * p, p), move);
                TensorPrimitives.Multiply(move, _scale.AsSpan(row / count * p, p), move);
            }

            _snapshot.Backend.HessianVectorProducts(points, moves, images);
            for (int row = 0; row < replicas * count; row++)
            {
                int r = row / count;
                ReadOnlySpan<double> move = moves.Slice(row * p, p);
                double along = KrylovBasis.Dot(_gradient.AsSpan(r * p, p), move);
                traces[r] += KrylovBasis.Dot(move, images.Slice(row * p, p));
                squares[r] = Math.FusedMultiplyAdd(along, along, squares[r]);
                along = KrylovBasis.Dot(slopes.AsSpan(r * p, p), move);
                curved[r] = Math.FusedMultiplyAdd(along, along, curved[r]);
            }
        }

        for (int r = 0; r < replicas; r++)
        {
            Mean[r] += share * traces[r] / points.Samples / 2;
            Variance[r] = share * squares[r] / points.Samples;
            CurvedVariance[r] = share * curved[r] / points.Samples;
        }
    }
}
