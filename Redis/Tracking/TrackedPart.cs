namespace Floodgate.Redis.Tracking;

/// <summary>What one connection keeps of one kind of keys.</summary>
internal abstract class TrackedPart
{
    /// <summary>How many copies there are.</summary>
    public abstract int Count { get; }

    /// <summary>Redis says that a key was changed. Called by who receives.</summary>
    /// <param name="key">The key.</param>
    /// <param name="place">Where that was received.</param>
    /// <returns>Whether it is of this kind.</returns>
    public abstract bool TryChange(ReadOnlySpan<byte> key, long place);

    /// <summary>No copy counts from a place on. Called by who receives.</summary>
    public abstract void Forget(long place);
}

/// <summary>What one connection keeps of one kind of keys. Safe for concurrent use.</summary>
/// <param name="session">The connection.</param>
/// <param name="index">The number of the kind.</param>
/// <param name="kind">The kind.</param>
internal sealed class TrackedPart<TKey, TValue>(TrackedSession session, int index, TrackedKind<TKey, TValue> kind) : TrackedPart
    where TKey : notnull
    where TValue : class
{
    /// <summary>A key that was changed so short a time ago is read along with the question: it is likely changed again before there is an answer, and that would take a second one.</summary>
    internal static readonly TimeSpan ChangesFor = TimeSpan.FromMilliseconds(250);

    private volatile TrackedCopies<TKey, TValue> _copies = new();

    /// <inheritdoc/>
    public override int Count => _copies.Count;

    /// <summary>The run of Redis that the copies are of.</summary>
    public string Run => session.Run;

    /// <summary>Asks for keys.</summary>
    /// <returns>The question; null where the connection is lost or too much waits.</returns>
    public TrackedRead<TKey, TValue>? Ask(IReadOnlyList<TKey> keys)
    {
        var (found, missing, values, copies) = (new TrackedCopy<TValue>?[keys.Count], 0, 0, _copies);
        for (var i = 0; i < found.Length; i++)
        {
            if (copies.TryFind(keys[i], out var copy) && !copy.IsEnded && !IsChanging(copy) && kind.Codec.Says(copy.Value, keys[i]))
            {
                found[i] = copy;
            }
            else
            {
                missing++;
                values += kind.Codec.ValuesOf(keys[i]);
            }
        }

        if (session.Join(values, missing == 0 ? null : Wanting(keys, found)) is not { } joined)
        {
            return null;
        }

        kind.Metrics.Asked(found.Length - missing, missing);
        return new TrackedRead<TKey, TValue>(this, keys, found, joined);
    }

    /// <summary>Has keys read whatever copies there are.</summary>
    /// <returns>What they are read with; null where the connection is lost or too much waits.</returns>
    public TrackedWave? Read(IReadOnlyList<TKey> keys)
    {
        var joined = session.Join(keys.Sum(kind.Codec.ValuesOf), Wanting(keys, new TrackedCopy<TValue>?[keys.Count]));
        if (joined is not null)
        {
            kind.Metrics.Asked(0, keys.Count);
        }

        return joined;
    }

    /// <summary>What Redis said of a key when it answered a question; false where it was not asked for that.</summary>
    public bool TryFind(TrackedWave wave, TKey key, out TValue? value)
    {
        value = null;
        return wave[index] is WantedKeys<TKey, TValue> wanted && wanted.TryFind(key, out value);
    }

    /// <inheritdoc/>
    public override bool TryChange(ReadOnlySpan<byte> key, long place)
    {
        if (!kind.Codec.TryReadKey(key, out var changed))
        {
            return false;
        }

        if (_copies.TryFind(changed, out var copy))
        {
            copy.Change(place, session.Time.GetTimestamp());
        }

        return true;
    }

    /// <inheritdoc/>
    public override void Forget(long place)
    {
        var forgotten = _copies;
        _copies = new TrackedCopies<TKey, TValue>();
        forgotten.End(place);
    }

    private bool IsChanging(TrackedCopy<TValue> copy) => copy.ChangedBefore is { } changed && session.Time.GetElapsedTime(changed) < ChangesFor;

    private Action<TrackedWave> Wanting(IReadOnlyList<TKey> keys, TrackedCopy<TValue>?[] found) => wave => Want(wave, keys, found);

    // Called in the lock of the session.
    private void Want(TrackedWave wave, IReadOnlyList<TKey> keys, TrackedCopy<TValue>?[] found)
    {
        var wanted = (WantedKeys<TKey, TValue>)(wave[index] ??= new WantedKeys<TKey, TValue>(kind.Codec, Keep));
        for (var i = 0; i < found.Length; i++)
        {
            if (found[i] is null && wanted.Add(keys[i]))
            {
                wave.Wanted += kind.Codec.ValuesOf(keys[i]);
            }
        }
    }

    private TrackedCopy<TValue> Keep(TKey key, TValue? value)
    {
        _copies.TryFind(key, out var known);
        if (known is null && _copies.Count >= kind.MostCopies)
        {
            // Those that are asked for come back: it costs no more than if none were kept.
            Forget(session.NextPlace());
        }

        return _copies.Put(key, value, known, session.NextPlace());
    }
}
