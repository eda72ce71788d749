using Hesse.Backends.Cpu;
using Hesse.Backends.Reference;
using Hesse.Specs;

namespace Hesse.Backends;

/// <summary>From a name to a backend.</summary>
public static class BackendSelector
{
    /// <summary>The fastest backend of this machine.</summary>
    public const string Automatic = "auto";

    /// <summary>Names that can be asked for.</summary>
    public static IReadOnlyList<string> Names { get; } = [Automatic, "reference", "cpu", "cuda"];

    /// <summary>Opens a backend.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="threads">Worker threads of the processor's backends.</param>
    /// <exception cref="HesseException">64: no such name; 69: not available here.</exception>
    public static IBackend Open(string name, int threads) =>
        name switch
        {
            Automatic or "cpu" => new CpuBackend(threads),
            "reference" => new ReferenceBackend(),
            "cuda" => throw new HesseException(
                ExitCode.DeviceUnavailable,
                "backend cuda is not available: this version computes on processors only; use --backend cpu"
            ),
            _ => throw new HesseException(ExitCode.Usage, NearestName.Unknown("backend", name, Names)),
        };
}
