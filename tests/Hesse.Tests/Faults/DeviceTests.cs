using System.Globalization;
using Hesse.Stores;
using Hesse.Tests.Backends.Cuda;
using Hesse.Tests.Stores;

namespace Hesse.Tests.Faults;

/// <summary>Devices that are short of memory, lost, wrong or absent: processes of their own on the emulator, which fails on demand.</summary>
[Trait("Category", "Fault")]
[Collection(OneCudaDevice.Name)]
public sealed class DeviceTests : IDisposable
{
    private const string Spec = """
        version: 1
        name: small
        replicas: 12
        data: {kind: gauss, classes: 3, dimension: 4, samples: 12, test-samples: 6}
        network: {hidden: [3], activation: tanh}
        loss: cross-entropy
        training: {optimizer: {kind: momentum, step-size: 0.1, momentum: 0.9}, batch: {size: 4, order: epochs}, steps: 6}
        observe: [{quantity: loss, every: 2}, {quantity: parameters, at: [6]}, {quantity: hessian-spectrum, at: [6]}]
        """;

    // The same for longer and observed more often: it copies some fifty times from the device.
    private const string OftenCopied = """
        version: 1
        name: small
        replicas: 12
        data: {kind: gauss, classes: 3, dimension: 4, samples: 12, test-samples: 6}
        network: {hidden: [3], activation: tanh}
        loss: cross-entropy
        training: {optimizer: {kind: momentum, step-size: 0.1, momentum: 0.9}, batch: {size: 4, order: epochs}, steps: 20}
        observe: [{quantity: loss, every: 1}, {quantity: parameters, every: 1}, {quantity: hessian-spectrum, every: 2}]
        """;

    private const int Copies = 50;

    // Sizes of a device's memory, or allocations that fail.
    private const int Limits = 9;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [EmulatorTheory]
    [InlineData("MEMORY")]
    [InlineData("FAIL_ALLOCATION")]
    public void F26_a_device_short_of_memory_gives_the_same_bytes_or_says_what_it_needs(string limit)
    {
        Write();
        Run("whole").Code.ShouldBe(0);
        int identical = 0;
        int refused = 0;
        int halved = 0;
        for (int i = 1; i <= Limits; i++)
        {
            // From too little for one replica to enough for all; or one allocation of the first ones.
            long value = limit == "MEMORY" ? 20_000L << (i - 1) : i;
            (int code, _, string error) = Run("short", (limit, value.ToString(CultureInfo.InvariantCulture)));
            if (code == 0)
            {
                SameNumbers("whole", "short", $"{limit} {value}");
                identical++;
                halved += error.Contains("replicas at once; going on with", StringComparison.Ordinal) ? 1 : 0;
            }
            else
            {
                code.ShouldBe(71, error);
                error.ShouldMatch("needs [0-9]+ bytes of device memory, [0-9]+ are free");
                refused++;
            }

            Directory.Delete(_folder.PathOf("short"), recursive: true);
        }

        identical.ShouldBeGreaterThan(0);
        if (limit == "MEMORY")
        {
            refused.ShouldBeGreaterThan(0);
        }
        else
        {
            (halved + refused).ShouldBe(Limits, "an allocation that was to fail was not reached");
        }

        Repetitions.Report(
            "F26",
            $"short of memory ({limit.ToLowerInvariant()}): the same bytes, or refused",
            identical + refused
        );
    }

    [EmulatorFact]
    public void F27_what_a_lost_device_was_computing_is_not_committed_and_three_losses_give_the_chunk_up()
    {
        Write();
        Run("whole").Code.ShouldBe(0);
        int losses = 0;
        int code = 70;
        for (int launch = 1; code == 70; launch += losses < 3 ? 1 : Repetitions.Stride)
        {
            (code, _, string error) = Run("lost", ("FAIL_LAUNCH", launch.ToString(CultureInfo.InvariantCulture)));
            if (code == 70)
            {
                error.ShouldContain("the CUDA device failed");
                Directory.GetDirectories(Paths("lost").Chunks).ShouldBeEmpty();
                losses++;
            }
            else
            {
                code.ShouldBe(0, error);
            }

            Run("lost").Code.ShouldBe(0);
            SameNumbers("whole", "lost", $"lost at launch {launch}");
            Directory.Delete(_folder.PathOf("lost"), recursive: true);
        }

        losses.ShouldBeGreaterThan(2);
        for (int time = 0; time < FailedChunks.MostTries; time++)
        {
            Run("lost", ("FAIL_LAUNCH", "1")).Code.ShouldBe(70);
        }

        (code, _, string told) = Run("lost");
        code.ShouldBe(70);
        told.ShouldContain("--retry-failed");
        Run(["--retry-failed"], "lost").Code.ShouldBe(0);
        SameNumbers("whole", "lost", "retried");
        Repetitions.Report("F27", "lost devices survived", losses + FailedChunks.MostTries);
    }

    [EmulatorFact]
    public void F28_a_bit_that_a_device_got_wrong_in_silence_is_found_by_an_audit()
    {
        Write(OftenCopied);
        Run("sound").Code.ShouldBe(0);
        byte[] sound = Numbers("sound");
        int flips = Repetitions.Of(Copies);
        int found = 0;
        for (int flip = 0; flip < flips; flip++)
        {
            // Seven apart, past the last one from the first again, so that few flips fall on copies of every kind and many on all.
            int copy = 1 + (7 * flip % Copies);
            Run("wrong", ("FLIP_DOWNLOAD", copy.ToString(CultureInfo.InvariantCulture))).Code.ShouldBe(0);
            // One copy in five ends with a number that nothing is made of.
            bool wrong = !Numbers("wrong").SequenceEqual(sound);
            HesseProcess.Run(["verify", _folder.PathOf("wrong")]).Code.ShouldBe(0);
            (int code, _, string error) = Run(["--audit", "100"], "wrong");
            code.ShouldBe(wrong ? 3 : 0, $"copy {copy}: {error}");
            found += wrong ? 1 : 0;
            Directory.Delete(_folder.PathOf("wrong"), recursive: true);
        }

        found.ShouldBeGreaterThan(flips / 2);
        Repetitions.Report("F28", "bits of a device's copies flipped", flips);
        Repetitions.Report("F28", "of them changed the results, and an audit found them", found);
    }

    [EmulatorTheory]
    [InlineData("CUDA_VISIBLE_DEVICES", "", "CUDA_VISIBLE_DEVICES is empty")]
    [InlineData("CUDA_VISIBLE_DEVICES", "7", "CUDA_VISIBLE_DEVICES=7 names no CUDA device")]
    [InlineData("HESSE_EMULATOR_DEVICES", "0", "finds no CUDA device")]
    [InlineData("HESSE_EMULATOR_DRIVER_VERSION", "11040", "the NVIDIA driver is too old")]
    public void F29_without_a_device_cuda_is_refused_with_the_reason_and_auto_takes_the_processor(
        string variable,
        string value,
        string told
    ) => Refused(variable, value, told);

    [AbsentFact("libcuda.so.1")]
    public void F29_without_a_driver_cuda_is_refused_with_the_reason_and_auto_takes_the_processor() =>
        Refused("HESSE_CUDA_LIBRARIES", "/nowhere", "no NVIDIA driver (libcuda.so.1); install it");

    [EmulatorFact]
    public void F30_two_devices_give_the_bytes_of_one()
    {
        Write();
        Run("one").Code.ShouldBe(0);
        (int code, _, string error) = Run(["--devices", "0,1"], "two", ("DEVICES", "2"));
        code.ShouldBe(0, error);
        SameNumbers("one", "two", "two devices");
        (code, _, error) = Run(["--devices", "2,0,1"], "three", ("DEVICES", "3"));
        code.ShouldBe(0, error);
        SameNumbers("one", "three", "three devices in another order");
    }

    private void Write(string spec = Spec) => File.WriteAllText(_folder.PathOf("spec.yaml"), spec);

    private void Refused(string variable, string value, string told)
    {
        Write();
        string spec = _folder.PathOf("spec.yaml");
        string[] run = ["run", spec, "--out", _folder.PathOf("out"), "--threads", "1", "--backend"];
        (int code, _, string error) = HesseProcess.Run([.. run, "cuda"], (variable, value));
        code.ShouldBe(69, error);
        error.ShouldContain(told);
        Directory.Exists(_folder.PathOf("out")).ShouldBeFalse();
        (code, string output, _) = HesseProcess.Run(["devices", "--json"], (variable, value));
        code.ShouldBe(69);
        output.ShouldContain("\"devices\": []");
        output.ShouldContain("\"unavailable\": \"");
        (code, _, error) = HesseProcess.Run([.. run, "auto", "--devices", "0"], (variable, value));
        code.ShouldBe(0, error);
        error.ShouldContain("backend cpu: ");
        error.ShouldContain("--devices 0 is not used");
    }

    private (int Code, string Output, string Error) Run(string name, params (string, string)[] emulator) =>
        Run([], name, emulator);

    private (int Code, string Output, string Error) Run(
        string[] more,
        string name,
        params (string Name, string Value)[] emulator
    ) =>
        HesseProcess.Run(
            [
                "run",
                _folder.PathOf("spec.yaml"),
                "--out",
                _folder.PathOf(name),
                "--threads",
                "1",
                "--backend",
                "cuda",
                .. more,
            ],
            [.. emulator.Select(one => ($"HESSE_EMULATOR_{one.Name}", one.Value))]
        );

    private ResultPaths Paths(string name) =>
        new(Path.Combine(_folder.PathOf(name), "small"), Hesse.Planning.Shard.Whole);

    private byte[] Numbers(string name) => [.. SmallResult.Snapshot(Paths(name).Arrays).SelectMany(file => file.Value)];

    private void SameNumbers(string expected, string actual, string because) =>
        Numbers(actual).AsSpan().SequenceEqual(Numbers(expected)).ShouldBeTrue(because);
}
