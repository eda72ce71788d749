using System.Runtime.InteropServices;
using Hesse.Networks;

namespace Hesse.Backends.Cuda;

/// <summary>
/// A net as the kernels see it: the constants of network.cuh, and how much memory a block of block.cuh takes. A block keeps its net in
/// shared memory where that fits, else in a slice of device memory; which of the two changes no number.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct KernelShape
{
    // Samples worked on at once: enough to fill the threads of a block with register tiles of 4 x 4.
    private const int MostSamples = 64;

    // Below this a net that lacks shared memory for more is better off in device memory.
    private const int LeastSamples = 8;

    // Four warps: one tile a thread for layers of 30 x 50, and several blocks on a multiprocessor.
    private const int MostThreads = 128;
    private const int ThreadsInDeviceMemory = 256;

    // Round keys, row numbers and partial sums, which kernels declare beside the block's memory.
    private const int DeclaredBytes = 2048;

    private KernelShape(Network network, Precision precision, int samples, bool inDeviceMemory)
    {
        Network = network;
        Precision = precision;
        Samples = samples;
        InDeviceMemory = inDeviceMemory;
    }

    /// <summary>The net.</summary>
    public Network Network { get; }

    /// <summary>Arithmetic of the kernels.</summary>
    public Precision Precision { get; }

    /// <summary>Samples worked on at once.</summary>
    public int Samples { get; }

    /// <summary>Whether a block's memory is not shared memory.</summary>
    public bool InDeviceMemory { get; }

    /// <summary>4 or 8.</summary>
    public int NumberBytes => Precision == Precision.Float32 ? sizeof(float) : sizeof(double);

    /// <summary>Threads of a block.</summary>
    public int Threads
    {
        get
        {
            int tiles = 0;
            for (int layer = 1; layer <= Network.Layers; layer++)
            {
                tiles = Math.Max(tiles, (Network.Widths[layer] + 3) / 4 * ((Samples + 3) / 4));
            }

            return InDeviceMemory ? ThreadsInDeviceMemory : Math.Clamp((tiles + 31) / 32 * 32, 32, MostThreads);
        }
    }

    /// <summary>Numbers that one copy of the weights takes (WEIGHTS of block.cuh).</summary>
    public long Weights
    {
        get
        {
            long weights = 0;
            for (int layer = 1; layer <= Network.Layers; layer++)
            {
                weights +=
                    (long)(Network.Widths[layer - 1] + (Network.HasBias(layer) ? 1 : 0))
                    * Padded(Network.Widths[layer]);
            }

            return weights;
        }
    }

    /// <summary>Numbers of a row of samples (ROW).</summary>
    public int Row => Padded(Samples);

    /// <summary>Numbers of a block's memory without what a kernel adds (AT_OWN).</summary>
    public long BlockNumbers
    {
        get
        {
            ReadOnlySpan<int> widths = Network.Widths;
            int hiddenLayers = Network.Layers - 1;
            int widest = 0;
            foreach (int width in widths[1..^1])
            {
                widest = Math.Max(widest, width);
            }

            bool slopes =
                Network.Activation is Activation.Softplus or Activation.Gelu or Activation.Silu or Activation.Sine;
            long hidden = (long)widest * hiddenLayers * (slopes ? 2 : 1);
            long rows = 1 + widths[0] + hidden + widest + widths[^1] + TargetColumns;
            return Weights + (rows * Row);
        }
    }

    /// <summary>Numbers of one target: 1 for a class, else C.</summary>
    public int TargetColumns => Network.Loss == Loss.CrossEntropy ? 1 : Network.OutputWidth;

    /// <summary>The macros of network.cuh and block.cuh.</summary>
    public IEnumerable<(string Name, string Value)> Definitions
    {
        get
        {
            Network network = Network;
            List<(string, string)> all =
            [
                ("REAL", Precision == Precision.Float32 ? "float" : "double"),
                ("LAYERS", $"{network.Layers}"),
                ("WIDTHS", string.Join(", ", network.Widths.ToArray())),
                (
                    "BIASES",
                    string.Join(", ", Enumerable.Range(1, network.Layers).Select(l => network.HasBias(l) ? 1 : 0))
                ),
                ("ACTIVATION", $"{(int)network.Activation}"),
                ("LOSS", $"{(int)network.Loss}"),
                ("THREADS", $"{Threads}"),
                ("SAMPLES", $"{Samples}"),
            ];
            if (InDeviceMemory)
            {
                all.Add(("IN_GLOBAL_MEMORY", "1"));
            }

            return all;
        }
    }

    /// <summary>Chooses how many samples a block works on, and where its memory lies: a function of shapes and of the device.</summary>
    /// <param name="network">The net.</param>
    /// <param name="precision">Arithmetic.</param>
    /// <param name="samples">The most that are wanted at once.</param>
    /// <param name="own">Numbers that the kernel adds to a block's memory.</param>
    /// <param name="device">Where it is to fit.</param>
    public static KernelShape Choose(
        Network network,
        Precision precision,
        int samples,
        Func<KernelShape, long> own,
        DeviceProperties device
    )
    {
        int most = Math.Min(samples, MostSamples);
        for (int count = most; count >= Math.Min(most, LeastSamples); count = count > 1 ? (count + 1) / 2 : 0)
        {
            KernelShape shape = new(network, precision, count, inDeviceMemory: false);
            if ((shape.BlockNumbers + own(shape)) * shape.NumberBytes <= device.SharedBytesPerBlock - DeclaredBytes)
            {
                return shape;
            }
        }

        return new KernelShape(network, precision, most, inDeviceMemory: true);
    }

    // padded() of block.cuh: an odd number of 16-byte vectors.
    private int Padded(int count)
    {
        int vector = 16 / NumberBytes;
        int vectors = (count + 3) / 4 * (4 / vector);
        return vector * (vectors | 1);
    }
}
