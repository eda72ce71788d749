using Hesse.Backends.Cpu.Lanes;
using Hesse.Eigen;
using Hesse.Networks;

namespace Hesse.Backends.Cpu.Dense;

internal sealed unsafe partial class DenseOperations<TVector, T>
{
    private LaneProducts<TVector, T>? _lanes;

    /// <inheritdoc/>
    public int Lanes => TVector.Count;

    /// <inheritdoc/>
    public bool TakesLanes(Network network, int samples, bool many) => LaneFootprint.Fits(network, samples, many);

    /// <inheritdoc/>
    public void VectorProductsOfBlock(
        Points points,
        int first,
        bool gaussNewton,
        ReadOnlySpan<double> vectors,
        Span<double> products
    )
    {
        LaneProducts<TVector, T> block = Block(points);
        for (int lane = 0; lane < Lanes; lane++)
        {
            block.Load(lane, Linearise(points, first + lane, gaussNewton), gaussNewton);
        }

        int p = points.Network.ParameterCount;
        int own = products.Length / Lanes;
        int stride = vectors.Length == own ? 0 : own;
        for (int from = 0; from < own; from += p)
        {
            block.SetDirections(vectors, from, stride);
            block.Multiply(gaussNewton);
            block.CopyProducts(products, from, own);
        }
    }

    /// <inheritdoc/>
    public void EigenpairsInLanes(Points points, Func<int> next, EigenpairRequest request, EigenpairResult result)
    {
        LaneProducts<TVector, T> block = Block(points);
        HessianLanczos?[] runs = new HessianLanczos?[Lanes];
        bool more = true;
        for (int running = 0; more || running > 0; )
        {
            for (int lane = 0; lane < Lanes && more; lane++)
            {
                if (runs[lane] is not null)
                {
                    continue;
                }

                int replica = next();
                more = replica >= 0;
                if (more)
                {
                    block.Load(lane, Linearise(points, replica, gaussNewton: false), gaussNewton: false);
                    runs[lane] = new HessianLanczos(request, replica, points.Network.ParameterCount, _spare);
                    running++;
                }
            }

            if (running == 0)
            {
                break;
            }

            for (int lane = 0; lane < Lanes; lane++)
            {
                if (runs[lane] is { } run)
                {
                    block.SetDirection(lane, run.Direction());
                }
            }

            block.Multiply(gaussNewton: false);
            for (int lane = 0; lane < Lanes; lane++)
            {
                if (runs[lane] is not { } run)
                {
                    continue;
                }

                block.CopyProduct(lane, run.Image);
                run.Take();
                if (run.Finished)
                {
                    result(run.Replica, run);
                    run.Dispose();
                    runs[lane] = null;
                    running--;
                }
            }
        }
    }

    private LaneProducts<TVector, T> Block(Points points)
    {
        if (_lanes is null || !_lanes.Serves(points.Network, points.Samples))
        {
            _lanes?.Dispose();
            _lanes = new LaneProducts<TVector, T>(points.Network, points.Samples);
        }

        return _lanes;
    }
}
