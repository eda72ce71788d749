using System.Numerics;

namespace Hesse.Eigen;

/// <summary>What both QL iterations share: unreduced blocks of a tridiagonal matrix, their scale and their direction.</summary>
internal static unsafe class TridiagonalBlock<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>
    /// The last index of the unreduced block that begins at first; the coupling behind it becomes zero. A coupling e between
    /// a and b is negligible where |e| is at most eps sqrt(|a b|).
    /// </summary>
    public static int End(T* diagonal, T* offDiagonal, int first, int n)
    {
        for (int i = first; i < n - 1; i++)
        {
            T product = T.Sqrt(T.Abs(diagonal[i])) * T.Sqrt(T.Abs(diagonal[i + 1]));
            if (T.Abs(offDiagonal[i]) <= product * Precision<T>.Epsilon)
            {
                offDiagonal[i] = T.Zero;
                return i;
            }
        }

        return n - 1;
    }

    /// <summary>Scales the block by a power of two to a largest element in [1, 2), so that squares stay in range.</summary>
    /// <returns>The power of two that undoes it.</returns>
    public static T Normalise(T* diagonal, T* offDiagonal, int first, int last)
    {
        T largest = T.Abs(diagonal[last]);
        for (int i = first; i < last; i++)
        {
            largest = T.Max(largest, T.Max(T.Abs(diagonal[i]), T.Abs(offDiagonal[i])));
        }

        // The reciprocal must be a number too: a block of subnormal size stays small, and its values are below rounding.
        int exponent = Math.Max(T.ILogB(largest), Precision<T>.SmallestExponent);
        T scale = T.ScaleB(T.One, -exponent);
        for (int i = first; i <= last; i++)
        {
            diagonal[i] *= scale;
            offDiagonal[i] = i < last ? offDiagonal[i] * scale : offDiagonal[i];
        }

        return T.ScaleB(T.One, exponent);
    }

    /// <summary>Reverses the block where its last element is smaller than its first: QL converges fast when small elements lead.</summary>
    /// <returns>Whether it was reversed.</returns>
    public static bool PutSmallEndFirst(T* diagonal, T* offDiagonal, int first, int last)
    {
        if (T.Abs(diagonal[last]) >= T.Abs(diagonal[first]))
        {
            return false;
        }

        new Span<T>(diagonal + first, last - first + 1).Reverse();
        new Span<T>(offDiagonal + first, last - first).Reverse();
        return true;
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
