using System.Numerics;
using Hesse.Networks;

namespace Hesse.Backends.Cuda;

/// <summary>Losses and right answers of replicas whose parameters are on a device (evaluation.cu).</summary>
internal static class Evaluation
{
    /// <summary>Mean loss and share of right answers, samples ascending in every sum. (R) each, either may be empty.</summary>
    /// <param name="device">The current device.</param>
    /// <param name="network">The net.</param>
    /// <param name="precision">The format T.</param>
    /// <param name="parameters">(R,P)</param>
    /// <param name="samples">The data set.</param>
    /// <param name="first">Place of the first replica in the data set.</param>
    /// <param name="count">R</param>
    /// <param name="loss">(R)</param>
    /// <param name="accuracy">(R)</param>
    /// <param name="notice">Is told when memory is short.</param>
    public static unsafe void Run<T>(
        CudaDevice device,
        Network network,
        Precision precision,
        DeviceMemory parameters,
        DeviceSamples<T> samples,
        int first,
        int count,
        Span<double> loss,
        Span<double> accuracy,
        Action<string> notice
    )
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        KernelShape shape = KernelShape.Choose(
            network,
            precision,
            samples.Samples,
            static shape => 2 * shape.Row,
            device.Properties
        );
        KernelModule module = device.Module(new KernelProgram(shape.Definitions, "evaluation.cu"));
        long numbers = shape.BlockNumbers + (2 * shape.Row);
        T[] sums = new T[count];
        T[] rights = new T[count];
        int p = network.ParameterCount;
        for (int from = 0; from < count; )
        {
            using DeviceArrays arrays = DeviceArrays.AllocateWave(
                device,
                count - from,
                replicas =>
                    [
                        replicas * sizeof(T),
                        replicas * sizeof(T),
                        shape.InDeviceMemory ? replicas * numbers * sizeof(T) : 0,
                        .. samples.Bytes(replicas),
                    ],
                notice,
                out int part
            );
            samples.Upload(device, arrays[3], arrays[4], first + from, part);
            device.Launch(
                module,
                "evaluation",
                (part, 1),
                shape.Threads,
                shape.InDeviceMemory ? 0 : (int)numbers * sizeof(T),
                parameters.Address + ((nint)from * p * sizeof(T)),
                arrays[3],
                arrays[4],
                arrays[0],
                arrays[1],
                arrays[2],
                samples.Samples,
                samples.OwnData ? 1 : 0
            );
            device.Download<T>(arrays[0], sums.AsSpan(from, part));
            device.Download<T>(arrays[1], rights.AsSpan(from, part));
            from += part;
        }

        double n = samples.Samples;
        for (int replica = 0; replica < count; replica++)
        {
            if (!loss.IsEmpty)
            {
                loss[replica] = double.CreateChecked(sums[replica]) / n;
            }

            if (!accuracy.IsEmpty)
            {
                accuracy[replica] = double.CreateChecked(rights[replica]) / n;
            }
        }
    }
}
