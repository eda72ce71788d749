using System.Numerics.Tensors;
using Hesse.Backends;

namespace Hesse.Eigen;

/// <summary>
/// Lanczos' method for one replica of an <see cref="EigenpairRequest"/>, one product after another from outside: whoever makes the
/// products makes those of many replicas at once.
/// </summary>
internal sealed class HessianLanczos : IDisposable
{
    private readonly EigenpairRequest _request;
    private readonly LanczosRun _run;
    private readonly int _order;
    private readonly double[] _scaled;

    /// <summary>At its first product.</summary>
    public HessianLanczos(EigenpairRequest request, int replica, int order, SpareVectors? spare = null)
    {
        _request = request;
        _order = order;
        Replica = replica;
        _scaled = request.Diagonal.IsEmpty ? [] : new double[order];
        _run = new LanczosRun(
            order,
            request.Largest,
            request.Smallest,
            request.Tolerance,
            (number, vector) => request.Start(replica, number, vector),
            spare
        );
    }

    /// <summary>Which of the points.</summary>
    public int Replica { get; }

    /// <summary>Whether nothing more is to be multiplied.</summary>
    public bool Finished => _run.Finished;

    /// <summary>To be filled with H times the direction before <see cref="Take"/>. (P)</summary>
    public Span<double> Image => _run.Image;

    /// <summary>What H is to be multiplied with. (P)</summary>
    public ReadOnlySpan<double> Direction()
    {
        if (_scaled.Length == 0)
        {
            return _run.Newest;
        }

        TensorPrimitives.Multiply(_run.Newest, Diagonal, _scaled);
        return _scaled;
    }

    /// <summary>Goes on with the image.</summary>
    public void Take()
    {
        if (_scaled.Length > 0)
        {
            TensorPrimitives.Multiply(_run.Image, Diagonal, _run.Image);
        }

        _run.Take();
    }

    /// <summary>The pairs. (Count, 4 + p)</summary>
    public void Write(Span<double> rows)
    {
        int count = _request.Count;
        double[] values = new double[count];
        double[] residuals = new double[count];
        bool[] converged = new bool[count];
        int width = EigenpairRequest.Heading + _order;
        _run.Write(values, residuals, rows[EigenpairRequest.Heading..], width, converged);
        for (int i = 0; i < count; i++)
        {
            Span<double> row = rows.Slice(i * width, EigenpairRequest.Heading);
            row[0] = values[i];
            row[1] = residuals[i];
            row[2] = _run.Products;
            row[3] = converged[i] ? 1 : 0;
        }
    }

    public void Dispose() => _run.Dispose();

    private ReadOnlySpan<double> Diagonal => _request.Diagonal.Span.Slice(Replica * _order, _order);
}
