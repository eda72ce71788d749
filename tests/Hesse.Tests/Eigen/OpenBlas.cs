using System.Runtime.InteropServices;

namespace Hesse.Tests.Eigen;

/// <summary>LAPACK's symmetric eigensolvers from OpenBLAS: an independent check where the library is installed.</summary>
internal static unsafe class OpenBlas
{
    private const string DebianPath = "/usr/lib/x86_64-linux-gnu/openblas-pthread/libopenblas.so.0";
    private static readonly nint Handle =
        NativeLibrary.TryLoad("libopenblas.so.0", out nint handle) || NativeLibrary.TryLoad(DebianPath, out handle)
            ? handle
            : 0;

    public static bool Available => Handle != 0;

    /// <summary>Ascending eigenvalues (n) of the row-major lower triangle of a (n, n).</summary>
    public static double[] Eigenvalues(double[] a, int n)
    {
        double[] matrix = [.. a];
        double[] values = new double[n];
        double[] work = new double[(2 * n) + 1];
        fixed (
            double* matrixPointer = matrix,
                valuesPointer = values,
                workPointer = work
        )
        {
            Call("dsyevd_", n, matrixPointer, valuesPointer, workPointer, work.Length);
        }

        return values;
    }

    /// <summary>Ascending eigenvalues (n) of the row-major lower triangle of a (n, n).</summary>
    public static float[] Eigenvalues(float[] a, int n)
    {
        float[] matrix = [.. a];
        float[] values = new float[n];
        float[] work = new float[(2 * n) + 1];
        fixed (
            float* matrixPointer = matrix,
                valuesPointer = values,
                workPointer = work
        )
        {
            Call("ssyevd_", n, matrixPointer, valuesPointer, workPointer, work.Length);
        }

        return values;
    }

    private static void Call(string name, int n, void* matrix, void* values, void* work, int workLength)
    {
        byte job = (byte)'N';
        // Column-major upper is row-major lower.
        byte triangle = (byte)'U';
        int integer = 0;
        int one = 1;
        int failure = 0;
        var routine = (delegate* unmanaged<byte*, byte*, int*, void*, int*, void*, void*, int*, int*, int*, int*, void>)
            NativeLibrary.GetExport(Handle, name);
        routine(&job, &triangle, &n, matrix, &n, values, work, &workLength, &integer, &one, &failure);
        failure.ShouldBe(0);
    }
}

/// <summary>A test that runs where OpenBLAS is installed and says so where it does not run.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OpenBlasFactAttribute : FactAttribute
{
    public OpenBlasFactAttribute()
    {
        if (!OpenBlas.Available)
        {
            Skip = "libopenblas.so.0 is not installed";
        }
    }
}
