namespace Hesse;

/// <summary>How a command ends. The numbers are a contract (sysexits): scripts and schedulers branch on them.</summary>
public enum ExitCode
{
    /// <summary>Done.</summary>
    Ok = 0,

    /// <summary>A bug of ours.</summary>
    Bug = 1,

    /// <summary>A scientific gate failed (--strict, audit).</summary>
    GateFailed = 3,

    /// <summary>The command line is wrong.</summary>
    Usage = 64,

    /// <summary>Bad data, specification or stored result.</summary>
    BadData = 65,

    /// <summary>An input file is missing.</summary>
    InputMissing = 66,

    /// <summary>The device asked for is not available.</summary>
    DeviceUnavailable = 69,

    /// <summary>The device failed while working.</summary>
    DeviceFailed = 70,

    /// <summary>The work does not fit in memory.</summary>
    DoesNotFit = 71,

    /// <summary>The output folder is busy or belongs to another experiment.</summary>
    OutputBusy = 73,

    /// <summary>Reading or writing failed.</summary>
    InputOutput = 74,

    /// <summary>Stopped early; the same command resumes.</summary>
    Stopped = 75,

    /// <summary>No permission.</summary>
    NoPermission = 77,
}

/// <summary>A failure whose cause the user can mend: one clear line (or several, one a fault) and an exit code.</summary>
/// <param name="code">How the process ends.</param>
/// <param name="message">File, line and column or key, what is wrong, and the nearest valid name.</param>
/// <param name="cause">The exception behind it, if any.</param>
public sealed class HesseException(ExitCode code, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>How the process ends.</summary>
    public ExitCode Code { get; } = code;
}
