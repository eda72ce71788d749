using System.Globalization;
using BenchmarkDotNet.Attributes;
using Hesse.Backends.Cpu;
using Hesse.Backends.Cpu.Dense;
using Hesse.Backends.Cpu.Lanes;
using Hesse.Networks;

namespace Hesse.Benchmarks;

/// <summary>Products of the shapes of forward passes, gradients and Hessians; 2 m n k flops. AVX2 registers, float.</summary>
public unsafe class GemmBenchmarks : IRated
{
    private AlignedBuffer<float>[] _buffers = []; // A, B, C, scratch

    /// <summary>m, n, k</summary>
    [Params("30 1000 50", "30 51 1000", "51 930 1000", "512 512 512", "512 5 784")]
    public string Shape { get; set; } = "";

    private int M => Sides[0];

    private int N => Sides[1];

    private int K => Sides[2];

    private int[] Sides =>
        field ??= [.. Shape.Split(' ').Select(side => int.Parse(side, CultureInfo.InvariantCulture))];

    [GlobalSetup]
    public void Setup()
    {
        _buffers =
        [
            Filled(M * K),
            Filled(K * N),
            Filled(M * N),
            new AlignedBuffer<float>(Gemm<Register256<float>, float>.ScratchLength),
        ];
    }

    [GlobalCleanup]
    public void Cleanup() => Array.ForEach(_buffers, buffer => buffer.Dispose());

    /// <summary>One sum after the other, scalar.</summary>
    [Benchmark(Baseline = true)]
    public void Reference()
    {
        for (int row = 0; row < M; row++)
        {
            for (int column = 0; column < N; column++)
            {
                float sum = 0;
                for (int k = 0; k < K; k++)
                {
                    sum = MathF.FusedMultiplyAdd(
                        _buffers[0].Pointer[(row * K) + k],
                        _buffers[1].Pointer[(k * N) + column],
                        sum
                    );
                }

                _buffers[2].Pointer[(row * N) + column] = sum;
            }
        }
    }

    [Benchmark]
    public void Multiply() =>
        Gemm<Register256<float>, float>.Multiply(
            M,
            N,
            K,
            new(_buffers[0].Pointer, K),
            new(_buffers[1].Pointer, N),
            new(_buffers[2].Pointer, N),
            false,
            _buffers[3].Pointer
        );

    /// <summary>A and B are read, C is written.</summary>
    public Work Work(string benchmark) =>
        new(
            2.0 * M * N * K,
            sizeof(float) * (((double)M * K) + ((double)K * N) + ((double)M * N)),
            Precision.Float32,
            1
        );

    private static AlignedBuffer<float> Filled(int length)
    {
        Random random = new(1);
        AlignedBuffer<float> buffer = new(length);
        for (int i = 0; i < length; i++)
        {
            buffer.Span[i] = random.NextSingle() - 0.5f;
        }

        return buffer;
    }
}
