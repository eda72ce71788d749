using System.Globalization;
using System.Numerics.Tensors;
using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Networks;
using Hesse.Replicas;

namespace Hesse.Observables;

/// <summary>
/// top-eigenvalues: the k algebraically largest eigenvalues of H, descending (k), and where asked for the smallest ones,
/// ascending, as part smallest. Parts residual ||H u - theta u||, iterations (0: from the assembled matrix) and converged (1 or
/// 0) of the largest, and the same of the smallest with names that begin so. sharpness is the same with k = 1 and without the axis k.
/// </summary>
/// <param name="name">top-eigenvalues or sharpness.</param>
/// <param name="single">Whether k = 1 has no axis of its own.</param>
internal sealed class TopEigenvalues(string name, bool single) : IQuantity
{
    // What a row of the backend holds behind the eigenvalue.
    private static readonly string[] About = ["residual", "iterations", "converged"];

    private int _largest = 1;
    private int _smallest;
    private double _tolerance = 1e-6;
    private EigenpairMethod _method;
    private bool _warm;
    private int _count;
    private double[] _starts = []; // of the replicas of a wave, sums of their last vectors: (R,P)

    public string Name => name;

    public bool NeedsParameters => true;

    public IReadOnlyList<long> ElementShape(Network network, int samples) => single ? [] : [_largest];

    public IReadOnlyList<QuantityPart> Parts(Network network, int samples)
    {
        if (_largest + _smallest > network.ParameterCount)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"{name}: {_largest + _smallest} eigenvalues are asked for, the network has {network.ParameterCount} parameters"
            );
        }

        IReadOnlyList<long> largest = ElementShape(network, samples);
        IReadOnlyList<long> smallest = [_smallest];
        List<QuantityPart> parts = [new(null, largest), .. About.Select(name => new QuantityPart(name, largest))];
        if (_smallest > 0)
        {
            parts.Add(new("smallest", smallest));
            parts.AddRange(About.Select(name => new QuantityPart($"smallest-{name}", smallest)));
        }

        return parts;
    }

    public long CarriedSpace(Network network, int samples) => _warm ? network.ParameterCount : 0;

    public void Transfer(int replica, StateTransfer transfer)
    {
        int p = _starts.Length / Math.Max(1, _count);
        transfer.Numbers(_starts.AsSpan(replica * p, p));
    }

    public long WorkSpace(Network network) => HessianEigenpairs.Space(network, _largest + _smallest);

    public IEnumerable<ThreadSpace> HeldByThread(Network network, int samples, Precision precision) =>
        ThreadSpace.OfEigenpairs(network, samples, _largest + _smallest, _method);

    public long HostSpace(Network network, int samples) =>
        HessianEigenpairs.DeviceSpace(network, _largest + _smallest, _method);

    public IQuantity With(IReadOnlyDictionary<string, string> options) =>
        new TopEigenvalues(name, single)
        {
            _largest = Whole(options, "k", 1),
            _smallest = Whole(options, "smallest", 0),
            _tolerance = options.TryGetValue("tolerance", out string? tolerance)
                ? double.Parse(tolerance, CultureInfo.InvariantCulture)
                : 1e-6,
            _method = HessianEigenpairs.Method(options),
            _warm = options.TryGetValue("warm-start", out string? warm) && warm == "true",
        };

    public IQuantity ForWave(IBackend backend, Wave wave) =>
        !_warm
            ? this
            : new TopEigenvalues(name, single)
            {
                _largest = _largest,
                _smallest = _smallest,
                _tolerance = _tolerance,
                _method = _method,
                _warm = true,
                _count = wave.Count,
                _starts = new double[(long)wave.Count * wave.Problem.Network.ParameterCount],
            };

    public void Evaluate(Snapshot snapshot, Span<double> values)
    {
        int count = _largest + _smallest;
        int width = EigenpairRequest.Heading + snapshot.Network.ParameterCount;
        int p = snapshot.Network.ParameterCount;
        double[] starts = _starts.Length == 0 ? [] : Slices.Choose(_starts, p, [.. snapshot.Places]);
        double[] pairs = HessianEigenpairs.Of(
            snapshot,
            _largest,
            _smallest,
            _tolerance,
            starts: starts,
            method: _method
        );
        int length = EigenpairRequest.Heading * count;
        for (int r = 0; r < snapshot.Replicas; r++)
        {
            Span<double> own = values.Slice(r * length, length);
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<double> row = pairs.AsSpan(((r * count) + i) * width, EigenpairRequest.Heading);
                (int from, int place, int many) =
                    i < _largest ? (0, i, _largest) : (EigenpairRequest.Heading * _largest, i - _largest, _smallest);
                for (int about = 0; about < EigenpairRequest.Heading; about++)
                {
                    own[from + (about * many) + place] = row[about];
                }
            }

            if (starts.Length > 0)
            {
                Keep(pairs.AsSpan(r * count * width, count * width), width, _starts.AsSpan(snapshot.Places[r] * p, p));
            }
        }
    }

    // The sum of the vectors; nothing where one is not finite.
    private static void Keep(ReadOnlySpan<double> pairs, int width, Span<double> start)
    {
        start.Clear();
        for (int from = 0; from < pairs.Length; from += width)
        {
            TensorPrimitives.Add(start, pairs.Slice(from + EigenpairRequest.Heading, start.Length), start);
        }

        if (!double.IsFinite(TensorPrimitives.Sum<double>(start)))
        {
            start.Clear();
        }
    }

    private static int Whole(IReadOnlyDictionary<string, string> options, string option, int standard) =>
        options.TryGetValue(option, out string? text) ? int.Parse(text, CultureInfo.InvariantCulture) : standard;
}
