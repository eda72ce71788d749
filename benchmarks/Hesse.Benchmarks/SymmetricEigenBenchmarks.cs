using BenchmarkDotNet.Attributes;
using Hesse.Backends.Reference;
using Hesse.Eigen;
using Hesse.Networks;

namespace Hesse.Benchmarks;

/// <summary>
/// All eigenvalues of a random symmetric matrix, one thread. On machines with AVX-512 set OPENBLAS_CORETYPE=SKYLAKEX in the
/// environment, or old releases of OpenBLAS fall back to AVX2 kernels and lose half of their speed.
/// </summary>
[MemoryDiagnoser]
public class SymmetricEigenBenchmarks : IDisposable, IRated
{
    private const int ReferenceOrder = 96;

    private readonly double[] _small = SymmetricEigenComparison.RandomMatrix<double>(ReferenceOrder);
    private readonly double[] _smallCopy = new double[ReferenceOrder * ReferenceOrder];
    private float[] _single = [];
    private double[] _double = [];
    private float[] _singleCopy = [];
    private double[] _doubleCopy = [];
    private float[] _singleValues = [];
    private double[] _doubleValues = [];
    private float[] _singleWork = [];
    private double[] _doubleWork = [];
    private int[] _integers = [];
    private EigenWorkspace<float>? _singleWorkspace;
    private EigenWorkspace<double>? _doubleWorkspace;

    /// <summary>Order: parameters of a small net up to those of 50-30-30-10.</summary>
    [Params(96, 250, 500, 1150, 2770)]
    public int N { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _single = SymmetricEigenComparison.RandomMatrix<float>(N);
        _double = SymmetricEigenComparison.RandomMatrix<double>(N);
        _singleCopy = new float[_single.Length];
        _doubleCopy = new double[_double.Length];
        _singleValues = new float[N];
        _doubleValues = new double[N];
        (int work, int integers) = OpenBlas.WorkLengths(N, vectors: false);
        _singleWork = new float[work];
        _doubleWork = new double[work];
        _integers = new int[integers];
        _singleWorkspace = new EigenWorkspace<float>(N);
        _doubleWorkspace = new EigenWorkspace<double>(N);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _singleWorkspace?.Dispose();
        _doubleWorkspace?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A matrix of the smallest order, scalar: its rate is that of all orders.</summary>
    [Benchmark(Baseline = true)]
    public void Reference()
    {
        _small.CopyTo(_smallCopy, 0);
        ScalarEigenvalues.Of(_smallCopy, ReferenceOrder, _doubleValues.AsSpan(0, ReferenceOrder));
    }

    [Benchmark]
    public bool Float() => SymmetricEigen.Values<float>(_single, N, _singleValues, _singleWorkspace!);

    [Benchmark]
    public bool Double() => SymmetricEigen.Values<double>(_double, N, _doubleValues, _doubleWorkspace!);

    /// <summary>The copy is part of the time: the routine destroys its matrix.</summary>
    [Benchmark]
    public void OpenBlasFloat()
    {
        _single.CopyTo(_singleCopy, 0);
        OpenBlas.Eigen(_singleCopy, N, _singleValues, vectors: false, _singleWork, _integers);
    }

    /// <summary>The copy is part of the time: the routine destroys its matrix.</summary>
    [Benchmark]
    public void OpenBlasDouble()
    {
        _double.CopyTo(_doubleCopy, 0);
        OpenBlas.Eigen(_doubleCopy, N, _doubleValues, vectors: false, _doubleWork, _integers);
    }

    /// <summary>
    /// 4/3 n^3 operations of the reduction to tridiagonal form; half of them multiply every trailing triangle by a vector, which reads n^3/6
    /// numbers however they are blocked.
    /// </summary>
    public Work Work(string benchmark)
    {
        bool single = benchmark.EndsWith("Float", StringComparison.Ordinal);
        double order = string.Equals(benchmark, nameof(Reference), StringComparison.Ordinal) ? ReferenceOrder : N;
        double cube = order * order * order;
        return new(
            4 * cube / 3,
            (single ? sizeof(float) : sizeof(double)) * cube / 6,
            single ? Precision.Float32 : Precision.Float64,
            1
        );
    }
}
