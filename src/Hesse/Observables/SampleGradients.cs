using Hesse.Eigen;
using Hesse.Networks;

namespace Hesse.Observables;

/// <summary>
/// The sums over per-sample gradients that the quantities of gradient noise are made of, from their norms and their products with
/// the gradient: no per-sample gradient is formed.
/// </summary>
internal sealed class SampleGradients
{
    private readonly int _samples;
    private readonly int _parameters;
    private readonly double[] _norms; // (R,N)
    private readonly double[] _products; // (R,N)
    private readonly double[] _gradients; // (R,P)

    /// <summary>Measures.</summary>
    public SampleGradients(Snapshot snapshot)
    {
        _samples = snapshot.Training.Samples;
        _parameters = snapshot.Network.ParameterCount;
        _gradients = new double[(long)snapshot.Replicas * _parameters];
        _norms = new double[(long)snapshot.Replicas * _samples];
        _products = new double[_norms.Length];
        snapshot.Backend.Gradient(snapshot.Points, _gradients);
        snapshot.Backend.PerSampleGradientNorms(snapshot.Points, _norms);
        snapshot.Backend.PerSampleGradientProjections(snapshot.Points, _gradients, _products);
    }

    /// <summary>g of replica r. (P)</summary>
    public ReadOnlySpan<double> Gradient(int replica) => _gradients.AsSpan(replica * _parameters, _parameters);

    /// <summary>||g||^2 of replica r.</summary>
    public double SquaredNorm(int replica) => KrylovBasis.Dot(Gradient(replica), Gradient(replica));

    /// <summary>||g_n|| of replica r. (N)</summary>
    public ReadOnlySpan<double> Norms(int replica) => _norms.AsSpan(replica * _samples, _samples);

    /// <summary>&lt;g_n, g&gt; of replica r. (N)</summary>
    public ReadOnlySpan<double> Products(int replica) => _products.AsSpan(replica * _samples, _samples);

    /// <summary>Numbers that a replica takes.</summary>
    public static long Space(Network network, int samples) => network.ParameterCount + (2L * samples);
}
