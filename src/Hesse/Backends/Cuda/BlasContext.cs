using System.Runtime.InteropServices;

namespace Hesse.Backends.Cuda;

/// <summary>cuBLAS on a device.</summary>
internal sealed unsafe class BlasContext : IDisposable
{
    private readonly BlasHandle _handle = new();

    /// <summary>Opens it in the current context; arithmetic is that of the type, never TF32.</summary>
    /// <exception cref="HesseException">70: cuBLAS says no.</exception>
    public BlasContext()
    {
        nint handle = _handle.DangerousGetHandle();
        CudaStatus.CheckBlas(CuBlas.cublasSetMathMode(handle, CuBlas.PedanticMath));
        CudaStatus.CheckBlas(CuBlas.cublasGetVersion_v2(handle, out int version));
        Version = $"{version / 10000}.{version / 100 % 100}.{version % 100}";
    }

    /// <summary>12.4.5 and the like.</summary>
    public string Version { get; }

    /// <summary>
    /// result = left right for many matrices of rows, where `rows` x `columns` is the result and `depth` the sums' length. cuBLAS has columns:
    /// it is asked for the transposed product, whose factors change places.
    /// </summary>
    /// <param name="rows">Rows of the result.</param>
    /// <param name="columns">Columns of the result.</param>
    /// <param name="depth">Length of the sums.</param>
    /// <param name="left">Left factors, (rows,depth), or (depth,rows) where transposed.</param>
    /// <param name="right">Right factors, (depth,columns), or (columns,depth) where transposed.</param>
    /// <param name="result">(rows,columns)</param>
    /// <param name="batch">How many.</param>
    public void Multiply<T>(
        int rows,
        int columns,
        int depth,
        BlasFactor left,
        BlasFactor right,
        BlasFactor result,
        int batch
    )
        where T : unmanaged
    {
        int leftOperation = left.Transposed ? CuBlas.Transposed : CuBlas.AsItIs;
        int rightOperation = right.Transposed ? CuBlas.Transposed : CuBlas.AsItIs;
        int leftLeading = left.Transposed ? rows : depth;
        int rightLeading = right.Transposed ? depth : columns;
        nint handle = _handle.DangerousGetHandle();
        if (sizeof(T) == sizeof(float))
        {
            float one = 1;
            float zero = 0;
            CudaStatus.CheckBlas(
                CuBlas.cublasSgemmStridedBatched(
                    handle,
                    rightOperation,
                    leftOperation,
                    columns,
                    rows,
                    depth,
                    &one,
                    right.Address,
                    rightLeading,
                    right.Stride,
                    left.Address,
                    leftLeading,
                    left.Stride,
                    &zero,
                    result.Address,
                    columns,
                    result.Stride,
                    batch
                )
            );
            return;
        }

        double unit = 1;
        double nothing = 0;
        CudaStatus.CheckBlas(
            CuBlas.cublasDgemmStridedBatched(
                handle,
                rightOperation,
                leftOperation,
                columns,
                rows,
                depth,
                &unit,
                right.Address,
                rightLeading,
                right.Stride,
                left.Address,
                leftLeading,
                left.Stride,
                &nothing,
                result.Address,
                columns,
                result.Stride,
                batch
            )
        );
    }

    public void Dispose() => _handle.Dispose();

    private sealed class BlasHandle : SafeHandle
    {
        public BlasHandle()
            : base(0, ownsHandle: true)
        {
            CudaStatus.CheckBlas(CuBlas.cublasCreate_v2(out nint created));
            SetHandle(created);
        }

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle() => CuBlas.cublasDestroy_v2(handle) == Driver.Success;
    }
}

/// <summary>Matrices of rows, without gaps, one a replica.</summary>
/// <param name="Address">Of the first.</param>
/// <param name="Stride">Numbers from one to the next.</param>
/// <param name="Transposed">Whether its rows are the product's columns.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BlasFactor(nint Address, long Stride, bool Transposed = false);
