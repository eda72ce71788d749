using System.Numerics;

namespace Hesse.Eigen;

/// <summary>What both QL iterations share: unreduced blocks of a tridiagonal matrix, their scale and their direction.</summary>
internal static unsafe class TridiagonalBlock<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>
    /// The last index of the unreduced block that begins at first; the coupling behind it becomes zero. A coupling e between
    /// a and b is negligible where |e| is at most eps sqrt(|a b|). Here and below, stride is the distance of a matrix's elements.
    /// </summary>
    public static int End(T* diagonal, T* offDiagonal, int first, int n, int stride = 1)
    {
        for (int i = first; i < n - 1; i++)
        {
            nint at = (nint)i * stride;
            T product = T.Sqrt(T.Abs(diagonal[at])) * T.Sqrt(T.Abs(diagonal[at + stride]));
            if (T.Abs(offDiagonal[at]) <= product * Precision<T>.Epsilon)
            {
                offDiagonal[at] = T.Zero;
                return i;
            }
        }

        return n - 1;
    }

    /// <summary>Scales the block by a power of two to a largest element in [1, 2), so that squares stay in range.</summary>
    /// <returns>The power of two that undoes it.</returns>
    public static T Normalise(T* diagonal, T* offDiagonal, int first, int last, int stride = 1)
    {
        nint end = (nint)last * stride;
        T largest = T.Abs(diagonal[end]);
        for (nint at = (nint)first * stride; at < end; at += stride)
        {
            largest = T.Max(largest, T.Max(T.Abs(diagonal[at]), T.Abs(offDiagonal[at])));
        }

        // The reciprocal must be a number too: a block of subnormal size stays small, and its values are below rounding.
        int exponent = Math.Max(T.ILogB(largest), Precision<T>.SmallestExponent);
        T scale = T.ScaleB(T.One, -exponent);
        for (nint at = (nint)first * stride; at < end; at += stride)
        {
            diagonal[at] *= scale;
            offDiagonal[at] *= scale;
        }

        diagonal[end] *= scale;

        return T.ScaleB(T.One, exponent);
    }

    /// <summary>Reverses the block where its last element is smaller than its first: QL converges fast when small elements lead.</summary>
    /// <returns>Whether it was reversed.</returns>
    public static bool PutSmallEndFirst(T* diagonal, T* offDiagonal, int first, int last, int stride = 1)
    {
        if (T.Abs(diagonal[(nint)last * stride]) >= T.Abs(diagonal[(nint)first * stride]))
        {
            return false;
        }

        Reverse(diagonal + ((nint)first * stride), last - first + 1, stride);
        Reverse(offDiagonal + ((nint)first * stride), last - first, stride);
        return true;
    }

    /// <summary>The numbers in the opposite order.</summary>
    public static void Reverse(T* numbers, int count, int stride)
    {
        T* mirror = numbers + ((count - (nint)1) * stride);
        for (; numbers < mirror; numbers += stride, mirror -= stride)
        {
            (*numbers, *mirror) = (*mirror, *numbers);
        }
    }

    /// <summary>Eigenvalues of [[a, b], [b, c]], the smaller one without cancellation.</summary>
    public static (T First, T Second) TwoByTwo(T a, T b, T c)
    {
        T sum = a + c;
        T difference = a - c;
        T twice = b + b;
        T root = T.Sqrt(T.FusedMultiplyAdd(difference, difference, twice * twice));
        T half = T.CreateChecked(0.5);
        if (sum == T.Zero)
        {
            return (half * root, -half * root);
        }

        T large = T.Abs(a) >= T.Abs(c) ? a : c;
        T small = T.Abs(a) >= T.Abs(c) ? c : a;
        T first = half * (sum + T.CopySign(root, sum));
        return (first, T.FusedMultiplyAdd(large / first, small, -(b / first * b)));
    }
}
