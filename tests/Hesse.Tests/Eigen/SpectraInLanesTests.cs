using System.Numerics;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Eigen;

namespace Hesse.Tests.Eigen;

/// <summary>The QL iteration of several matrices in the lanes of registers: to the last bit what a matrix alone gets, whatever its neighbours.</summary>
[Trait("Category", "Numerical")]
public sealed class SpectraInLanesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(129)]
    [InlineData(257)]
    public void Bits_are_those_of_a_matrix_alone(int n)
    {
        Check<Register128<float>, float>(n);
        Check<Register256<float>, float>(n);
        Check<Register512<float>, float>(n);
        Check<Register128<double>, double>(n);
        Check<Register256<double>, double>(n);
        Check<Register512<double>, double>(n);
    }

    [Fact]
    public void Two_stages_give_the_same_bits_together_and_alone()
    {
        const int n = 150;
        using EigenWorkspace<double> workspace = new(n, vectors: false, twoStageOrder: 100);
        Check<Register256<double>, double>(n, [.. Matrices<double>(n).Take(3)], workspace);
    }

    [Fact]
    public void A_diverged_neighbour_is_all_NaN_and_harms_nobody()
    {
        const int n = 40;
        double[][] matrices = [.. Matrices<double>(n).Take(3)];
        matrices[1] = [.. matrices[1]];
        matrices[1][(17 * n) + 5] = double.NaN;
        using EigenWorkspace<double> workspace = new(n);
        Check<Register256<double>, double>(n, matrices, workspace);
    }

    [Fact]
    public void A_matrix_that_reaches_the_limit_is_all_NaN_and_harms_nobody()
    {
        const int n = 40;
        double[] random = SymmetricTestMatrices.Create<double>("random", n);
        double[] diagonal = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            diagonal[(i * n) + i] = i - 3;
        }

        using EigenWorkspace<double> workspace = new(n) { SweepsPerEigenvalue = 0 };
        double[] values = Values<Register256<double>, double>(n, [random, diagonal], workspace, out bool converged);
        converged.ShouldBeFalse();
        values[..n].ShouldAllBe(x => double.IsNaN(x));
        values[n..].ShouldBe([.. Enumerable.Range(-3, n).Select(x => (double)x)]);
    }

    private static void Check<V, T>(int n)
        where V : unmanaged, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using EigenWorkspace<T> workspace = new(n);
        T[][] all = [.. Matrices<T>(n)];
        // Groups of every size up to what is solved at once, so that one register and two, whole ones and parts, come up.
        for (int from = 0, count = 1; from < all.Length; from += count, count++)
        {
            int end = Math.Min(all.Length, from + Math.Min(count, SpectraInLanes<V, T>.AtOnce));
            count = end - from;
            Check<V, T>(n, all[from..end], workspace);
        }
    }

    private static void Check<V, T>(int n, T[][] matrices, EigenWorkspace<T> workspace)
        where V : unmanaged, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] together = Values<V, T>(n, matrices, workspace, out bool converged);
        converged.ShouldBeTrue();
        T[] alone = new T[n];
        for (int k = 0; k < matrices.Length; k++)
        {
            SymmetricEigen.Values<T, V>(matrices[k], n, alone, workspace).ShouldBeTrue();
            for (int i = 0; i < n; i++)
            {
                // As bits: zeros have a sign, and NaN equals NaN.
                Bits(together[(k * n) + i]).ShouldBe(Bits(alone[i]), $"matrix {k}, eigenvalue {i}");
            }
        }
    }

    private static long Bits<T>(T value)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        BitConverter.DoubleToInt64Bits(double.CreateChecked(value));

    private static T[] Values<V, T>(int n, T[][] matrices, EigenWorkspace<T> workspace, out bool converged)
        where V : unmanaged, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using SpectraInLanes<V, T> solver = new(n);
        for (int k = 0; k < matrices.Length; k++)
        {
            solver.Reduce(k, matrices[k], workspace);
        }

        T[] values = new T[matrices.Length * n];
        converged = solver.Solve(matrices.Length, workspace.SweepsPerEigenvalue, values);
        return values;
    }

    private static IEnumerable<T[]> Matrices<T>(int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        SymmetricTestMatrices.Types.Select(type => SymmetricTestMatrices.Create<T>(type, n));
}
