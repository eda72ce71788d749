namespace Hesse.Backends.Timings;

/// <summary>How much work is timed.</summary>
internal sealed record TimingSizes
{
    /// <summary>For a GPU: 10,000 nets at once.</summary>
    public static TimingSizes Device { get; } =
        new()
        {
            Repeats = 11,
            Rounds = 65536,
            CopyBytes = 1L << 30,
            Replicas = 10000,
            Steps = 1000,
            Matrices = 64,
        };

    /// <summary>For a processor.</summary>
    public static TimingSizes Processor { get; } =
        Device with
        {
            Repeats = 5,
            Replicas = 512,
            Steps = 50,
            Matrices = 4,
        };

    /// <summary>To see that everything runs; the numbers mean nothing.</summary>
    public static TimingSizes Quick { get; } =
        new()
        {
            Repeats = 3,
            Rounds = 8,
            CopyBytes = 1 << 16,
            Replicas = 4,
            Steps = 2,
            Matrices = 1,
        };

    /// <summary>Timed repeats of each work.</summary>
    public required int Repeats { get; init; }

    /// <summary>Multiply-adds of each chain of the peak kernel.</summary>
    public required int Rounds { get; init; }

    /// <summary>Bytes of a buffer that is copied.</summary>
    public required long CopyBytes { get; init; }

    /// <summary>Nets trained at once.</summary>
    public required int Replicas { get; init; }

    /// <summary>Updates of each.</summary>
    public required int Steps { get; init; }

    /// <summary>Hessians whose spectra are computed at once.</summary>
    public required int Matrices { get; init; }
}
