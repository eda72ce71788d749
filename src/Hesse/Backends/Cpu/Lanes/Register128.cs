using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hesse.Backends.Cpu.Lanes;

/// <summary>128-bit register.</summary>
internal unsafe struct Register128<T>(Vector128<T> value) : IVector<Register128<T>, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private Vector128<T> _value = value;

    public static int Count => Vector128<T>.Count;

    public static Register128<T> Zero => new(Vector128<T>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128<T> Broadcast(T value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128<T> Load(T* source) => new(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Register128<T> value, T* destination) => value._value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128<T> FusedMultiplyAdd(Register128<T> a, Register128<T> b, Register128<T> c) =>
        typeof(T) == typeof(float)
            ? new(
                Vector128.FusedMultiplyAdd(a._value.AsSingle(), b._value.AsSingle(), c._value.AsSingle()).As<float, T>()
            )
            : new(
                Vector128
                    .FusedMultiplyAdd(a._value.AsDouble(), b._value.AsDouble(), c._value.AsDouble())
                    .As<double, T>()
            );

    // Into the field itself: by way of a new register the compiler would overwrite a factor and copy the sum back.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(ref Register128<T> sum, Register128<T> a, Register128<T> b)
    {
        if (typeof(T) == typeof(float))
        {
            sum._value = Vector128
                .FusedMultiplyAdd(a._value.AsSingle(), b._value.AsSingle(), sum._value.AsSingle())
                .As<float, T>();
        }
        else
        {
            sum._value = Vector128
                .FusedMultiplyAdd(a._value.AsDouble(), b._value.AsDouble(), sum._value.AsDouble())
                .As<double, T>();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128<T> Add(Register128<T> a, Register128<T> b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128<T> Subtract(Register128<T> a, Register128<T> b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128<T> Multiply(Register128<T> a, Register128<T> b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128<T> Divide(Register128<T> a, Register128<T> b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128<T> SquareRoot(Register128<T> a) => new(Vector128.Sqrt(a._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128<T> LargerOf(Register128<T> a, Register128<T> b) =>
        new(Vector128.ConditionalSelect(Vector128.GreaterThan(a._value, b._value), a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128<T> GreaterThan(Register128<T> a, Register128<T> b) =>
        new(Vector128.GreaterThan(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128<T> Equal(Register128<T> a, Register128<T> b) => new(Vector128.Equals(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128<T> Select(Register128<T> mask, Register128<T> a, Register128<T> b)
    {
        // One instruction; ConditionalSelect is three wherever the compiler does not see that a comparison made the mask.
        if (Sse41.IsSupported && typeof(T) == typeof(float))
        {
            return new(
                Sse41.BlendVariable(b._value.AsSingle(), a._value.AsSingle(), mask._value.AsSingle()).As<float, T>()
            );
        }

        return Sse41.IsSupported && typeof(T) == typeof(double)
            ? new(Sse41.BlendVariable(b._value.AsDouble(), a._value.AsDouble(), mask._value.AsDouble()).As<double, T>())
            : new(Vector128.ConditionalSelect(mask._value, a._value, b._value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128<T> Absolute(Register128<T> a) => new(Vector128.Abs(a._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128<T> CopySign(Register128<T> a, Register128<T> b) =>
        new(Vector128.CopySign(a._value, b._value));

    // Adding 1.5 2^(mantissa bits) leaves the integer in the low bits, from where it is shifted into the exponent.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128<T> PowerOfTwo(Register128<T> k) =>
        typeof(T) == typeof(float)
            ? new(
                Vector128
                    .ShiftLeft((Vector128.Create(12582912f + 127f) + k._value.AsSingle()).AsInt32(), 23)
                    .As<int, T>()
            )
            : new(
                Vector128
                    .ShiftLeft((Vector128.Create(6755399441055744.0 + 1023.0) + k._value.AsDouble()).AsInt64(), 52)
                    .As<long, T>()
            );

    // The exponent's bits become the low mantissa bits of 2^(mantissa bits), from which that number is taken away.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128<T> Exponent(Register128<T> a) =>
        typeof(T) == typeof(float)
            ? new(
                (
                    (Vector128.ShiftRightLogical(a._value.AsInt32(), 23) | Vector128.Create(0x4B000000)).AsSingle()
                    - Vector128.Create(8388608f + 127f)
                ).As<float, T>()
            )
            : new(
                (
                    (
                        Vector128.ShiftRightLogical(a._value.AsInt64(), 52) | Vector128.Create(0x4330000000000000)
                    ).AsDouble() - Vector128.Create(4503599627370496.0 + 1023.0)
                ).As<double, T>()
            );

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register128<T> Mantissa(Register128<T> a) =>
        typeof(T) == typeof(float)
            ? new(((a._value.AsInt32() & Vector128.Create(0x007FFFFF)) | Vector128.Create(0x3F800000)).As<int, T>())
            : new(
                ((a._value.AsInt64() & Vector128.Create(0x000FFFFFFFFFFFFF)) | Vector128.Create(0x3FF0000000000000)).As<
                    long,
                    T
                >()
            );

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Any(Register128<T> mask) => mask._value.AsByte() != Vector128<byte>.Zero;
}
