namespace Hesse.Statistics;

/// <summary>
/// A density on an even grid from weighted nodes: sum_i w_i N(t; t_i, h^2) with the Gaussian cut off beyond 4 h. With the
/// nodes and weights of Lanczos quadrature it is the broadened spectral density of Lin, Saad, Yang (2016).
/// </summary>
/// <param name="low">First grid point.</param>
/// <param name="high">Last grid point.</param>
/// <param name="points">Number of grid points, at least 2.</param>
/// <param name="bandwidth">h, in the unit of the grid.</param>
internal sealed class KernelDensity(double low, double high, int points, double bandwidth)
{
    private const double Reach = 4;
    private readonly double _step = (high - low) / (points - 1);

    /// <summary>Number of grid points.</summary>
    public int Points => points;

    /// <summary>A grid point.</summary>
    public double At(int index) => low + (index * _step);

    /// <summary>Adds one node's Gaussian; a node that is no number adds nothing.</summary>
    /// <param name="node">t_i</param>
    /// <param name="weight">w_i</param>
    /// <param name="density">(points)</param>
    public void Add(double node, double weight, Span<double> density)
    {
        if (!double.IsFinite(node) || weight == 0)
        {
            return;
        }

        double scale = weight / (bandwidth * Math.Sqrt(2 * Math.PI));
        int first = (int)Math.Clamp(Math.Ceiling((node - (Reach * bandwidth) - low) / _step), 0, points);
        int last = (int)Math.Clamp(Math.Floor((node + (Reach * bandwidth) - low) / _step), -1, points - 1);
        for (int i = first; i <= last; i++)
        {
            double distance = (At(i) - node) / bandwidth;
            density[i] += scale * Math.Exp(-0.5 * distance * distance);
        }
    }
}
