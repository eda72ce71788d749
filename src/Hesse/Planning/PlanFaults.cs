using Hesse.Specs;

namespace Hesse.Planning;

/// <summary>What of a setting does not fit its data or its net: all of it is told together, a line each with its place in the spec.</summary>
/// <param name="spec">The setting's spec.</param>
internal sealed class PlanFaults(Spec spec)
{
    private readonly List<string> _lines = [];

    /// <summary>Makes a check; what it says is kept until <see cref="ThrowIfAny"/>.</summary>
    /// <param name="path">The key that it is about, as observe[2].</param>
    /// <param name="check">Throws 65 where something does not fit.</param>
    public void Try(string path, Action check)
    {
        try
        {
            check();
        }
        catch (HesseException failure) when (failure.Code == ExitCode.BadData)
        {
            _lines.Add(spec.Places.Before(path) + failure.Message);
        }
    }

    /// <summary>Ends with all that was said.</summary>
    /// <exception cref="HesseException">65</exception>
    public void ThrowIfAny()
    {
        if (_lines.Count > 0)
        {
            throw new HesseException(ExitCode.BadData, string.Join('\n', _lines.Distinct(StringComparer.Ordinal)));
        }
    }
}
