using System.Globalization;
using System.Text.Json.Nodes;
using CommandLine;
using Hesse.Backends.Cuda;

namespace Hesse.Cli.Verbs;

/// <summary>hesse devices: the CUDA devices of this machine.</summary>
[Verb("devices", HelpText = "List the CUDA devices with their memory, and the versions of driver and compiler.")]
[Examples("hesse devices", "cards, and what drives them")]
internal sealed class DevicesVerb : IVerb
{
    [Option("json", HelpText = "Answer in JSON.")]
    public bool Json { get; set; }

    [Option("debug", HelpText = "Show stack traces.")]
    public bool Debug { get; set; }

    public ExitCode Execute(IReadOnlyList<string> args, Messages messages)
    {
        if (Json)
        {
            return WriteJson(messages);
        }

        CudaInventory inventory = CudaInventory.Take();

        foreach (CudaInventoryDevice device in inventory.Devices)
        {
            messages.Output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{device.Number}  {Messages.Printable(device.Name)}, {device.Architecture}, {device.Multiprocessors} multiprocessors, "
                        + $"{device.Bytes / 1e9:F1} GB of memory, {device.FreeBytes / 1e9:F1} GB free"
                )
            );
        }

        messages.Output.WriteLine($"driver  CUDA {inventory.DriverVersion}");
        messages.Output.WriteLine($"NVRTC   {inventory.CompilerVersion}");
        messages.Output.WriteLine($"cuSOLVER  {inventory.SolverVersion ?? "none"}");
        messages.Output.WriteLine($"cuBLAS    {inventory.BlasVersion ?? "none"}");
        return ExitCode.Ok;
    }

    // Programs get an answer where there is no device, too: an empty list and the reason.
    private static ExitCode WriteJson(Messages messages)
    {
        try
        {
            JsonOutput.Write(messages, "cuda", ToJson(CudaInventory.Take()));
            return ExitCode.Ok;
        }
        catch (HesseException none) when (none.Code == ExitCode.DeviceUnavailable)
        {
            JsonObject answer = new() { ["devices"] = new JsonArray(), ["unavailable"] = none.Message };
            JsonOutput.Write(messages, "cuda", answer);
            messages.Failure(none.Message);
            return none.Code;
        }
    }

    private static JsonObject ToJson(CudaInventory inventory) =>
        new()
        {
            ["driver"] = inventory.DriverVersion,
            ["nvrtc"] = inventory.CompilerVersion,
            ["cusolver"] = inventory.SolverVersion,
            ["cublas"] = inventory.BlasVersion,
            ["devices"] = new JsonArray([
                .. inventory.Devices.Select(device => new JsonObject
                {
                    ["number"] = device.Number,
                    ["name"] = device.Name,
                    ["architecture"] = device.Architecture,
                    ["multiprocessors"] = device.Multiprocessors,
                    ["bytes"] = device.Bytes,
                    ["free-bytes"] = device.FreeBytes,
                    ["shared-bytes-per-block"] = device.SharedBytesPerBlock,
                }),
            ]),
        };
}
