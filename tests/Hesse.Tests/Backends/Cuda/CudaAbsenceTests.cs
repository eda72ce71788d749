using System.Text;
using Hesse.Backends.Cuda;
using Hesse.Tests.Faults;

namespace Hesse.Tests.Backends.Cuda;

/// <summary>What is missing or hidden on a machine, in processes of their own: one line that names the remedy, and exit code 69.</summary>
[Collection(OneCudaDevice.Name)]
public sealed class CudaAbsenceTests : IDisposable
{
    private static readonly string[] s_devices = ["devices"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [AbsentFact("libcuda.so.1")]
    public void Without_a_driver_the_message_names_it_and_where_it_was_looked_for()
    {
        string error = Unavailable((CudaLibraries.Variable, _folder.Root));
        error.ShouldContain("no NVIDIA driver (libcuda.so.1); install it, or name its folder in HESSE_CUDA_LIBRARIES");
        error.ShouldContain(_folder.Root);
    }

    [AbsentFact("libnvrtc.so.12")]
    public void Without_a_compiler_the_message_names_it_and_how_to_install_it()
    {
        File.Copy(Path.Combine(CudaForTests.Emulator, "libcuda.so.1"), _folder.PathOf("libcuda.so.1"));
        Unavailable((CudaLibraries.Variable, _folder.Root))
            .ShouldContain(
                "no NVRTC, CUDA's run-time compiler (libnvrtc.so.13, .12 or .11.2); install the CUDA toolkit"
            );
    }

    [EmulatorFact]
    public void A_driver_that_is_too_old_is_to_be_updated() =>
        Unavailable(("HESSE_EMULATOR_DRIVER_VERSION", "11040"))
            .ShouldContain(
                "the NVIDIA driver is too old: it supports CUDA 11.4, 11.8 or newer is needed; update the driver"
            );

    [EmulatorFact]
    public void Hidden_devices_are_told_from_missing_ones()
    {
        Unavailable(("CUDA_VISIBLE_DEVICES", string.Empty))
            .ShouldContain("CUDA_VISIBLE_DEVICES is empty and hides every CUDA device; unset it, or name a device");
        Unavailable(("CUDA_VISIBLE_DEVICES", "7"))
            .ShouldContain("CUDA_VISIBLE_DEVICES=7 names no CUDA device of this machine; correct or unset it");
    }

    // The emulator's cuBLAS takes the variable for stronger than the mode that it is set to.
    [EmulatorFact]
    public void A_library_that_rounds_float32_is_refused()
    {
        string spec = _folder.Write("spec.yaml", Encoding.UTF8.GetBytes(CudaFailureTests.Spec));
        string[] words = ["run", spec, "--backend", "cuda", "--out", _folder.PathOf("rounded")];
        (string, string) use = (LibraryUse.Variable, "cublas");
        (int code, _, string error) = HesseProcess.Run(words, use, ("NVIDIA_TF32_OVERRIDE", "1"));
        code.ShouldBe(69, error);
        error.ShouldContain("unset NVIDIA_TF32_OVERRIDE, or leave cublas out");
        Directory.Exists(_folder.PathOf("rounded")).ShouldBeFalse();
        (code, _, error) = HesseProcess.Run(words, use, ("NVIDIA_TF32_OVERRIDE", "0"));
        code.ShouldBe(0, error);
    }

    [EmulatorFact]
    public void The_processor_steps_in_under_auto_alone()
    {
        string spec = _folder.Write("spec.yaml", Encoding.UTF8.GetBytes(CudaFailureTests.Spec));
        (string, string) hidden = ("CUDA_VISIBLE_DEVICES", string.Empty);
        (int code, _, string error) = HesseProcess.Run(
            ["run", spec, "--backend", "auto", "--out", _folder.PathOf("auto")],
            hidden
        );
        code.ShouldBe(0, error);
        error.ShouldContain("backend cpu: CUDA_VISIBLE_DEVICES is empty");
        (code, _, error) = HesseProcess.Run(
            ["run", spec, "--backend", "cuda", "--out", _folder.PathOf("cuda")],
            hidden
        );
        code.ShouldBe(69, error);
        Directory.Exists(_folder.PathOf("cuda")).ShouldBeFalse();
    }

    [EmulatorFact]
    public void Damaged_kernels_are_compiled_again_with_a_line_about_it()
    {
        string spec = _folder.Write("spec.yaml", Encoding.UTF8.GetBytes(CudaFailureTests.Spec));
        (string, string) cache = (KernelCache.Variable, _folder.PathOf("kernels"));
        HesseProcess.Run(["run", spec, "--backend", "cuda", "--out", _folder.PathOf("first")], cache).Code.ShouldBe(0);
        string[] entries = Directory.GetFiles(_folder.PathOf("kernels"));
        entries.ShouldNotBeEmpty();
        foreach (string entry in entries)
        {
            File.WriteAllText(entry, "not a kernel");
        }

        (int code, _, string error) = HesseProcess.Run(
            ["run", spec, "--backend", "cuda", "--out", _folder.PathOf("second")],
            cache
        );
        code.ShouldBe(0, error);
        foreach (string entry in entries)
        {
            error.ShouldContain(entry);
        }

        error.ShouldContain("damaged");
    }

    [AbsentFact("libcusolver.so.11")]
    public void A_library_that_is_asked_for_and_not_there_is_named()
    {
        foreach (string library in new[] { "libcuda.so.1", "libnvrtc.so.12" })
        {
            File.Copy(Path.Combine(CudaForTests.Emulator, library), _folder.PathOf(library));
        }

        (int code, _, string error) = HesseProcess.Run(
            ["bench", "--backend", "cuda", "--quick"],
            (CudaLibraries.Variable, _folder.Root),
            (LibraryUse.Variable, "cusolver")
        );
        code.ShouldBe(69, error);
        error.ShouldContain("no cuSOLVER (libcusolver.so.11 or .12)");
        (code, _, error) = HesseProcess.Run(["bench", "--backend", "cuda"], (LibraryUse.Variable, "cusolve"));
        code.ShouldBe(64, error);
        error.ShouldContain("HESSE_CUDA_USE: unknown library 'cusolve'; did you mean 'cusolver'?");
    }

    private static string Unavailable(params (string, string)[] environment)
    {
        (int code, string output, string error) = HesseProcess.Run(s_devices, environment);
        code.ShouldBe(69, error);
        output.ShouldBeEmpty();
        error.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldHaveSingleItem();
        return error;
    }
}

/// <summary>A test of what happens without a library, skipped where the system has it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AbsentFactAttribute : FactAttribute
{
    public AbsentFactAttribute(string library)
    {
        string stem = library.Split(".so")[0] + ".so";
        bool installed = CudaLibraries
            .Folders(CudaLibraries.ToolkitFolders)
            .Where(folder => folder != Environment.GetEnvironmentVariable(CudaLibraries.Variable))
            .Any(folder => Directory.EnumerateFiles(folder, stem + "*").Any());
        Skip = CudaForTests.Absent ?? (installed ? $"{stem} is installed on this machine" : null);
    }
}
