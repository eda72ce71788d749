using System.Runtime.InteropServices;
using Hesse.Backends;
using Hesse.Backends.Cpu;
using Hesse.Backends.Cuda;
using Hesse.Networks;
using Hesse.Specs;
using Hesse.Tests.Backends.Cpu.Lanes;

namespace Hesse.Tests.Backends.Cuda;

/// <summary>Short memory, a lost device, and a run from the command line; the emulator fails on demand.</summary>
[Collection(OneCudaDevice.Name)]
public sealed unsafe class CudaFailureTests : IDisposable
{
    internal const string Spec = """
        version: 1
        name: small
        replicas: 5
        data: {kind: gauss, classes: 3, dimension: 4, samples: 12, test-samples: 6}
        network: {hidden: [3], activation: tanh}
        loss: cross-entropy
        training: {optimizer: {kind: sgd, step-size: 0.1}, batch: {size: 4, order: epochs}, steps: 6}
        observe: [{quantity: loss, every: 2}, {quantity: parameters, at: [6]}, {quantity: test-loss, at: [6]}]
        """;

    private readonly TemporaryFolder _folder = new();

    private static TrainingProblem Problem =>
        LaneReplicasTests.Problem(BatchOrder.Epochs, Loss.CrossEntropy, Activation.Relu, Precision.Float32);

    public void Dispose() => _folder.Dispose();

    [EmulatorFact]
    public void Short_memory_halves_the_wave_and_changes_no_number()
    {
        List<string> notices = [];
        using CudaBackend cuda = new(threads: 1, notice: notices.Add);
        Configure("fail-allocation", "2");
        using IReplicas halved = cuda.CreateReplicas(Problem, 0, 5);
        notices.ShouldHaveSingleItem().ShouldContain("going on with 2");
        using CpuBackend cpu = new(1);
        using IReplicas whole = cpu.CreateReplicas(Problem, 0, 5);
        halved.Advance(3);
        halved.Advance(4);
        whole.Advance(7);
        Parameters(halved).ShouldBe(Parameters(whole));
        double[] loss = new double[5];
        double[] expected = new double[5];
        halved.LossAndAccuracy(Problem.Data.Training(0, 5), loss, []);
        whole.LossAndAccuracy(Problem.Data.Training(0, 5), expected, []);
        loss.ShouldBe(expected);
    }

    [EmulatorFact]
    public void A_replica_that_fits_nowhere_is_refused_with_needed_and_free_bytes()
    {
        using CudaBackend cuda = new(threads: 1);
        Configure("fail-allocation", "1");
        HesseException failure = Should.Throw<HesseException>(() => cuda.CreateReplicas(Problem, 0, 1));
        failure.Code.ShouldBe(ExitCode.DoesNotFit);
        failure.Message.ShouldMatch("needs [0-9]+ bytes of device memory, [0-9]+ are free");
    }

    [EmulatorFact]
    public void A_lost_device_is_told_with_call_file_line_and_text()
    {
        using CudaBackend cuda = new(threads: 1);
        using IReplicas replicas = cuda.CreateReplicas(Problem, 0, 2);
        Configure("fail-launch", "1");
        HesseException failure = Should.Throw<HesseException>(() => replicas.Advance(2));
        Restore();
        failure.Code.ShouldBe(ExitCode.DeviceFailed);
        failure.Message.ShouldMatch(
            @"^the CUDA device failed: cu[A-Za-z]+ gave CUDA_ERROR_[A-Z_]+ \([0-9]+\): .+ \([A-Za-z]+\.cs, line [0-9]+\)$"
        );
        replicas.Step.ShouldBe(0);
    }

    [EmulatorFact]
    public void A_lost_device_is_not_taken_for_an_old_driver_when_kernels_are_loaded()
    {
        using CudaBackend cuda = new(threads: 1);
        using CudaContext context = new(0);
        context.MakeCurrent();
        using IReplicas replicas = cuda.CreateReplicas(Problem, 0, 2);
        Configure("fail-launch", "1");
        Should.Throw<HesseException>(() => replicas.Advance(2));
        HesseException failure = Should.Throw<HesseException>(() => KernelModule.TryLoad(context, [1, 2, 3]));
        Restore();
        failure.Message.ShouldStartWith("the CUDA device failed: cuModuleLoadData gave CUDA_ERROR_LAUNCH_FAILED");
        KernelModule.TryLoad(context, [1, 2, 3]).ShouldBeNull();
    }

    [EmulatorFact]
    public void A_device_that_is_lost_between_products_ends_the_eigenpairs_of_all_replicas()
    {
        using CudaBackend cuda = new(threads: 1);
        Points points = RandomProblems.Make(
            [30, 17, 8, 3],
            [true, true, true],
            Activation.Tanh,
            Loss.CrossEntropy,
            20,
            3,
            11,
            ownData: false
        );
        EigenpairRequest request = Request(3, EigenpairMethod.Lanczos);
        double[] rows = new double[3 * request.Count * (EigenpairRequest.Heading + points.Network.ParameterCount)];
        Configure("fail-launch", "6");
        HesseException failure = Should.Throw<HesseException>(() => cuda.HessianEigenpairs(points, request, rows));
        Restore();
        failure.Code.ShouldBe(ExitCode.DeviceFailed);
        failure.Message.ShouldContain("the CUDA device failed: cu");
    }

    // Room for the matrices or bases of two replicas: the second part, and no other, meets the allocation that fails.
    [EmulatorTheory]
    [InlineData(EigenpairMethod.Exact)]
    [InlineData(EigenpairMethod.Lanczos)]
    public void A_part_of_the_eigenpairs_for_which_memory_is_short_is_halved_and_changes_no_number(
        EigenpairMethod method
    )
    {
        // More than the arrays of a part, less than those of two.
        const string afterTheFirstPart = "10";
        Points points = RandomProblems.Make(
            [4, 6, 4],
            [true, true],
            Activation.Tanh,
            Loss.CrossEntropy,
            20,
            4,
            11,
            ownData: false
        );
        int p = points.Network.ParameterCount;
        EigenpairRequest request = Request(4, method);
        List<string> notices = [];
        using CudaBackend whole = new(threads: 1, notice: notices.Add);
        using CudaBackend parts = new(
            LibraryUse.None,
            null,
            1,
            notices.Add,
            2 * sizeof(double) * HostSpace.OfHessian(p, request.Count, method)
        );
        double[] expected = new double[4 * request.Count * (EigenpairRequest.Heading + p)];
        double[] found = new double[expected.Length];
        Configure("fail-allocation", afterTheFirstPart);
        whole.HessianEigenpairs(points, request, expected);
        notices.ShouldBeEmpty();
        Configure("fail-allocation", afterTheFirstPart);
        parts.HessianEigenpairs(points, request, found);
        notices.ShouldHaveSingleItem().ShouldContain("no memory for 2 replicas at once; going on with 1");
        found.ShouldBe(expected);
    }

    [CudaFact]
    public void A_device_that_is_not_there_is_named()
    {
        HesseException failure = Should.Throw<HesseException>(() => new CudaBackend([0, 99]));
        failure.Code.ShouldBe(ExitCode.DeviceUnavailable);
        failure.Message.ShouldContain("there is no device 99");
    }

    [EmulatorFact]
    public void A_run_gives_the_processors_numbers_and_is_continued_on_its_own_kind_of_device_only()
    {
        File.WriteAllText(_folder.PathOf("spec.yaml"), Spec);
        Run("cpu", "--backend", "cpu").Code.ShouldBe(0);
        (int code, _, string error) = Run("cuda", "--backend", "cuda", "--devices", "0");
        code.ShouldBe(0, error);
        foreach (string quantity in new[] { "loss", "parameters", "test-loss" })
        {
            Read("cuda", quantity).ShouldBe(Read("cpu", quantity), quantity);
        }

        string chunk = Path.Combine(Folder("cuda"), "chunks", "seeds-00000000-00000004", "chunk.json");
        File.ReadAllText(chunk).ShouldMatch("\"architecture\": \"sm_[0-9]+\"");
        (code, _, error) = Run("cuda", "--backend", "cpu", "--replicas", "300");
        code.ShouldBe(73);
        error.ShouldContain("--backend cuda");
        Configure("compute-capability", "80");
        (code, _, error) = Run("cuda", "--backend", "cuda", "--replicas", "300");
        Configure("compute-capability", "90");
        code.ShouldBe(73, error);
        error.ShouldContain("was computed on CUDA architecture sm_90, this run's device is sm_80");
    }

    internal static EigenpairRequest Request(int replicas, EigenpairMethod method) =>
        new()
        {
            Largest = 1,
            Smallest = 1,
            Tolerance = 1e-9,
            Method = method,
            Seed = 1,
            Step = 0,
            ReplicaNumbers = [.. Enumerable.Range(0, replicas)],
        };

    private (int Code, string Output, string Error) Run(string name, params string[] more) =>
        Cli.CommandLine.Run([
            "run",
            _folder.PathOf("spec.yaml"),
            "--out",
            _folder.PathOf(name),
            "--threads",
            "1",
            .. more,
        ]);

    private string Folder(string name) => Path.Combine(_folder.PathOf(name), "small");

    private byte[] Read(string name, string quantity) =>
        File.ReadAllBytes(Path.Combine(Folder(name), "arrays", $"{quantity}.npy"));

    private static double[] Parameters(IReplicas replicas)
    {
        double[] parameters = new double[replicas.Count * Problem.Network.ParameterCount];
        replicas.CopyParameters(parameters);
        return parameters;
    }

    private static nint Emulator => NativeLibrary.Load(Path.Combine(CudaForTests.Emulator, "libcuda.so.1"));

    private static void Configure(string name, string value)
    {
        delegate* unmanaged<byte*, byte*, int> configure = (delegate* unmanaged<byte*, byte*, int>)
            NativeLibrary.GetExport(Emulator, "hesseEmulatorConfigure");
        nint first = Marshal.StringToCoTaskMemUTF8(name);
        nint second = Marshal.StringToCoTaskMemUTF8(value);
        int status = configure((byte*)first, (byte*)second);
        Marshal.FreeCoTaskMem(first);
        Marshal.FreeCoTaskMem(second);
        status.ShouldBe(0);
    }

    private static void Restore() =>
        ((delegate* unmanaged<int>)NativeLibrary.GetExport(Emulator, "hesseEmulatorRestore"))().ShouldBe(0);
}
