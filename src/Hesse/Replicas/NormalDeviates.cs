using System.Numerics;

namespace Hesse.Replicas;

/// <summary>
/// Standard normal numbers by Box-Muller in double: element e is member e mod 2 of block floor(e / 2). With the block's
/// uniforms u and v the members are sqrt(-2 log u) cos(2 pi v) and sqrt(-2 log u) sin(2 pi v). Drawn on the host only, so all
/// backends start from the same bits; the caller rounds once to its precision.
/// </summary>
internal static class NormalDeviates
{
    /// <summary>Both members of a block.</summary>
    public static (double Even, double Odd) Pair(ulong seed, uint block, uint step, uint replica, RandomStream stream)
    {
        (uint x0, uint x1, uint x2, uint x3) = Philox4x32.Block(seed, block, step, replica, stream);
        return BoxMuller.Pair(UniformDeviates.FromWords(x0, x1), UniformDeviates.FromWords(x2, x3));
    }

    /// <summary>One element of a stream.</summary>
    public static double At(ulong seed, uint element, uint step, uint replica, RandomStream stream)
    {
        (double even, double odd) = Pair(seed, element / 2, step, replica, stream);
        return element % 2 == 0 ? even : odd;
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
        if (destination.IsEmpty)
        {
            return;
        }

        // The last element has a number.
        _ = checked(first + (uint)(destination.Length - 1));
        int i = 0;
        if (first % 2 == 1)
        {
            destination[i++] = At(seed, first, step, replica, stream);
        }

        uint block = (first / 2) + (first % 2);
        if (Vector.IsHardwareAccelerated)
        {
            i += FillRegisters(seed, ref block, step, replica, stream, destination[i..]);
        }

        for (; i < destination.Length; i += 2, block++)
        {
            (double even, double odd) = Pair(seed, block, step, replica, stream);
            destination[i] = even;
            if (i + 1 < destination.Length)
            {
                destination[i + 1] = odd;
            }
        }
    }

    // As many whole registers of pairs as fit, from this block on; returns the elements written.
    private static int FillRegisters(
        ulong seed,
        ref uint block,
        uint step,
        uint replica,
        RandomStream stream,
        Span<double> destination
    )
    {
        int count = Vector<double>.Count;
        Span<double> u = stackalloc double[count];
        Span<double> v = stackalloc double[count];
        int done = 0;
        for (; done + (2 * count) <= destination.Length; done += 2 * count)
        {
            for (int i = 0; i < count; i++)
            {
                (uint x0, uint x1, uint x2, uint x3) = Philox4x32.Block(seed, block++, step, replica, stream);
                u[i] = UniformDeviates.FromWords(x0, x1);
                v[i] = UniformDeviates.FromWords(x2, x3);
            }

            (Vector<double> even, Vector<double> odd) = BoxMuller.Pair(new Vector<double>(u), new Vector<double>(v));
            even.CopyTo(u);
            odd.CopyTo(v);
            for (int i = 0; i < count; i++)
            {
                destination[done + (2 * i)] = u[i];
                destination[done + (2 * i) + 1] = v[i];
            }
        }

        return done;
    }
}
