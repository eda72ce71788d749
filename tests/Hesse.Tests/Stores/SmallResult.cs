using Hesse.Planning;
using Hesse.Stores;

namespace Hesse.Tests.Stores;

/// <summary>A pretended experiment whose numbers are functions of the replica: loss (R,3) and spectrum (R,2,4).</summary>
internal static class SmallResult
{
    public const string Identity = "aa11";

    public static ObservedRecord Loss { get; } = new("loss", [0, 1, 2], "none");

    public static ObservedRecord Spectrum { get; } = new("hessian-spectrum", [1, 2], "none");

    public static ManifestRecord Wanted(int replicas, params ObservedRecord[] observed) =>
        new()
        {
            Format = 1,
            Name = "small",
            Slug = string.Empty,
            Identity = Identity,
            Seed = 7,
            Replicas = replicas,
            Complete = false,
            Engine = "test",
            Rng = "philox",
            Backend = "reference",
            Device = "none",
            Platform = "none",
            DataHash = string.Empty,
            Parameters = 4,
            CommandLine = ["run"],
            Written = DateTimeOffset.UnixEpoch,
            Observed = observed,
            Quantiles = [0.25, 0.5],
            Arrays = [],
            Files = [],
        };

    public static ResultPaths Paths(string root, Shard? shard = null) => new(root, shard ?? Shard.Whole);

    /// <summary>Computes what is missing, at most this many chunks, and completes when nothing is left.</summary>
    public static List<ReplicaRange> Run(
        IFiles files,
        ResultPaths paths,
        ManifestRecord wanted,
        int chunks = int.MaxValue,
        bool force = false,
        string engine = "test",
        FolderOptions? options = null
    )
    {
        List<ReplicaRange> computed = [];
        using ResultFolder folder = ResultFolder.Open(
            files,
            paths,
            wanted,
            "{}\n",
            options ?? new FolderOptions { Force = force }
        );
        foreach (ChunkWork work in folder.Missing())
        {
            if (computed.Count == chunks)
            {
                return computed;
            }

            Compute(folder, work, engine);
            computed.Add(work.Range);
        }

        folder.Complete(threads: 1);
        return computed;
    }

    public static double LossOf(int replica, int step) =>
        replica % 50 == 7 && step == 2 ? double.NaN : replica + (step / 8.0);

    public static double EigenvalueOf(int replica, int step, int index) => (1000 * replica) + (10 * step) + index;

    /// <summary>Every file below a folder, by its relative path, with its bytes.</summary>
    public static SortedDictionary<string, byte[]> Snapshot(string folder) =>
        new(
            Directory
                .GetFiles(folder, "*", SearchOption.AllDirectories)
                .ToDictionary(file => Path.GetRelativePath(folder, file), File.ReadAllBytes),
            StringComparer.Ordinal
        );

    private static void Compute(ResultFolder folder, ChunkWork work, string engine)
    {
        List<ArrayLayout> layouts =
        [
            .. work.Observed.Select(i => Layout(folder.Manifest.Observed[i])),
            new ArrayLayout
            {
                Quantity = ChunkFolder.FirstBadStep,
                Type = NpyType.Int64,
                Options = "none",
            },
        ];
        using ChunkWriter writer = folder.Begin(work, layouts);
        for (int replica = work.Range.First; replica < work.Range.End; replica++)
        {
            for (int i = 0; i < work.Observed.Count; i++)
            {
                writer.Append<double>(i, Row(folder.Manifest.Observed[work.Observed[i]], replica));
            }

            writer.Append<long>(layouts.Count - 1, [replica % 50 == 7 ? 2 : -1]);
        }

        writer.Commit(
            new ChunkRecord
            {
                Format = 1,
                Identity = folder.Manifest.Identity,
                First = 0,
                Count = 0,
                Engine = engine,
                Rng = folder.Manifest.Rng,
                Backend = folder.Manifest.Backend,
                Device = "none",
                Files = [],
            }
        );
    }

    private static ArrayLayout Layout(ObservedRecord observed) =>
        new()
        {
            Quantity = observed.Quantity,
            ElementShape = observed.Quantity == "loss" ? [] : [4],
            Times = observed.Times,
            Options = observed.Options,
        };

    private static double[] Row(ObservedRecord observed, int replica) =>
        observed.Quantity == "loss"
            ? [.. observed.Times.Select(step => LossOf(replica, step))]
            :
            [
                .. observed.Times.SelectMany(step =>
                    Enumerable.Range(0, 4).Select(k => EigenvalueOf(replica, step, k))
                ),
            ];
}
