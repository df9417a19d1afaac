namespace Floodgate.FlushWorker.Applying;

/// <summary>
/// Another partition wrote a pair just now; the batch is to be run again. Only where the number of partitions was changed,
/// and a pair is in two of them for a while.
/// </summary>
internal sealed class PairTakenException(long user, long post) : Exception($"Another partition wrote the pair ({user}, {post}) just now.");
