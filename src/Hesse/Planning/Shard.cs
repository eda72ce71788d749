namespace Hesse.Planning;

/// <summary>One process's share of an experiment: every Count-th seed block, beginning with block Index.</summary>
/// <param name="Index">0 .. Count - 1.</param>
/// <param name="Count">Number of shares.</param>
public readonly record struct Shard(int Index, int Count)
{
    /// <summary>All of it.</summary>
    public static Shard Whole { get; } = new(0, 1);

    /// <summary>Whether a block of a setting belongs to this share. Shares depend on nothing that other processes do.</summary>
    /// <param name="setting">Number of the setting in the sweep.</param>
    /// <param name="blocks">Seed blocks of one setting.</param>
    /// <param name="block">Number of the block.</param>
    internal bool Owns(int setting, int blocks, int block) => (((long)setting * blocks) + block) % Count == Index;
}
