using Floodgate.Leases.InProcess;
using Floodgate.Sessions;

namespace Floodgate.Leases.Loading;

/// <summary>What a caller may be given, so that it sees its own writes and never goes back in time.</summary>
internal static class Acceptance
{
    /// <summary>
    /// Whether a value is good although it lacks writes from a position on: to a caller who has seen nothing from there on it is what a replica would
    /// have shown.
    /// </summary>
    public static bool TakesStale(CacheRead read, WalPosition staleFrom, TimelineHistory history) =>
        !read.IsCurrent && (read.AtLeast == WalPosition.None || (history.Judge(read.AtLeast) == Standing.OnLine && !history.Passes(read.AtLeast, staleFrom)));

    /// <summary>
    /// Whether a caller may share what a look found that began before it came: the write it wants to see may have been told between the two, so the
    /// snapshot itself must be past what it has seen. (At the very position it may lack it: on a primary a commit is in the log a moment before it can be
    /// seen.)
    /// </summary>
    public static bool TakesShared<TValue>(CacheRead read, Found<TValue> found, TimelineHistory history)
        where TValue : class =>
        !read.IsCurrent && (read.AtLeast == WalPosition.None || (found.Holds != read.AtLeast && history.Covers(found.Holds, read.AtLeast)));

    /// <summary>
    /// Whether it may share what a look found that began after it came, perhaps for somebody who has seen less: as good as its own, if what Redis had or
    /// took is good for it.
    /// </summary>
    public static bool TakesLater<TValue>(CacheRead read, Found<TValue> found, TimelineHistory history)
        where TValue : class =>
        found.Source == CacheSource.WithoutRedis ? TakesShared(read, found, history)
            : found.StaleFrom == WalPosition.None || TakesStale(read, found.StaleFrom, history);
}
