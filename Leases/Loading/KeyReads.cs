using System.Buffers;
using System.Collections.Concurrent;
using Floodgate.Leases.InProcess;
using Floodgate.Leases.Store;
using Floodgate.Leases.Telemetry;

namespace Floodgate.Leases.Loading;

/// <summary>
/// Reads keys: from memory, by copies of which Redis says that they are current, and by looks that callers share. What is read together fits together.
/// </summary>
internal sealed class KeyReads<TKey, TValue>
    where TKey : notnull
    where TValue : class
{
    private const int Rounds = 4;

    private readonly ConcurrentDictionary<TKey, Flight<TValue>> _flights = new();
    private readonly CacheEntity<TKey, TValue> _entity;
    private readonly CacheEnvironment _environment;
    private readonly KeptValues<TKey, TValue> _kept;
    private readonly KeyHeat<TKey> _heat;
    private readonly CacheCounts _counts;
    private readonly CopyReads<TKey, TValue> _copies;
    private readonly KeyLookup<TKey, TValue> _lookup;
    private readonly LookNumbers _numbers;

    public KeyReads(
        CacheEntity<TKey, TValue> entity, CacheEnvironment environment, LeaseCacheOptions options, KeptValues<TKey, TValue> kept, Copies<TKey, TValue> copies,
        KeyHeat<TKey> heat, CacheCounts counts, Wakeups wakeups)
    {
        (_entity, _environment, _kept, _heat, _counts, _numbers) = (entity, environment, kept, heat, counts, environment.Numbers);
        _copies = new CopyReads<TKey, TValue>(environment, options, copies, kept, heat, counts);
        _lookup = new KeyLookup<TKey, TValue>(
            entity, environment, options, kept, copies, heat, counts, wakeups, _numbers, (key, flight) => _flights.TryRemove(new KeyValuePair<TKey, Flight<TValue>>(key, flight)));
    }

    /// <summary>The value of a hot key, from memory; null where it is not held.</summary>
    public Kept<TValue>? TryServe(TKey key) => _kept.Find(key) is { IsHeld: true } kept ? Serve(key, kept) : null;

    /// <summary>The value of a key as of a read index, out of what was there by then; null where that does not say.</summary>
    public Found<TValue>? TryServeAt(TKey key, ReadIndex index)
    {
        return _copies.Find(key, _copies.BeginAt(index)) is { } copy && copy.Number < index.Moment && _copies.AreCurrent([copy.Version])
            ? copy.Found
            : TryServeHeld(key, index);
    }

    /// <summary>The values of keys as of a read index, out of what was there by then; null where that does not say of all of them.</summary>
    public Cached<TValue>[]? TryServeAt(IReadOnlyList<TKey> keys, ReadIndex index)
    {
        var values = new Cached<TValue>[keys.Count];
        var versions = ArrayPool<EntryVersion>.Shared.Rent(values.Length);
        try
        {
            var (search, checks) = (_copies.BeginAt(index), 0);
            for (var i = 0; i < values.Length; i++)
            {
                if (_copies.Find(keys[i], search) is { } copy && copy.Number < index.Moment)
                {
                    versions[checks++] = copy.Version;
                    values[i] = copy.Found.ToCached();
                }
                else if (TryServeHeld(keys[i], index) is { } held)
                {
                    values[i] = held.ToCached();
                }
                else
                {
                    return null;
                }
            }

            return _copies.AreCurrent(versions.AsSpan(0, checks)) ? values : null;
        }
        finally
        {
            ArrayPool<EntryVersion>.Shared.Return(versions, clearArray: true);
        }
    }

    // What was there before the question was sent, and is current still.
    private Found<TValue>? TryServeHeld(TKey key, ReadIndex index) =>
        _kept.Find(key) is { IsHeld: true } kept && kept.Number < index.Moment ? Serve(key, kept).Found : null;

    private Kept<TValue> Serve(TKey key, Kept<TValue> kept)
    {
        if (kept.TryRenew(_environment.Time))
        {
            _ = _lookup.RenewAsync(key);
        }

        _counts.Served(CacheSource.InProcess);
        return kept;
    }

    /// <summary>Reads a key that is not held.</summary>
    public async Task<Cached<TValue>> OneAsync(TKey key, FillOne<TValue> fill, CacheRead read, CancellationToken cancellationToken)
    {
        if (_copies.Find(key, _copies.Begin()) is { } copy && await _copies.IsCurrentAsync(key, copy))
        {
            return copy.Found.ToCached();
        }

        return await LookForOneAsync(key, fill, read, cancellationToken);
    }

    /// <summary>Reads keys.</summary>
    public async Task<Cached<TValue>[]> ManyAsync(IReadOnlyList<TKey> keys, FillMany<TKey, TValue> fill, CacheRead read, CancellationToken cancellationToken)
    {
        _heat.Touch(keys);
        var looked = new Looked<TValue>[keys.Count];
        var open = new List<int>(keys.Count);
        for (var i = 0; i < looked.Length; i++)
        {
            open.Add(i);
        }

        // Who is shown a write must not be shown, beside it, a value without what was written before it. What is looked for again may show more in turn.
        for (var round = 0; open.Count > 0; round++)
        {
            await ReadAsync(keys, open, looked, fill, read, cancellationToken);
            if (Looked.FitTogether(looked))
            {
                break;
            }

            var history = _environment.View.History;
            var seen = looked.Aggregate(read.AtLeast, (furthest, one) => history.Furthest(furthest, one.Found.Shown));
            read = read with { AtLeast = seen };
            open = Looked.Behind(looked, read, history);
            if (open.Count > 0 && round == Rounds)
            {
                // They are written faster than they are read: what one snapshot has fits together.
                await LoadAsync(keys, [.. Enumerable.Range(0, looked.Length)], looked, fill, read, cancellationToken);
                break;
            }
        }

        return Array.ConvertAll(looked, static one => one.Found.ToCached());
    }

    // What there is no copy of is looked for first: Redis says after it that the copies, which were made before it, are current.
    private async Task ReadAsync(
        IReadOnlyList<TKey> keys, List<int> open, Looked<TValue>[] looked, FillMany<TKey, TValue> fill, CacheRead read, CancellationToken cancellationToken)
    {
        List<int>? unknown = null;
        List<(int Index, Copy<TValue> Copy)>? checks = null;
        var now = _numbers.Next();
        var search = _copies.Begin();
        foreach (var i in open)
        {
            if (TryServe(keys[i]) is { } kept)
            {
                looked[i] = new Looked<TValue>(kept.Found, kept.Number, now);
            }
            else if (_copies.Find(keys[i], search) is { } copy)
            {
                (checks ??= new(open.Count)).Add((i, copy));
            }
            else
            {
                (unknown ??= []).Add(i);
            }
        }

        if (unknown is not null)
        {
            await LookAsync(keys, unknown, looked, fill, read, cancellationToken);
        }

        if (checks is null)
        {
            return;
        }

        var number = _numbers.Next();
        foreach (var (i, copy) in checks)
        {
            looked[i] = new Looked<TValue>(copy.Found, copy.Number, number);
        }

        var changed = await _copies.FindChangedAsync(keys, checks);
        cancellationToken.ThrowIfCancellationRequested();
        if (changed is not null)
        {
            await LookAsync(keys, changed, looked, fill, read, cancellationToken);
        }
    }

    private async Task<Cached<TValue>> LookForOneAsync(TKey key, FillOne<TValue> fill, CacheRead read, CancellationToken cancellationToken)
    {
        var looked = new Looked<TValue>[1];
        await LookAsync([key], [0], looked, Many, read, cancellationToken);
        return looked[0].Found.ToCached();

        async Task<Filled<TKey, TValue>> Many(IReadOnlyList<TKey> keys, FillRequest request, CancellationToken token)
        {
            var one = await fill(request, token);
            return new Filled<TKey, TValue>(
                one.Value is null ? new Dictionary<TKey, TValue>() : new Dictionary<TKey, TValue> { [keys[0]] = one.Value }, one.Holds, one.Shown);
        }
    }

    private async Task LookAsync(
        IReadOnlyList<TKey> keys, List<int> open, Looked<TValue>[] looked, FillMany<TKey, TValue> fill, CacheRead read, CancellationToken cancellationToken)
    {
        var came = _numbers.Next();
        for (var round = 0; open.Count > 0 && round < Rounds; round++)
        {
            var own = _numbers.Next();
            var flights = Join(keys, open, fill, read, own);
            List<int>? again = null;
            for (var n = 0; n < open.Count; n++)
            {
                var one = await flights[n].Ended.WaitAsync(cancellationToken);
                var history = _environment.View.History;
                if (flights[n].Number == own
                    || (flights[n].Number > came && Acceptance.TakesLater(read, one, history)) || Acceptance.TakesShared(read, one, history))
                {
                    looked[open[n]] = new Looked<TValue>(one, _numbers.Next(), flights[n].Number);
                }
                else
                {
                    (again ??= []).Add(open[n]);
                }
            }

            open = again ?? [];
        }

        if (open.Count > 0)
        {
            await LoadAsync(keys, open, looked, fill, read, cancellationToken);
        }
    }

    private async Task LoadAsync(
        IReadOnlyList<TKey> keys, List<int> open, Looked<TValue>[] looked, FillMany<TKey, TValue> fill, CacheRead read, CancellationToken cancellationToken)
    {
        var number = _numbers.Next();
        var loaded = await _lookup.LoadAsync(open.ConvertAll(i => keys[i]), fill, read).WaitAsync(cancellationToken);
        var obtained = _numbers.Next();
        for (var n = 0; n < open.Count; n++)
        {
            looked[open[n]] = new Looked<TValue>(loaded[n], obtained, number);
        }
    }

    // Joins the flights under way and starts one batch for the others.
    private Flight<TValue>[] Join(IReadOnlyList<TKey> keys, List<int> open, FillMany<TKey, TValue> fill, CacheRead read, long number)
    {
        var flights = new Flight<TValue>[open.Count];
        var own = new List<(TKey Key, Flight<TValue> Flight)>(open.Count);
        for (var n = 0; n < flights.Length; n++)
        {
            var key = keys[open[n]];
            var mine = new Flight<TValue>(number);
            flights[n] = _flights.GetOrAdd(key, mine);
            if (ReferenceEquals(flights[n], mine))
            {
                own.Add((key, mine));
            }
        }

        if (own.Count > 0)
        {
            var names = own.ConvertAll(one => _entity.RedisKey(one.Key)).ToArray();
            _ = _lookup.RunAsync(new Batch<TKey, TValue>(
                own.ConvertAll(one => one.Key).ToArray(), names, own.ConvertAll(one => one.Flight).ToArray(), fill, read));
        }

        return flights;
    }
}
