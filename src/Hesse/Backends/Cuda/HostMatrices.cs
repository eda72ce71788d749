namespace Hesse.Backends.Cuda;

/// <summary>Matrices that come from a device whole, for the processor to find some eigenpairs of: how many lie in its memory at once.</summary>
internal static class HostMatrices
{
    // Enough for every thread to take several of any order that is usual.
    private const long MostBytes = 1L << 30;

    /// <summary>Matrices of so many numbers that come from one device at once.</summary>
    public static int Most(long numbers) => (int)Math.Clamp(MostBytes / (sizeof(double) * numbers), 1, int.MaxValue);
}
