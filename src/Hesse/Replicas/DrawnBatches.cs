namespace Hesse.Replicas;

/// <summary>
/// Mini-batches drawn to look at gradient noise: without replacement inside, independent of each other, a pure function of (seed,
/// replica, step). Batch k takes the first rows of a Fisher-Yates shuffle of 0 .. N-1: draw i exchanges place i with place
/// i + (word below N - i), with word (k size + i) mod 4 of block floor((k size + i) / 4) of stream NoiseBatches.
/// </summary>
internal static class DrawnBatches
{
    /// <summary>Writes the rows of all batches. (batches, size)</summary>
    /// <param name="seed">Seed of the experiment.</param>
    /// <param name="samples">N</param>
    /// <param name="size">Rows of a batch, at most N.</param>
    /// <param name="step">The step.</param>
    /// <param name="replica">Number of the replica in the experiment.</param>
    /// <param name="rows">batches * size elements.</param>
    public static void Fill(ulong seed, int samples, int size, int step, int replica, Span<int> rows)
    {
        int[] order = [.. Enumerable.Range(0, samples)];
        int[] exchanged = new int[size];
        Span<uint> words = stackalloc uint[4];
        for (int first = 0; first < rows.Length; first += size)
        {
            for (int i = 0; i < size; i++)
            {
                int draw = first + i;
                if (draw % 4 == 0)
                {
                    (words[0], words[1], words[2], words[3]) = Philox4x32.Block(
                        seed,
                        (uint)(draw / 4),
                        (uint)step,
                        (uint)replica,
                        RandomStream.NoiseBatches
                    );
                }

                int other = i + UniformDeviates.Below(words[draw % 4], samples - i);
                exchanged[i] = other;
                (order[i], order[other]) = (order[other], order[i]);
                rows[draw] = order[i];
            }

            // Back to 0 .. N-1, so that a batch does not depend on those before it.
            for (int i = size - 1; i >= 0; i--)
            {
                (order[i], order[exchanged[i]]) = (order[exchanged[i]], order[i]);
            }
        }
    }
}
