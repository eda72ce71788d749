using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Backends.Cpu.Elementary;

/// <summary>
/// Walks spans register by register. What is left over at the end goes through a padded register, so a value's bits depend
/// neither on its place nor on the length of the span. The result may overwrite an argument (the same span, not a shifted one).
/// </summary>
internal static unsafe class ElementWise
{
    // Floats are widened in blocks of this many: the doubles stay in the first-level cache.
    private const int Block = 256;

    /// <summary>result = f(z, a) in double; floats are widened, computed and rounded once. a is empty where f does without.</summary>
    public static void InDouble<TFunction, T>(ReadOnlySpan<T> z, ReadOnlySpan<T> a, Span<T> result)
        where TFunction : struct, ILaneFunction
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(double))
        {
            Doubles<TFunction>(
                MemoryMarshal.Cast<T, double>(z),
                MemoryMarshal.Cast<T, double>(a),
                MemoryMarshal.Cast<T, double>(result)
            );
        }
        else
        {
            Widened<TFunction, T>(z, a, result);
        }
    }

    /// <summary>result = f(z, a) in the format of the arguments.</summary>
    public static void InOwnFormat<TFunction, T>(ReadOnlySpan<T> z, ReadOnlySpan<T> a, Span<T> result)
        where TFunction : struct, IArithmeticFunction
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Loop<Register512<T>, T, Arithmetic<TFunction, Register512<T>, T>>(z, a, result);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Loop<Register256<T>, T, Arithmetic<TFunction, Register256<T>, T>>(z, a, result);
        }
        else
        {
            Loop<Register128<T>, T, Arithmetic<TFunction, Register128<T>, T>>(z, a, result);
        }
    }

    /// <summary>result = f(z, a) with a given register, whatever the machine has.</summary>
    public static void InDouble<TFunction, TVector>(
        ReadOnlySpan<double> z,
        ReadOnlySpan<double> a,
        Span<double> result,
        TVector _
    )
        where TFunction : struct, ILaneFunction
        where TVector : unmanaged, IVector<TVector, double> =>
        Loop<TVector, double, Transcendental<TFunction, TVector>>(z, a, result);

    private static void Doubles<TFunction>(ReadOnlySpan<double> z, ReadOnlySpan<double> a, Span<double> result)
        where TFunction : struct, ILaneFunction
    {
        if (Vector512.IsHardwareAccelerated)
        {
            InDouble<TFunction, Register512<double>>(z, a, result, default);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            InDouble<TFunction, Register256<double>>(z, a, result, default);
        }
        else
        {
            InDouble<TFunction, Register128<double>>(z, a, result, default);
        }
    }

    [SkipLocalsInit]
    private static void Widened<TFunction, T>(ReadOnlySpan<T> z, ReadOnlySpan<T> a, Span<T> result)
        where TFunction : struct, ILaneFunction
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Span<double> wideZ = stackalloc double[Block];
        Span<double> wideA = stackalloc double[Block];
        for (int from = 0; from < z.Length; from += Block)
        {
            int count = Math.Min(Block, z.Length - from);
            Span<double> blockZ = wideZ[..count];
            Span<double> blockA = a.IsEmpty ? [] : wideA[..count];
            TensorPrimitives.ConvertTruncating(z.Slice(from, count), blockZ);
            if (!a.IsEmpty)
            {
                TensorPrimitives.ConvertTruncating(a.Slice(from, count), blockA);
            }

            Doubles<TFunction>(blockZ, blockA, blockZ);
            TensorPrimitives.ConvertTruncating<double, T>(blockZ, result.Slice(from, count));
        }
    }

    [SkipLocalsInit]
    private static void Loop<TVector, T, TFunction>(ReadOnlySpan<T> z, ReadOnlySpan<T> a, Span<T> result)
        where TVector : unmanaged, IVector<TVector, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TFunction : struct, IRegisterFunction<TVector>
    {
        if (result.Length < z.Length || (!a.IsEmpty && a.Length < z.Length))
        {
            throw new ArgumentException("the spans of an element-wise function differ in length");
        }

        int whole = z.Length - (z.Length % TVector.Count);
        T* padded = stackalloc T[2 * TVector.Count];
        fixed (
            T* pointerZ = z,
                pointerGiven = a,
                pointerResult = result
        )
        {
            // An unused a costs nothing: the compiler drops the load.
            T* pointerA = a.IsEmpty ? pointerZ : pointerGiven;
            T* fromZ = pointerZ;
            T* fromA = pointerA;
            T* to = pointerResult;
            int count = whole;
            // Whole registers, then what is left over. One body for both: it is long, and compiling it is what a short run waits for.
            while (true)
            {
                for (int i = 0; i < count; i += TVector.Count)
                {
                    TVector value = TFunction.Apply(TVector.Load(fromZ + i), TVector.Load(fromA + i));
                    TVector.Store(value, to + i);
                }

                if (to == padded)
                {
                    new ReadOnlySpan<T>(padded, z.Length - whole).CopyTo(result[whole..]);
                    return;
                }

                if (whole == z.Length)
                {
                    return;
                }

                fromZ = padded;
                fromA = padded + TVector.Count;
                to = padded;
                count = TVector.Count;
                new Span<T>(padded, 2 * TVector.Count).Clear();
                for (int i = whole; i < z.Length; i++)
                {
                    padded[i - whole] = pointerZ[i];
                    padded[TVector.Count + i - whole] = pointerA[i];
                }
            }
        }
    }

    // One loop serves both kinds of functions.
    private interface IRegisterFunction<TVector>
    {
        static abstract TVector Apply(TVector z, TVector a);
    }

    private readonly struct Transcendental<TFunction, TVector> : IRegisterFunction<TVector>
        where TFunction : struct, ILaneFunction
        where TVector : unmanaged, IVector<TVector, double>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Apply(TVector z, TVector a) => TFunction.Apply(z, a);
    }

    private readonly struct Arithmetic<TFunction, TVector, T> : IRegisterFunction<TVector>
        where TFunction : struct, IArithmeticFunction
        where TVector : unmanaged, IVector<TVector, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Apply(TVector z, TVector a) => TFunction.Apply<TVector, T>(z, a);
    }
}
