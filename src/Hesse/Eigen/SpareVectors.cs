namespace Hesse.Eigen;

/// <summary>
/// Vectors of finished bases, for the bases that follow: a basis is megabytes, and the collector would let those of many replicas pile up.
/// Of one thread.
/// </summary>
internal sealed class SpareVectors
{
    private readonly Stack<double[]> _vectors = [];

    /// <summary>A vector of this length, with anything in it.</summary>
    public double[] Take(int length)
    {
        if (_vectors.TryPeek(out double[]? spare) && spare.Length != length)
        {
            _vectors.Clear();
        }

        return _vectors.TryPop(out double[]? vector) ? vector : GC.AllocateUninitializedArray<double>(length);
    }

    /// <summary>Gives one back.</summary>
    public void Give(double[] vector) => _vectors.Push(vector);
}
