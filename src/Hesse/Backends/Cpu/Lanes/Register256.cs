using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Hesse.Backends.Cpu.Lanes;

/// <summary>256-bit register.</summary>
internal unsafe struct Register256<T>(Vector256<T> value) : IVector<Register256<T>, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private Vector256<T> _value = value;

    public static int Count => Vector256<T>.Count;

    public static Register256<T> Zero => new(Vector256<T>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256<T> Broadcast(T value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256<T> Load(T* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Register256<T> value, T* destination) => value._value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256<T> FusedMultiplyAdd(Register256<T> a, Register256<T> b, Register256<T> c) =>
        typeof(T) == typeof(float)
            ? new(
                Vector256.FusedMultiplyAdd(a._value.AsSingle(), b._value.AsSingle(), c._value.AsSingle()).As<float, T>()
            )
            : new(
                Vector256
                    .FusedMultiplyAdd(a._value.AsDouble(), b._value.AsDouble(), c._value.AsDouble())
                    .As<double, T>()
            );

    // Into the field itself: by way of a new register the compiler would overwrite a factor and copy the sum back.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Accumulate(ref Register256<T> sum, Register256<T> a, Register256<T> b)
    {
        if (typeof(T) == typeof(float))
        {
            sum._value = Vector256
                .FusedMultiplyAdd(a._value.AsSingle(), b._value.AsSingle(), sum._value.AsSingle())
                .As<float, T>();
        }
        else
        {
            sum._value = Vector256
                .FusedMultiplyAdd(a._value.AsDouble(), b._value.AsDouble(), sum._value.AsDouble())
                .As<double, T>();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256<T> Add(Register256<T> a, Register256<T> b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256<T> Subtract(Register256<T> a, Register256<T> b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256<T> Multiply(Register256<T> a, Register256<T> b) => new(a._value * b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256<T> Divide(Register256<T> a, Register256<T> b) => new(a._value / b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256<T> SquareRoot(Register256<T> a) => new(Vector256.Sqrt(a._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256<T> LargerOf(Register256<T> a, Register256<T> b) =>
        new(Vector256.ConditionalSelect(Vector256.GreaterThan(a._value, b._value), a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256<T> GreaterThan(Register256<T> a, Register256<T> b) =>
        new(Vector256.GreaterThan(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256<T> Equal(Register256<T> a, Register256<T> b) => new(Vector256.Equals(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256<T> Select(Register256<T> mask, Register256<T> a, Register256<T> b)
    {
        // One instruction; ConditionalSelect is three wherever the compiler does not see that a comparison made the mask.
        if (Avx.IsSupported && typeof(T) == typeof(float))
        {
            return new(
                Avx.BlendVariable(b._value.AsSingle(), a._value.AsSingle(), mask._value.AsSingle()).As<float, T>()
            );
        }

        return Avx.IsSupported && typeof(T) == typeof(double)
            ? new(Avx.BlendVariable(b._value.AsDouble(), a._value.AsDouble(), mask._value.AsDouble()).As<double, T>())
            : new(Vector256.ConditionalSelect(mask._value, a._value, b._value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256<T> Absolute(Register256<T> a) => new(Vector256.Abs(a._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256<T> CopySign(Register256<T> a, Register256<T> b) =>
        new(Vector256.CopySign(a._value, b._value));

    // Adding 1.5 2^(mantissa bits) leaves the integer in the low bits, from where it is shifted into the exponent.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256<T> PowerOfTwo(Register256<T> k) =>
        typeof(T) == typeof(float)
            ? new(
                Vector256
                    .ShiftLeft((Vector256.Create(12582912f + 127f) + k._value.AsSingle()).AsInt32(), 23)
                    .As<int, T>()
            )
            : new(
                Vector256
                    .ShiftLeft((Vector256.Create(6755399441055744.0 + 1023.0) + k._value.AsDouble()).AsInt64(), 52)
                    .As<long, T>()
            );

    // The exponent's bits become the low mantissa bits of 2^(mantissa bits), from which that number is taken away.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256<T> Exponent(Register256<T> a) =>
        typeof(T) == typeof(float)
            ? new(
                (
                    (Vector256.ShiftRightLogical(a._value.AsInt32(), 23) | Vector256.Create(0x4B000000)).AsSingle()
                    - Vector256.Create(8388608f + 127f)
                ).As<float, T>()
            )
            : new(
                (
                    (
                        Vector256.ShiftRightLogical(a._value.AsInt64(), 52) | Vector256.Create(0x4330000000000000)
                    ).AsDouble() - Vector256.Create(4503599627370496.0 + 1023.0)
                ).As<double, T>()
            );

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Register256<T> Mantissa(Register256<T> a) =>
        typeof(T) == typeof(float)
            ? new(((a._value.AsInt32() & Vector256.Create(0x007FFFFF)) | Vector256.Create(0x3F800000)).As<int, T>())
            : new(
                ((a._value.AsInt64() & Vector256.Create(0x000FFFFFFFFFFFFF)) | Vector256.Create(0x3FF0000000000000)).As<
                    long,
                    T
                >()
            );

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Any(Register256<T> mask) => mask._value.AsByte() != Vector256<byte>.Zero;
}
