namespace Hesse.Planning;

/// <summary>Replicas of one chunk in a wave. Every chunk is committed by itself, whatever was trained beside it.</summary>
/// <param name="Chunk">The chunk.</param>
/// <param name="Range">Its replicas that the wave trains: all that are missing, or fewer where memory is short.</param>
/// <param name="Offset">Place of the first of them in the wave.</param>
internal sealed record WavePart(ChunkInWork Chunk, ReplicaRange Range, int Offset);
