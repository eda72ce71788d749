namespace Hesse.Backends.Timings;

/// <summary>A backend whose device has a clock of its own and peak rates that can be measured.</summary>
internal interface ITimedBackend
{
    /// <summary>What the device does at most, each measured when it is asked for.</summary>
    IEnumerable<Timing> Peaks(TimingSizes sizes);

    /// <summary>
    /// The same device with other means to the same ends, by name, each opened when it is asked for and the caller's to dispose of; none
    /// where the machine lacks them.
    /// </summary>
    IEnumerable<(string Name, IBackend Backend)> Alternatives();

    /// <summary>Gives the seconds that the device takes for what a call starts on it.</summary>
    /// <param name="owner">To be disposed of at the end.</param>
    Func<Action, double> Clock(out IDisposable owner);
}
