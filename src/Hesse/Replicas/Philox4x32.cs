using System.Diagnostics.CodeAnalysis;

namespace Hesse.Replicas;

/// <summary>What a random number is for: the last word of the Philox counter. Values never change (docs/numerics.md, section 8).</summary>
[SuppressMessage("Naming", "CA1711", Justification = "A stream of random numbers is the field's term.")]
internal enum RandomStream : uint
{
    /// <summary>theta_0; element = flat parameter index.</summary>
    InitialParameters = 1,

    /// <summary>Class means of generated data; element = class * dimension + coordinate.</summary>
    GaussMeans = 2,

    /// <summary>Noise of training samples; element = sample * dimension + coordinate.</summary>
    GaussNoise = 3,

    /// <summary>Replaced labels; element 2 n decides, element 2 n + 1 chooses the class.</summary>
    RandomLabels = 4,

    /// <summary>Round keys of the order of an epoch; step = epoch.</summary>
    BatchEpochs = 5,

    /// <summary>Row numbers drawn independently; element = place in the mini-batch.</summary>
    BatchWithReplacement = 6,

    /// <summary>Noise of test samples; element = sample * dimension + coordinate.</summary>
    TestNoise = 7,

    /// <summary>Resampling of replicas in statistics.</summary>
    Bootstrap = 8,

    /// <summary>Probe vectors of stochastic estimators.</summary>
    ProbeVectors = 9,

    /// <summary>Start vectors of Lanczos iterations.</summary>
    LanczosStart = 10,

    /// <summary>Noise that an update rule or a worker adds.</summary>
    OptimizerNoise = 11,

    /// <summary>Mini-batches drawn to look at gradient noise; element = draw / 4.</summary>
    NoiseBatches = 12,

    /// <summary>Directions on which gradient noise is projected; element = direction * p + parameter; step 0 always.</summary>
    NoiseDirections = 13,

    /// <summary>Normal samples that stand beside gradient noise; element = sample * size + place.</summary>
    NormalSamples = 14,

    /// <summary>Directions on which iterates are projected; element = direction * p + parameter index, shared by all replicas.</summary>
    ProjectionDirections = 20,

    /// <summary>Draws of a PAC-Bayes posterior; element = draw * p + parameter index.</summary>
    PosteriorDraws = 40,

    /// <summary>Order in which twins replace training rows.</summary>
    TwinRows = 41,

    /// <summary>Noise of redrawn samples; element = twin * dimension + coordinate. For samples from files, the order of the test rows.</summary>
    TwinDraws = 42,

    /// <summary>Replaced labels of redrawn samples; block = twin.</summary>
    TwinLabels = 43,

    /// <summary>Displacements at which a loss is looked at along the path; element = draw * p + parameter index.</summary>
    PathNoise = 44,

    /// <summary>Inputs of generated regression data; element = sample * dimension + coordinate.</summary>
    DataInputs = 21,

    /// <summary>What makes the targets of generated regression data; element = flat index of the map or net.</summary>
    DataTarget = 22,

    /// <summary>The axis on which a sample lies; element = sample, step = 1 for test samples.</summary>
    DataChoice = 23,
}

/// <summary>The streams of the workers of a distributed training.</summary>
internal static class WorkerStreams
{
    /// <summary>The stream of worker m: stream + 2^16 m, so that worker 0 has the numbers of a plain training.</summary>
    public static RandomStream OfWorker(this RandomStream stream, uint worker) =>
        (RandomStream)((uint)stream + (worker << 16));
}

/// <summary>
/// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3; SC 2011): a keyed bijection of
/// 128-bit counters. Every random number of an experiment is a pure function of (seed, element, step, replica, stream), so
/// threads, shards and backends agree without passing any state.
/// </summary>
internal static class Philox4x32
{
    /// <summary>Recorded with every result; the numbers that belong to this name never change.</summary>
    public const string Scheme = "philox4x32-10/v1";

    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9;
    private const uint Weyl1 = 0xBB67AE85;
    private const int Rounds = 10;

    /// <summary>The four words that belong to a counter and a key.</summary>
    public static (uint X0, uint X1, uint X2, uint X3) Block(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1)
    {
        for (int round = 0; round < Rounds; round++)
        {
            ulong product0 = (ulong)Multiplier0 * c0;
            ulong product1 = (ulong)Multiplier1 * c2;
            c0 = (uint)(product1 >> 32) ^ c1 ^ k0;
            c1 = (uint)product1;
            c2 = (uint)(product0 >> 32) ^ c3 ^ k1;
            c3 = (uint)product0;
            k0 += Weyl0;
            k1 += Weyl1;
        }

        return (c0, c1, c2, c3);
    }

    /// <summary>Our use of it: key (seed low, seed high), counter (element, step, replica, stream).</summary>
    public static (uint X0, uint X1, uint X2, uint X3) Block(
        ulong seed,
        uint element,
        uint step,
        uint replica,
        RandomStream stream
    ) => Block(element, step, replica, (uint)stream, (uint)seed, (uint)(seed >> 32));
}
