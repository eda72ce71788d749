using System.Reflection;
using System.Runtime.InteropServices;

namespace Hesse.Benchmarks;

/// <summary>LAPACK's divide-and-conquer eigensolvers from OpenBLAS on one thread: the peer of SymmetricEigen.</summary>
internal static unsafe class OpenBlas
{
    private const string Library = "libopenblas.so.0";

    // Beside the loader's own path: where Debian puts the threaded build.
    private const string DebianPath = "/usr/lib/x86_64-linux-gnu/openblas-pthread/libopenblas.so.0";
    private static readonly nint Handle = Load();
    private static readonly delegate* unmanaged<
        byte*,
        byte*,
        int*,
        float*,
        int*,
        float*,
        float*,
        int*,
        int*,
        int*,
        int*,
        void> Single = (delegate* unmanaged<
        byte*,
        byte*,
        int*,
        float*,
        int*,
        float*,
        float*,
        int*,
        int*,
        int*,
        int*,
        void>)Entry("ssyevd_");

    private static readonly delegate* unmanaged<
        byte*,
        byte*,
        int*,
        double*,
        int*,
        double*,
        double*,
        int*,
        int*,
        int*,
        int*,
        void> Double = (delegate* unmanaged<
        byte*,
        byte*,
        int*,
        double*,
        int*,
        double*,
        double*,
        int*,
        int*,
        int*,
        int*,
        void>)Entry("dsyevd_");

    /// <summary>Whether the library is installed.</summary>
    public static bool Available => Handle != 0;

    /// <summary>The kernels it chose, for the record.</summary>
    public static string Kernels =>
        Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)NativeLibrary.GetExport(Handle, "openblas_get_corename"))())
        ?? "unknown";

    /// <summary>Eigenvalues (n) of a (n, n), which is destroyed; with vectors, a becomes row k = eigenvector k.</summary>
    public static void Eigen<T>(T[] a, int n, T[] values, bool vectors, T[] work, int[] integers)
        where T : unmanaged
    {
        byte job = (byte)(vectors ? 'V' : 'N');
        // Column-major upper is row-major lower.
        byte triangle = (byte)'U';
        int length = work.Length;
        int integerLength = integers.Length;
        int failure = 0;
        fixed (
            T* aPointer = a,
                w = values,
                workPointer = work
        )
        fixed (int* integerPointer = integers)
        {
            if (typeof(T) == typeof(float))
            {
                Single(
                    &job,
                    &triangle,
                    &n,
                    (float*)aPointer,
                    &n,
                    (float*)w,
                    (float*)workPointer,
                    &length,
                    integerPointer,
                    &integerLength,
                    &failure
                );
            }
            else
            {
                Double(
                    &job,
                    &triangle,
                    &n,
                    (double*)aPointer,
                    &n,
                    (double*)w,
                    (double*)workPointer,
                    &length,
                    integerPointer,
                    &integerLength,
                    &failure
                );
            }
        }

        if (failure != 0)
        {
            throw new InvalidOperationException($"syevd failed with {failure}");
        }
    }

    /// <summary>Elements of work and integers that both jobs accept with room for their blocked forms.</summary>
    public static (int Work, int Integers) WorkLengths(int n, bool vectors) =>
        (vectors ? 1 + (6 * n) + (2 * n * n) : (2 * n) + 1 + (64 * n), vectors ? 3 + (5 * n) : 1);

    private static nint Load()
    {
        if (
            !NativeLibrary.TryLoad(Library, Assembly.GetExecutingAssembly(), null, out nint handle)
            && !NativeLibrary.TryLoad(DebianPath, out handle)
        )
        {
            return 0;
        }

        ((delegate* unmanaged<int, void>)NativeLibrary.GetExport(handle, "openblas_set_num_threads"))(1);
        return handle;
    }

    private static nint Entry(string name) => Handle == 0 ? 0 : NativeLibrary.GetExport(Handle, name);
}
