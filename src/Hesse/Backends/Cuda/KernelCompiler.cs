using System.Runtime.InteropServices;
using System.Text;

namespace Hesse.Backends.Cuda;

/// <summary>
/// Programs to machine code by NVRTC, through a cache on disk. Contraction of multiplications and additions is off: every fused
/// multiply-add of a kernel is written there, so results are well defined.
/// </summary>
internal sealed unsafe class KernelCompiler(CudaSystem system, KernelCache cache, Action<string> notice)
{
    /// <summary>Version of driver and compiler.</summary>
    public CudaSystem System { get; } = system;

    /// <summary>Loads a program on a device. The context must be current.</summary>
    /// <exception cref="HesseException">70: it does not compile or the driver does not take it.</exception>
    public KernelModule Load(KernelProgram program, CudaContext context, DeviceProperties device)
    {
        string target = Target(device);
        string[] options = [$"--gpu-architecture={target}", "--std=c++17", "--fmad=false"];
        string key = KernelCache.Key(
            program.Source,
            [.. options, $"nvrtc {System.CompilerVersion.Major}.{System.CompilerVersion.Minor}", device.Name]
        );
        if (cache.TryRead(key, out byte[] image))
        {
            if (KernelModule.TryLoad(context, image) is { } known)
            {
                return known;
            }

            notice($"kernel cache: the driver does not take {cache.PathOf(key)}; compiling it again");
        }

        image = Compile(program, options, machineCode: target.StartsWith("sm_", StringComparison.Ordinal));
        cache.Write(key, image);
        return KernelModule.TryLoad(context, image)
            ?? throw new HesseException(
                ExitCode.DeviceFailed,
                $"the driver does not take {program.Name} compiled by NVRTC {System.CompilerVersion.Major}.{System.CompilerVersion.Minor} "
                    + $"for {target}; update the driver, which supports CUDA {CudaSystem.Version(System.DriverVersion)}"
            );
    }

    /// <summary>The device's own architecture, or PTX of the newest that NVRTC knows for a device that is newer still.</summary>
    private static string Target(DeviceProperties device)
    {
        CudaStatus.CheckCompiler(Nvrtc.nvrtcGetNumSupportedArchs(out int count));
        int[] known = new int[count];
        fixed (int* begin = known)
        {
            CudaStatus.CheckCompiler(Nvrtc.nvrtcGetSupportedArchs(begin));
        }

        int own = (10 * device.Major) + device.Minor;
        int newest = known.Where(it => it <= own).DefaultIfEmpty(0).Max();
        return newest == 0
                ? throw new HesseException(
                    ExitCode.DeviceUnavailable,
                    $"NVRTC knows no architecture as old as {device.Name} ({device.Architecture}); use --backend cpu"
                )
            : newest == own ? $"sm_{own}"
            : $"compute_{newest}";
    }

    private static byte[] Compile(KernelProgram program, string[] options, bool machineCode)
    {
        CudaStatus.CheckCompiler(
            Nvrtc.nvrtcCreateProgram(out nint handle, program.Source, program.Name, 0, null, null)
        );
        nint[] texts = Array.ConvertAll(options, Marshal.StringToCoTaskMemUTF8);
        try
        {
            int status;
            fixed (nint* begin = texts)
            {
                status = Nvrtc.nvrtcCompileProgram(handle, texts.Length, (byte**)begin);
            }

            if (status == Nvrtc.CompilationError)
            {
                throw new HesseException(
                    ExitCode.DeviceFailed,
                    $"{program.Name} does not compile: {FirstError(Log(handle))}"
                );
            }

            CudaStatus.CheckCompiler(status, nameof(Nvrtc.nvrtcCompileProgram));
            return Code(handle, machineCode);
        }
        finally
        {
            foreach (nint text in texts)
            {
                Marshal.FreeCoTaskMem(text);
            }

            // The status adds nothing to a failure that is on its way.
            _ = Nvrtc.nvrtcDestroyProgram(ref handle);
        }
    }

    private static byte[] Code(nint program, bool machineCode)
    {
        CudaStatus.CheckCompiler(
            machineCode ? Nvrtc.nvrtcGetCUBINSize(program, out nuint size) : Nvrtc.nvrtcGetPTXSize(program, out size)
        );
        byte[] code = new byte[size];
        fixed (byte* begin = code)
        {
            CudaStatus.CheckCompiler(
                machineCode ? Nvrtc.nvrtcGetCUBIN(program, begin) : Nvrtc.nvrtcGetPTX(program, begin)
            );
        }

        return code;
    }

    private static string Log(nint program)
    {
        CudaStatus.CheckCompiler(Nvrtc.nvrtcGetProgramLogSize(program, out nuint size));
        byte[] log = new byte[size];
        fixed (byte* begin = log)
        {
            CudaStatus.CheckCompiler(Nvrtc.nvrtcGetProgramLog(program, begin));
        }

        return Encoding.UTF8.GetString(log).TrimEnd('\0');
    }

    private static string FirstError(string log) =>
        log.Split('\n').FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal)) ?? log;
}
