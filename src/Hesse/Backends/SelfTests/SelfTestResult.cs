namespace Hesse.Backends.SelfTests;

/// <summary>One comparison of the self-test.</summary>
/// <param name="Group">What kind of truth it is held against.</param>
/// <param name="Name">What was compared.</param>
/// <param name="Error">The largest error found, relative where the values are not near 0; NaN where a result is missing.</param>
/// <param name="Tolerance">The largest that is allowed.</param>
public sealed record SelfTestResult(string Group, string Name, double Error, double Tolerance)
{
    /// <summary>Whether the error is a number within the tolerance.</summary>
    public bool Passed => Error <= Tolerance;
}
