namespace Hesse.Stores;

/// <summary>How a result folder is opened for writing.</summary>
internal sealed record FolderOptions
{
    /// <summary>Everything will be computed again: what another backend or program left does not matter.</summary>
    public bool Force { get; init; }

    /// <summary>Read every byte, and throw away what is damaged so that it is computed again.</summary>
    public bool Repair { get; init; }

    /// <summary>An owner on another machine is known to have ended.</summary>
    public bool BreakLock { get; init; }

    /// <summary>Chunks that a failing device has given up are tried again.</summary>
    public bool RetryFailed { get; init; }

    /// <summary>Tells the time of signs of life and of lines in the log.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
