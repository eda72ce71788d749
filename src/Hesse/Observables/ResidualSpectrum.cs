using Hesse.Backends.Cpu;
using Hesse.Networks;

namespace Hesse.Observables;

/// <summary>
/// residual-spectrum: all eigenvalues of H_p = M - H, ascending. H_p = (1/N) sum (1/p_n) Hess p_n is the curvature of the probability of
/// the right class, so the loss has to be minus the logarithm of one: cross-entropy or logistic.
/// X. Li et al., Hessian based analysis of SGD for deep nets, arXiv 1907.10732.
/// </summary>
internal sealed class ResidualSpectrum : IQuantity
{
    // H, which becomes M - H, and M.
    private const int Matrices = 2;

    public string Name => "residual-spectrum";

    public bool NeedsParameters => true;

    public IReadOnlyList<long> ElementShape(Network network, int samples) =>
        network.Loss is Loss.CrossEntropy or Loss.Logistic
            ? [network.ParameterCount]
            : throw new HesseException(
                ExitCode.BadData,
                $"{Name}: H_p = M - H belongs to the losses cross-entropy and logistic, which are minus the logarithm of a probability"
            );

    public IEnumerable<ThreadSpace> HeldByThread(Network network, int samples, Precision precision) =>
        [
            .. ThreadSpace.OfAssembly(network, samples, precision),
            .. ThreadSpace.OfSpectrum(network.ParameterCount, precision, Matrices),
        ];

    public void Evaluate(Snapshot snapshot, Span<double> values) =>
        snapshot.Backend.ResidualSpectrum(snapshot.Points, values);
}
