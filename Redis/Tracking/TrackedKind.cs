namespace Floodgate.Redis.Tracking;

/// <summary>One kind of keys of which copies are kept.</summary>
public abstract class TrackedKind
{
    private protected TrackedKind()
    {
    }

    /// <summary>How many copies there are.</summary>
    internal abstract int Count { get; }

    /// <summary>A connection keeps them from now on.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="index">The number of the kind.</param>
    internal abstract TrackedPart Begin(TrackedSession session, int index);

    /// <summary>Nobody keeps them any more.</summary>
    internal abstract void End();
}

/// <summary>
/// Keeps copies of what Redis has of one kind of keys, which Redis keeps up to date by saying what was changed: who asks gets them as they were at some moment
/// after the question, and Redis looks up those only that were changed since they were read. Without it, on a cluster, before Redis 7, or while the connection
/// is lost, nothing is known here, and is to be read in another way. Safe for concurrent use.
/// </summary>
/// <param name="codec">How they are read.</param>
/// <param name="mostCopies">How many are kept at most; beyond that all are forgotten, and those that are asked for come back.</param>
/// <param name="metrics">What is measured.</param>
internal sealed class TrackedKind<TKey, TValue>(TrackedCodec<TKey, TValue> codec, int mostCopies, TrackedMetrics metrics) : TrackedKind
    where TKey : notnull
    where TValue : class
{
    private volatile TrackedPart<TKey, TValue>? _part;

    /// <summary>How they are read.</summary>
    public TrackedCodec<TKey, TValue> Codec => codec;

    /// <summary>How many are kept at most.</summary>
    public int MostCopies => mostCopies;

    /// <summary>What is measured.</summary>
    public TrackedMetrics Metrics => metrics;

    /// <summary>Whether any are kept now.</summary>
    public bool IsKept => _part is not null;

    /// <inheritdoc/>
    internal override int Count => _part?.Count ?? 0;

    /// <summary>Asks for keys, each at most once.</summary>
    /// <returns>The question; null where nothing is known here.</returns>
    public TrackedRead<TKey, TValue>? Ask(IReadOnlyList<TKey> keys) => _part?.Ask(keys);

    /// <inheritdoc/>
    internal override TrackedPart Begin(TrackedSession session, int index) => _part = new TrackedPart<TKey, TValue>(session, index, this);

    /// <inheritdoc/>
    internal override void End() => _part = null;
}
