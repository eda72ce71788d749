using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Hesse.Backends.Cpu.Lanes;

/// <summary>512-bit register.</summary>
internal unsafe struct Register512<T>(Vector512<T> value) : IVector<Register512<T>, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private Vector512<T> _value = value;

    public static int Count => Vector512<T>.Count;

    public static Register512<T> Zero => new(Vector512<T>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512<T> Broadcast(T value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512<T> Load(T* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Register512<T> value, T* destination) => value._value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512<T> FusedMultiplyAdd(Register512<T> a, Register512<T> b, Register512<T> c) =>
        typeof(T) == typeof(float)
            ? new(
                Vector512.FusedMultiplyAdd(a._value.AsSingle(), b._value.AsSingle(), c._value.AsSingle()).As<float, T>()
            )
            : new(
                Vector512
                    .FusedMultiplyAdd(a._value.AsDouble(), b._value.AsDouble(), c._value.AsDouble())
                    .As<double, T>()
            );

    // Into the field itself: by way of a new register the compiler would overwrite a factor and copy the sum back.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(ref Register512<T> sum, Register512<T> a, Register512<T> b)
    {
        if (typeof(T) == typeof(float))
        {
            sum._value = Vector512
                .FusedMultiplyAdd(a._value.AsSingle(), b._value.AsSingle(), sum._value.AsSingle())
                .As<float, T>();
        }
        else
        {
            sum._value = Vector512
                .FusedMultiplyAdd(a._value.AsDouble(), b._value.AsDouble(), sum._value.AsDouble())
                .As<double, T>();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512<T> Add(Register512<T> a, Register512<T> b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512<T> Subtract(Register512<T> a, Register512<T> b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512<T> Multiply(Register512<T> a, Register512<T> b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512<T> Divide(Register512<T> a, Register512<T> b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512<T> SquareRoot(Register512<T> a) => new(Vector512.Sqrt(a._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512<T> LargerOf(Register512<T> a, Register512<T> b) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThan(a._value, b._value), a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512<T> GreaterThan(Register512<T> a, Register512<T> b) =>
        new(Vector512.GreaterThan(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512<T> Equal(Register512<T> a, Register512<T> b) => new(Vector512.Equals(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512<T> Select(Register512<T> mask, Register512<T> a, Register512<T> b) =>
        new(Vector512.ConditionalSelect(mask._value, a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512<T> Absolute(Register512<T> a) => new(Vector512.Abs(a._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512<T> CopySign(Register512<T> a, Register512<T> b) =>
        new(Vector512.CopySign(a._value, b._value));

    // Adding 1.5 2^(mantissa bits) leaves the integer in the low bits, from where it is shifted into the exponent.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512<T> PowerOfTwo(Register512<T> k) =>
        typeof(T) == typeof(float)
            ? new(
                Vector512
                    .ShiftLeft((Vector512.Create(12582912f + 127f) + k._value.AsSingle()).AsInt32(), 23)
                    .As<int, T>()
            )
            : new(
                Vector512
                    .ShiftLeft((Vector512.Create(6755399441055744.0 + 1023.0) + k._value.AsDouble()).AsInt64(), 52)
                    .As<long, T>()
            );

    // The exponent's bits become the low mantissa bits of 2^(mantissa bits), from which that number is taken away.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512<T> Exponent(Register512<T> a) =>
        typeof(T) == typeof(float)
            ? new(
                (
                    (Vector512.ShiftRightLogical(a._value.AsInt32(), 23) | Vector512.Create(0x4B000000)).AsSingle()
                    - Vector512.Create(8388608f + 127f)
                ).As<float, T>()
            )
            : new(
                (
                    (
                        Vector512.ShiftRightLogical(a._value.AsInt64(), 52) | Vector512.Create(0x4330000000000000)
                    ).AsDouble() - Vector512.Create(4503599627370496.0 + 1023.0)
                ).As<double, T>()
            );

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register512<T> Mantissa(Register512<T> a) =>
        typeof(T) == typeof(float)
            ? new(((a._value.AsInt32() & Vector512.Create(0x007FFFFF)) | Vector512.Create(0x3F800000)).As<int, T>())
            : new(
                ((a._value.AsInt64() & Vector512.Create(0x000FFFFFFFFFFFFF)) | Vector512.Create(0x3FF0000000000000)).As<
                    long,
                    T
                >()
            );

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Any(Register512<T> mask) => mask._value.AsByte() != Vector512<byte>.Zero;
}
