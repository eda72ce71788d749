using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hesse.Replicas;

/// <summary>
/// The shape of the Feistel network that orders the rows of an epoch: row numbers are pairs x = left + Left * right with
/// left in Z_Left, right in Z_Right, Left = ceil(sqrt N), Right = ceil(N / Left). Even rounds make left += F(right) mod Left,
/// odd rounds right += F(left) mod Right; numbers x >= N walk on (a further pass over all rounds). Left * Right exceeds N by less
/// than Left, so nearly no row walks; a power of two as domain would exceed N by up to 2 (decision 0003).
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct EpochDomain
{
    /// <summary>The most rounds that any N takes.</summary>
    public const int MaximumRounds = 24;

    public EpochDomain(int samples)
    {
        Samples = samples;
        uint left = (uint)Math.Sqrt(samples);
        while ((ulong)left * left < (ulong)samples)
        {
            left++;
        }

        Left = Math.Max(1, left);
        Right = (uint)((samples + Left - 1) / Left);
        // What is left of a bias falls by about Right a round, so only tiny sets need many (decision 0003).
        Rounds = Right switch
        {
            < 4 => MaximumRounds,
            < 8 => 12,
            _ => 8,
        };
    }

    /// <summary>N</summary>
    public int Samples { get; }

    /// <summary>ceil(sqrt N), at most 2^16.</summary>
    public uint Left { get; }

    /// <summary>ceil(N / Left), at most 2^16.</summary>
    public uint Right { get; }

    /// <summary>
    /// Positions below this, 0 and 1, change places in half of the epochs: shifts modulo an odd number are even permutations, and
    /// without this swap so would be every order of many N.
    /// </summary>
    public int Swapped => Samples > 1 ? 2 : 0;

    /// <summary>Number of rounds, a multiple of 4.</summary>
    public int Rounds { get; }
}

/// <summary>The round keys of one epoch of one replica: a bijection of 0 .. N-1 that can be evaluated anywhere.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct EpochOrder
{
    public const uint Multiplier1 = 0x85EBCA6B;
    public const uint Multiplier2 = 0xC2B2AE35;

    private readonly EpochDomain _domain;
    private readonly RoundKeys _keys;

    public EpochOrder(
        EpochDomain domain,
        ulong seed,
        int replica,
        int epoch,
        RandomStream stream = RandomStream.BatchEpochs
    )
    {
        _domain = domain;
        for (int block = 0; block < domain.Rounds / 4; block++)
        {
            (_keys[4 * block], _keys[(4 * block) + 1], _keys[(4 * block) + 2], _keys[(4 * block) + 3]) =
                Philox4x32.Block(seed, (uint)block, (uint)epoch, (uint)replica, stream);
        }
    }

    /// <summary>The key of a round.</summary>
    public uint Key(int round) => _keys[round];

    /// <summary>The row visited at a place of the epoch, 0 &lt;= position &lt; N.</summary>
    public int RowAt(int position)
    {
        (uint right, uint left) = Math.DivRem((uint)position, _domain.Left);
        if (position < _domain.Swapped)
        {
            left ^= _keys[0] >> 31;
        }

        uint row;
        do
        {
            for (int round = 0; round < _domain.Rounds; round += 2)
            {
                left = Add(left, Mix(right, _keys[round], _domain.Left), _domain.Left);
                right = Add(right, Mix(left, _keys[round + 1], _domain.Right), _domain.Right);
            }

            row = left + (_domain.Left * right);
        } while (row >= (uint)_domain.Samples);

        return (int)row;
    }

    /// <summary>A keyed hash of x in 0 .. modulus-1: two multiplications, the upper 16 bits scaled.</summary>
    private static uint Mix(uint x, uint key, uint modulus)
    {
        uint v = (x ^ key) * Multiplier1;
        v ^= v >> 15;
        v *= Multiplier2;
        return ((v >> 16) * modulus) >> 16;
    }

    /// <summary>(x + y) mod modulus for x, y below it: x + y - modulus wraps to a huge number when it would be negative.</summary>
    private static uint Add(uint x, uint y, uint modulus) => Math.Min(x + y, x + y - modulus);

    [InlineArray(EpochDomain.MaximumRounds)]
    private struct RoundKeys
    {
        private uint _first;
    }
}
