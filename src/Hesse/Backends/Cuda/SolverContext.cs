using System.Runtime.InteropServices;
using Hesse.Networks;

namespace Hesse.Backends.Cuda;

/// <summary>cuSOLVER on a device.</summary>
internal sealed unsafe class SolverContext : IDisposable
{
    private readonly SolverHandle _handle;
    private readonly SolverParameters _parameters;

    /// <summary>Opens it in the current context.</summary>
    /// <exception cref="HesseException">70: cuSOLVER says no.</exception>
    public SolverContext()
    {
        CudaStatus.CheckSolver(CuSolver.cusolverGetVersion(out int version));
        Version = $"{version / 1000}.{version / 100 % 10}.{version % 100}";
        _handle = new SolverHandle();
        _parameters = new SolverParameters();
    }

    /// <summary>11.7.1 and the like.</summary>
    public string Version { get; }

    /// <summary>How many matrices one call takes: order^2 times their number is a 32-bit number in cuSOLVER. 0 where it takes none.</summary>
    public static int Part(int order, int matrices) => (int)Math.Min(matrices, int.MaxValue / ((long)order * order));

    /// <summary>
    /// All eigenvalues, ascending, of symmetric matrices (count,order,order), which are overwritten; values (count,order), info (count) of
    /// 32 bits, 0 where it went well.
    /// </summary>
    /// <returns>Whether there was memory for its work.</returns>
    public bool TryEigenvalues(
        CudaDevice device,
        Precision precision,
        int order,
        int count,
        nint matrices,
        nint values,
        nint info
    )
    {
        int type = precision == Precision.Float32 ? 0 : 1; // CUDA_R_32F, CUDA_R_64F
        nint handle = _handle.DangerousGetHandle();
        nint parameters = _parameters.DangerousGetHandle();
        CudaStatus.CheckSolver(
            CuSolver.cusolverDnXsyevBatched_bufferSize(
                handle,
                parameters,
                CuSolver.NoVectors,
                CuSolver.Lower,
                order,
                type,
                matrices,
                order,
                type,
                values,
                type,
                out nuint deviceBytes,
                out nuint hostBytes,
                count
            )
        );
        using DeviceMemory? space = device.TryAllocate((long)deviceBytes);
        if (space is null)
        {
            return false;
        }

        // Memory of at least a byte: NULL is no address where a size of 0 was asked for either.
        void* host = NativeMemory.Alloc(Math.Max(1, hostBytes));
        try
        {
            CudaStatus.CheckSolver(
                CuSolver.cusolverDnXsyevBatched(
                    handle,
                    parameters,
                    CuSolver.NoVectors,
                    CuSolver.Lower,
                    order,
                    type,
                    matrices,
                    order,
                    type,
                    values,
                    type,
                    space.Address,
                    deviceBytes,
                    host,
                    hostBytes,
                    info,
                    count
                )
            );
            // The work spaces must outlive what the call has only begun.
            device.Synchronize();
        }
        finally
        {
            NativeMemory.Free(host);
        }

        return true;
    }

    public void Dispose()
    {
        _parameters.Dispose();
        _handle.Dispose();
    }

    private sealed class SolverHandle : SafeHandle
    {
        public SolverHandle()
            : base(0, ownsHandle: true)
        {
            CudaStatus.CheckSolver(CuSolver.cusolverDnCreate(out nint created));
            SetHandle(created);
        }

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle() => CuSolver.cusolverDnDestroy(handle) == Driver.Success;
    }

    private sealed class SolverParameters : SafeHandle
    {
        public SolverParameters()
            : base(0, ownsHandle: true)
        {
            CudaStatus.CheckSolver(CuSolver.cusolverDnCreateParams(out nint created));
            SetHandle(created);
        }

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle() => CuSolver.cusolverDnDestroyParams(handle) == Driver.Success;
    }
}
