using System.Numerics;

namespace Hesse.Backends.Cpu.Lanes;

/// <summary>
/// A SIMD register of T. Kernels are generic over it, so one text serves AVX-512 (16 floats), AVX2 (8) and 128-bit machines
/// (4); the JIT specialises each and inlines every member. Every member acts lane by lane, so a lane's bits do not depend
/// on the width, and FusedMultiplyAdd is a true one everywhere (in software where the hardware has none).
/// </summary>
internal unsafe interface IVector<TSelf, T>
    where TSelf : unmanaged, IVector<TSelf, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Number of lanes.</summary>
    static abstract int Count { get; }

    static abstract TSelf Zero { get; }

    static abstract TSelf Broadcast(T value);

    static abstract TSelf Load(T* source);

    static abstract void Store(TSelf value, T* destination);

    /// <summary>a * b + c, rounded once.</summary>
    static abstract TSelf FusedMultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>sum = a * b + sum, rounded once: for the inner loops of tiles, where it saves a copy of a register.</summary>
    static abstract void Accumulate(ref TSelf sum, TSelf a, TSelf b);

    static abstract TSelf Add(TSelf a, TSelf b);

    static abstract TSelf Subtract(TSelf a, TSelf b);

    static abstract TSelf Multiply(TSelf a, TSelf b);

    static abstract TSelf Divide(TSelf a, TSelf b);

    static abstract TSelf SquareRoot(TSelf a);

    /// <summary>a where a > b, else b; NaN in a gives b.</summary>
    static abstract TSelf LargerOf(TSelf a, TSelf b);

    /// <summary>All bits set where a > b.</summary>
    static abstract TSelf GreaterThan(TSelf a, TSelf b);

    /// <summary>All bits set where a == b.</summary>
    static abstract TSelf Equal(TSelf a, TSelf b);

    /// <summary>a in lanes whose mask has all bits set, b where it has none.</summary>
    static abstract TSelf Select(TSelf mask, TSelf a, TSelf b);

    /// <summary>|a|</summary>
    static abstract TSelf Absolute(TSelf a);

    /// <summary>The magnitude of a with the sign of b.</summary>
    static abstract TSelf CopySign(TSelf a, TSelf b);

    /// <summary>2^k for an integral k whose power is a normal number; other k give unspecified bits.</summary>
    static abstract TSelf PowerOfTwo(TSelf k);

    /// <summary>e of a = m 2^e with 1 &lt;= m &lt; 2, for a positive normal a; other a give an unspecified number.</summary>
    static abstract TSelf Exponent(TSelf a);

    /// <summary>m of a = m 2^e with 1 &lt;= m &lt; 2, for a positive normal a; other a give an unspecified number.</summary>
    static abstract TSelf Mantissa(TSelf a);

    /// <summary>Whether any bit of the mask is set.</summary>
    static abstract bool Any(TSelf mask);
}
