using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Floodgate.Redis.Tracking;

/// <summary>What Redis said of a key, and whether that was changed since.</summary>
/// <remarks>
/// Places are those in what one connection received: Redis sends the answer to a read and the word that the key was changed in the order in which both happened.
/// One thread receives and writes; any may read.
/// </remarks>
/// <param name="owner">What it was kept in.</param>
/// <param name="value">What it said; null: nothing.</param>
/// <param name="changedBefore">When the key was changed before, as a timestamp of the clock; null: nobody knows of a change.</param>
internal sealed class TrackedCopy<TValue>(CopiesEnd owner, TValue? value, long? changedBefore)
    where TValue : class
{
    private long _endedAt;
    private long? _changed;

    /// <summary>What Redis said; null: nothing.</summary>
    public TValue? Value => value;

    /// <summary>Whether it is none any more: the key was changed, or something else of it is kept.</summary>
    public bool IsEnded => Volatile.Read(ref _endedAt) != 0;

    /// <summary>When the key was changed before; null: nobody knows of a change.</summary>
    public long? ChangedBefore => changedBefore;

    /// <summary>When the key was changed last; null: nobody knows of a change. For who writes.</summary>
    public long? LastChange => _changed ?? changedBefore;

    /// <summary>Whether the key still was so at a place in what was received.</summary>
    public bool IsAsOf(long place) => IsBehind(Volatile.Read(ref _endedAt), place) && IsBehind(owner.Place, place);

    /// <summary>The key was changed.</summary>
    /// <param name="place">Where that was received.</param>
    /// <param name="now">The time, as a timestamp of the clock.</param>
    public void Change(long place, long now)
    {
        if (_endedAt == 0)
        {
            _changed = now;
            End(place);
        }
    }

    /// <summary>Nobody will say any more whether the key is changed.</summary>
    /// <param name="place">From which place on.</param>
    public void End(long place) => Volatile.Write(ref _endedAt, place);

    private static bool IsBehind(long endedAt, long place) => endedAt == 0 || endedAt > place;
}

/// <summary>From which place on copies say nothing: then nobody marks them any more.</summary>
internal sealed class CopiesEnd
{
    private long _place;

    /// <summary>The place; 0: none yet.</summary>
    public long Place => Volatile.Read(ref _place);

    /// <summary>They say nothing from this place on.</summary>
    public void Set(long place) => Volatile.Write(ref _place, place);
}

/// <summary>Copies of what Redis has, by key. One thread writes; any may read.</summary>
internal sealed class TrackedCopies<TKey, TValue>
    where TKey : notnull
    where TValue : class
{
    private readonly ConcurrentDictionary<TKey, TrackedCopy<TValue>> _copies = new();
    private readonly CopiesEnd _end = new();

    /// <summary>How many there are.</summary>
    /// <remarks>Counted by the one who writes: the dictionary's own takes all its locks.</remarks>
    public int Count { get; private set; }

    /// <summary>Finds the copy of a key, whether it still is one or not.</summary>
    public bool TryFind(TKey key, [NotNullWhen(true)] out TrackedCopy<TValue>? copy) => _copies.TryGetValue(key, out copy);

    /// <summary>Keeps what Redis said.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">What it said.</param>
    /// <param name="known">The copy there is, or was.</param>
    /// <param name="place">Where it was received.</param>
    public TrackedCopy<TValue> Put(TKey key, TValue? value, TrackedCopy<TValue>? known, long place)
    {
        // Redis says once that the key is changed, and then only the new one is marked.
        if (known is { IsEnded: false })
        {
            known.End(place);
        }

        var copy = new TrackedCopy<TValue>(_end, value, known?.LastChange);
        _copies[key] = copy;
        Count += known is null ? 1 : 0;
        return copy;
    }

    /// <summary>None of them counts from this place on.</summary>
    public void End(long place) => _end.Set(place);
}
