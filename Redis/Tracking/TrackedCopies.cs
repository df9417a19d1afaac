using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Floodgate.Redis.Tracking;

/// <summary>What Redis said a key is, and whether that was changed since.</summary>
/// <remarks>
/// Places are those in what one connection received: Redis sends the answer to a read and the word that the key was changed in the order in which both happened.
/// One thread receives and writes; any may read.
/// </remarks>
/// <param name="owner">What it was kept in.</param>
/// <param name="value">The value; null: Redis had none.</param>
/// <param name="changedBefore">When the key was changed before, as a timestamp of the clock; null: nobody knows of a change.</param>
internal sealed class TrackedCopy<TValue>(CopiesEnd owner, TValue? value, long? changedBefore)
    where TValue : class
{
    private long _changedAt;
    private long _changed;

    /// <summary>The value; null: Redis had none.</summary>
    public TValue? Value => value;

    /// <summary>Whether the key was changed since.</summary>
    public bool IsChanged => Volatile.Read(ref _changedAt) != 0;

    /// <summary>When the key was changed last; null: nobody knows of a change.</summary>
    public long? LastChange => IsChanged ? _changed : changedBefore;

    /// <summary>Whether the key still was so at a place in what was received.</summary>
    public bool IsAsOf(long place) => IsBehind(Volatile.Read(ref _changedAt), place) && IsBehind(owner.Place, place);

    /// <summary>The key was changed.</summary>
    /// <param name="place">Where that was received.</param>
    /// <param name="now">The time, as a timestamp of the clock.</param>
    public void Change(long place, long now)
    {
        if (_changedAt == 0)
        {
            _changed = now;
            Volatile.Write(ref _changedAt, place);
        }
    }

    private static bool IsBehind(long changedAt, long place) => changedAt == 0 || changedAt > place;
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

    /// <summary>Finds the copy of a key, changed or not.</summary>
    public bool TryFind(TKey key, [NotNullWhen(true)] out TrackedCopy<TValue>? copy) => _copies.TryGetValue(key, out copy);

    /// <summary>Keeps what Redis said. A copy that nobody has changed since says the same: it stays, as who has it would not be told of changes of another.</summary>
    public TrackedCopy<TValue> Put(TKey key, TValue? value)
    {
        if (_copies.TryGetValue(key, out var known) && !known.IsChanged)
        {
            return known;
        }

        var copy = new TrackedCopy<TValue>(_end, value, known?.LastChange);
        _copies[key] = copy;
        Count += known is null ? 1 : 0;
        return copy;
    }

    /// <summary>None of them counts from this place on.</summary>
    public void End(long place) => _end.Set(place);
}
