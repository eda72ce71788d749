using System.Numerics;
using Hesse.Backends.Cpu.Lanes;

namespace Hesse.Tests.Backends.Cpu.Lanes;

/// <summary>Rows put side by side: every number arrives at its place, and nothing else is touched.</summary>
[Trait("Category", "Numerical")]
public sealed unsafe class LaneGatherTests
{
    private const int Margin = 3;
    private const int Sentinel = -1;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(67)]
    [InlineData(68)]
    [InlineData(128)]
    [InlineData(130)]
    public void Every_number_arrives_at_its_place_and_nothing_else_changes(int dimension)
    {
        for (int lanes = 1; lanes <= 16; lanes++)
        {
            Check<float>(dimension, lanes);
            Check<double>(dimension, lanes);
        }
    }

    private static void Check<T>(int dimension, int lanes)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int stride = lanes + Margin;
        T sentinel = T.CreateChecked(Sentinel);
        T[] numbers = [.. Enumerable.Range(0, lanes * dimension).Select(T.CreateChecked)];
        T[] destination = [.. Enumerable.Repeat(sentinel, (dimension * stride) + Margin)];
        fixed (
            T* from = numbers,
                to = destination
        )
        {
            T** rows = stackalloc T*[lanes];
            for (int lane = 0; lane < lanes; lane++)
            {
                rows[lane] = from + (lane * dimension);
            }

            LaneGather.Rows(rows, lanes, dimension, to, stride);
        }

        T[] expected = [.. Enumerable.Repeat(sentinel, destination.Length)];
        for (int lane = 0; lane < lanes; lane++)
        {
            for (int j = 0; j < dimension; j++)
            {
                expected[(j * stride) + lane] = numbers[(lane * dimension) + j];
            }
        }

        destination.ShouldBe(expected, $"{typeof(T).Name}, {lanes} lanes");
    }
}
