namespace Hesse.Replicas;

/// <summary>
/// Uniform numbers in the open interval (0,1) from Philox: element e is member e mod 2 of block floor(e / 2). 53 significant
/// bits, (k + 1/2) 2^-52 with k of 52 bits: symmetric about 1/2, never 0 and never 1.
/// </summary>
internal static class UniformDeviates
{
    /// <summary>(k + 1/2) 2^-52, k the upper 52 bits of (high, low).</summary>
    public static double FromWords(uint high, uint low) =>
        ((((ulong)high << 20) | (low >> 12)) + 0.5) * (1.0 / (1UL << 52));

    /// <summary>floor(word * bound / 2^32): 0 .. bound-1, each within 2^-32 of equally likely.</summary>
    public static int Below(uint word, int bound) => (int)(((ulong)word * (uint)bound) >> 32);

    /// <summary>One element of a stream.</summary>
    public static double At(ulong seed, uint element, uint step, uint replica, RandomStream stream)
    {
        (uint x0, uint x1, uint x2, uint x3) = Philox4x32.Block(seed, element / 2, step, replica, stream);
        return element % 2 == 0 ? FromWords(x0, x1) : FromWords(x2, x3);
    }

    /// <summary>Elements first .. first + length - 1 of a stream.</summary>
    public static void Fill(
        ulong seed,
        uint first,
        uint step,
        uint replica,
        RandomStream stream,
        Span<double> destination
    )
    {
        int i = 0;
        if (first % 2 == 1 && destination.Length > 0)
        {
            destination[i++] = At(seed, first, step, replica, stream);
        }

        for (; i < destination.Length; i += 2)
        {
            uint block = checked(first + (uint)i) / 2;
            (uint x0, uint x1, uint x2, uint x3) = Philox4x32.Block(seed, block, step, replica, stream);
            destination[i] = FromWords(x0, x1);
            if (i + 1 < destination.Length)
            {
                destination[i + 1] = FromWords(x2, x3);
            }
        }
    }
}
