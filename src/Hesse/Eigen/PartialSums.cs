using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Eigen;

/// <summary>
/// The partial sums of one reduction: 16 for float, 8 for double, whatever the register width (1, 2 or 4 registers).
/// Element i goes to partial sum i mod 16 (8); <see cref="Total()"/> folds the upper half onto the lower half until one is left.
/// </summary>
internal unsafe struct PartialSums<T, TVector>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TVector : unmanaged, IVector<TVector, T>
{
    private TVector _r0;
    private TVector _r1;
    private TVector _r2;
    private TVector _r3;

    /// <summary>Registers that hold the partial sums.</summary>
    public static int Registers
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 64 / sizeof(T) / TVector.Count;
    }

    /// <summary>Adds the products of one block of a and b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(T* a, T* b)
    {
        _r0 = TVector.FusedMultiplyAdd(TVector.Load(a), TVector.Load(b), _r0);
        if (Registers >= 2)
        {
            _r1 = TVector.FusedMultiplyAdd(TVector.Load(a + TVector.Count), TVector.Load(b + TVector.Count), _r1);
        }

        if (Registers == 4)
        {
            _r2 = TVector.FusedMultiplyAdd(
                TVector.Load(a + (2 * TVector.Count)),
                TVector.Load(b + (2 * TVector.Count)),
                _r2
            );
            _r3 = TVector.FusedMultiplyAdd(
                TVector.Load(a + (3 * TVector.Count)),
                TVector.Load(b + (3 * TVector.Count)),
                _r3
            );
        }
    }

    /// <summary>The sum of all partial sums, in the fixed tree.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly T Total() =>
        Registers switch
        {
            1 => Total(_r0),
            2 => Total(TVector.Add(_r0, _r1)),
            _ => Total(TVector.Add(TVector.Add(_r0, _r2), TVector.Add(_r1, _r3))),
        };

    /// <summary>The sum of one register's lanes in the same tree: upper half onto lower half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Total(TVector sums)
    {
        if (TVector.Count * sizeof(T) == 64)
        {
            Vector512<T> lanes = Unsafe.BitCast<TVector, Vector512<T>>(sums);
            return Total(lanes.GetLower() + lanes.GetUpper());
        }

        return TVector.Count * sizeof(T) == 32
            ? Total(Unsafe.BitCast<TVector, Vector256<T>>(sums))
            : Total(Unsafe.BitCast<TVector, Vector128<T>>(sums));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Total(Vector256<T> lanes) => Total(lanes.GetLower() + lanes.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Total(Vector128<T> lanes) =>
        Vector128<T>.Count == 2
            ? lanes.GetElement(0) + lanes.GetElement(1)
            : lanes.GetElement(0) + lanes.GetElement(2) + (lanes.GetElement(1) + lanes.GetElement(3));
}
