using System.Numerics;
using Hesse.Backends.Cpu;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Tests.Backends.Cpu.Lanes;

/// <summary>Every element is the scalar chain of fused multiply-adds bit for bit, in every lane, tile and blocking.</summary>
[Trait("Category", "Numerical")]
public sealed unsafe class LaneContractionTests
{
    public static TheoryData<int, int, int> Sizes =>
        new()
        {
            { 1, 1, 1 },
            { 2, 1, 15 },
            { 1, 5, 3 },
            { 4, 3, 16 },
            { 5, 5, 2 },
            { 7, 11, 17 },
            { 10, 50, 5 },
            { 30, 25, 50 },
            { 3, 4, 257 },
            { 9, 2, 0 },
        };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Float_registers_give_the_scalar_chain(int rows, int columns, int depth)
    {
        Check<Register128<float>, float>(rows, columns, depth);
        Check<Register256<float>, float>(rows, columns, depth);
        Check<Register512<float>, float>(rows, columns, depth);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Double_registers_give_the_scalar_chain(int rows, int columns, int depth)
    {
        Check<Register128<double>, double>(rows, columns, depth);
        Check<Register256<double>, double>(rows, columns, depth);
        Check<Register512<double>, double>(rows, columns, depth);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void What_follows_a_sum_is_what_a_sweep_over_the_sums_does(int rows, int columns, int depth)
    {
        Finish<Register128<float>, LaneBias<Register128<float>, float>>(rows, columns, depth, (s, x) => s + x);
        Finish<Register256<float>, LaneBiasRelu<Register256<float>, float>>(
            rows,
            columns,
            depth,
            (s, x) => Math.Max(s + x, 0)
        );
        Finish<Register512<float>, LaneRelu<Register512<float>, float>>(rows, columns, depth, (s, _) => Math.Max(s, 0));
        Finish<Register256<float>, LaneReluSlope<Register256<float>, float>>(
            rows,
            columns,
            depth,
            (s, x) => x > 0 ? s : 0
        );
    }

    // Sides have one register a row: what a bias has.
    private static void Finish<V, TFinish>(int rows, int columns, int depth, Func<float, float, float> finish)
        where V : unmanaged, IVector<V, float>
        where TFinish : struct, ILaneFinish<V, float>
    {
        using AlignedBuffer<float> a = Filled<V, float>(rows * Math.Max(1, depth), 1);
        using AlignedBuffer<float> b = Filled<V, float>(columns * Math.Max(1, depth), 2);
        using AlignedBuffer<float> c = Filled<V, float>(rows * columns, 3);
        using AlignedBuffer<float> side = Filled<V, float>(rows, 4);
        LaneMatrix<float> left = new(a.Pointer, 1, rows);
        LaneMatrix<float> right = new(b.Pointer, depth, 1);
        LaneMatrix<float> sums = new(c.Pointer, 1, rows);
        LaneContraction<V, float>.Run(left, right, sums, rows, columns, depth, continues: false);
        float[] expected = new float[c.Length];
        for (int i = 0; i < expected.Length; i++)
        {
            expected[i] = finish(c.Pointer[i], side.Pointer[i % (rows * V.Count)]);
        }

        LaneContraction<V, float>.Run<TFinish>(
            left,
            right,
            sums,
            rows,
            columns,
            depth,
            continues: false,
            new(side.Pointer, 1, 0),
            null
        );
        c.Span.ToArray().ShouldBe(expected);
    }

    private static void Check<V, T>(int rows, int columns, int depth)
        where V : unmanaged, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (bool continues in new[] { false, true })
        {
            // a is stored k-major, b row-major, c column-major: three different stride patterns.
            using AlignedBuffer<T> a = Filled<V, T>(rows * Math.Max(1, depth), 1);
            using AlignedBuffer<T> b = Filled<V, T>(columns * Math.Max(1, depth), 2);
            using AlignedBuffer<T> c = Filled<V, T>(rows * columns, 3);
            T[] expected = c.Span.ToArray();
            for (int m = 0; m < rows; m++)
            {
                for (int n = 0; n < columns; n++)
                {
                    for (int lane = 0; lane < V.Count; lane++)
                    {
                        int at = (((n * rows) + m) * V.Count) + lane;
                        T sum = continues ? expected[at] : T.Zero;
                        for (int k = 0; k < depth; k++)
                        {
                            T x = a.Pointer[(((k * rows) + m) * V.Count) + lane];
                            T y = b.Pointer[(((n * depth) + k) * V.Count) + lane];
                            sum = T.FusedMultiplyAdd(x, y, sum);
                        }

                        expected[at] = sum;
                    }
                }
            }

            LaneContraction<V, T>.Run(
                new(a.Pointer, 1, rows),
                new(b.Pointer, depth, 1),
                new(c.Pointer, 1, rows),
                rows,
                columns,
                depth,
                continues
            );
            c.Span.ToArray().ShouldBe(expected);
        }
    }

    private static AlignedBuffer<T> Filled<V, T>(int registers, int seed)
        where V : unmanaged, IVector<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        AlignedBuffer<T> buffer = new((long)registers * V.Count);
        for (int i = 0; i < buffer.Length; i++)
        {
            buffer.Pointer[i] = T.CreateTruncating(Math.Sin((i * (i + 1.0)) + seed));
        }

        return buffer;
    }
}
