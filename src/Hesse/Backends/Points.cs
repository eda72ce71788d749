using Hesse.Data;
using Hesse.Networks;

namespace Hesse.Backends;

/// <summary>
/// R parameter vectors of one network, with the samples on which they are judged: what every curvature and noise
/// operation works on.
/// </summary>
public sealed class Points
{
    /// <summary>Puts parameters and data together.</summary>
    /// <param name="network">The net.</param>
    /// <param name="parameters">(R,P) in the network's flat order; not copied.</param>
    /// <param name="data">One set, or R sets; brought into the form that the loss reads.</param>
    /// <param name="precision">The arithmetic asked for. Reference always computes in double.</param>
    /// <exception cref="HesseException">Shapes do not fit together.</exception>
    public Points(Network network, ReadOnlyMemory<double> parameters, DataSet data, Precision precision)
    {
        int p = network.ParameterCount;
        if (parameters.Length == 0 || parameters.Length % p != 0)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"{parameters.Length} parameters do not make whole vectors of the network's {p}"
            );
        }

        Network = network;
        Parameters = parameters;
        Replicas = parameters.Length / p;
        Data = data.ForNetwork(network);
        Precision = precision;
        if (data.Sets != 1 && data.Sets != Replicas)
        {
            throw new HesseException(
                ExitCode.BadData,
                $"{data.Sets} data sets do not fit {Replicas} parameter vectors; give one, or one a vector"
            );
        }
    }

    /// <summary>The net.</summary>
    public Network Network { get; }

    /// <summary>R</summary>
    public int Replicas { get; }

    /// <summary>(R,P)</summary>
    public ReadOnlyMemory<double> Parameters { get; }

    /// <summary>The samples.</summary>
    public DataSet Data { get; }

    /// <summary>The arithmetic asked for.</summary>
    public Precision Precision { get; }

    /// <summary>N</summary>
    public int Samples => Data.Samples;

    /// <summary>The parameter vector of replica r, (P).</summary>
    public ReadOnlySpan<double> ParametersOf(int replica) =>
        Parameters.Span.Slice(replica * Network.ParameterCount, Network.ParameterCount);
}
