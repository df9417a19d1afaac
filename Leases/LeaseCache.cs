using Floodgate.Leases.InProcess;
using Floodgate.Leases.Loading;
using Floodgate.Leases.Store;
using Floodgate.Leases.Telemetry;
using Floodgate.Sessions;

namespace Floodgate.Leases;

/// <summary>
/// A cache in Redis, shared by all processes, in which a hot key costs one query however many ask for it, and a snapshot of a lagging replica never
/// replaces or hides a newer value (docs/lease-cache.md). After Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013, section 3.2.1 (leases), with
/// the position of each write as a floor below which no snapshot may fill. Safe for concurrent use.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values; they are shared between callers and must not be changed.</typeparam>
public sealed class LeaseCache<TKey, TValue> : IReportingCache, IStoreListener, IDisposable
    where TKey : notnull
    where TValue : class
{
    private const int HottestShown = 5;

    private readonly CacheEntity<TKey, TValue> _entity;
    private readonly CacheEnvironment _environment;
    private readonly LeaseCacheOptions _options;
    private readonly CacheCounts _counts;
    private readonly KeptValues<TKey, TValue> _kept;
    private readonly Copies<TKey, TValue> _copies;
    private readonly KeyHeat<TKey> _heat;
    private readonly Wakeups _wakeups = new();
    private readonly KeyReads<TKey, TValue> _reads;
    private readonly Announcing _announcing;

    internal LeaseCache(CacheEntity<TKey, TValue> entity, CacheEnvironment environment, LeaseCacheOptions options, CacheInstruments instruments)
    {
        (_entity, _environment, _options) = (entity, environment, options);
        _counts = new CacheCounts(instruments, entity.Name);
        _kept = new KeptValues<TKey, TValue>(options.InProcessBytes, entity.RedisKey, environment.Time);
        _heat = new KeyHeat<TKey>(options.HotRate, environment.Time);
        _copies = new Copies<TKey, TValue>(options.CopyBytes);
        _reads = new KeyReads<TKey, TValue>(entity, environment, options, _kept, _copies, _heat, _counts, _wakeups);
        _announcing = new Announcing(entity.Name, environment, options, _counts);
        environment.Store.Attach(this);
    }

    /// <inheritdoc/>
    public CacheFigures Figures =>
        _counts.Read(_kept.Bytes, [.. _heat.Hottest(HottestShown).Select(hot => new HotKey(_entity.KeyText(hot.Key), Math.Round(hot.Rate)))]);

    /// <summary>The line of timelines, as far as it is known here.</summary>
    public TimelineHistory History => _environment.View.History;

    /// <summary>Gets a value; loads it if nobody has.</summary>
    /// <param name="key">The key.</param>
    /// <param name="fill">Loads it, if this process gets the lease. It runs on when the caller is gone, for others who wait.</param>
    /// <param name="read">What the caller has seen.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    /// <exception cref="CacheUnavailableException">The value could not be had.</exception>
    public ValueTask<Cached<TValue>> GetAsync(
        TKey key, FillOne<TValue> fill, CacheRead read = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(fill);
        _heat.Touch(key);
        return _reads.TryServe(key) is { } kept
            ? ValueTask.FromResult(kept.Found.ToCached())
            : new ValueTask<Cached<TValue>>(_reads.OneAsync(key, fill, read, cancellationToken));
    }

    /// <summary>Gets a value as of a read index without asking anybody, if this process has had it by then and it was not changed.</summary>
    /// <param name="index">The index.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <returns>Whether it is there; if not, it is to be read by <see cref="GetAsync"/>, and may then be newer than the index.</returns>
    public bool TryGetAt(ReadIndex index, TKey key, out Cached<TValue> value)
    {
        if (index.IsNone || _reads.TryServeAt(key, index) is not { } found)
        {
            value = default;
            return false;
        }

        _heat.Touch(key);
        value = found.ToCached();
        return true;
    }

    /// <summary>Gets several values as of a read index without asking anybody, if this process has had all of them by then and none was changed.</summary>
    /// <param name="index">The index.</param>
    /// <param name="keys">The keys.</param>
    /// <returns>A value for each key, in their order; null where they are to be read by <see cref="GetManyAsync"/>.</returns>
    public Cached<TValue>[]? TryGetManyAt(ReadIndex index, IReadOnlyList<TKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (index.IsNone || _reads.TryServeAt(keys, index) is not { } values)
        {
            return null;
        }

        _heat.Touch(keys);
        return values;
    }

    /// <summary>Gets several values: one round trip to Redis, and one origin call for all that nobody has.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="fill">Loads those of which this process gets the lease.</param>
    /// <param name="read">What the caller has seen.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    /// <returns>
    /// A value for each key, in their order. None is older than what another of them shows; while Redis is away, by
    /// <see cref="LeaseCacheOptions.KeepWithoutRedis"/> at most.
    /// </returns>
    /// <exception cref="CacheUnavailableException">A value could not be had.</exception>
    public ValueTask<Cached<TValue>[]> GetManyAsync(
        IReadOnlyList<TKey> keys, FillMany<TKey, TValue> fill, CacheRead read = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(fill);
        return new ValueTask<Cached<TValue>[]>(_reads.ManyAsync(keys, fill, read, cancellationToken));
    }

    /// <summary>
    /// Tells the cache that a key was written. Completes once nobody is given the old value any more who has seen the write; call it before the
    /// write is acknowledged, and again from the outbox.
    /// </summary>
    public Task<Announcement> InvalidateAsync(TKey key, CommittedWrite write, CancellationToken cancellationToken = default)
    {
        Forget(key);
        var name = _entity.RedisKey(key);
        return _announcing.RunAsync(() => _environment.Store.InvalidateAsync(name, write, _options.FloorLifetime), cancellationToken);
    }

    /// <summary>
    /// The same, and keeps the new value where it is certain that nothing came after it (<see cref="CommittedWrite.Locked"/>); null tells that the key
    /// has no value any more.
    /// </summary>
    public Task<Announcement> UpdateAsync(TKey key, TValue? value, CommittedWrite write, CancellationToken cancellationToken = default)
    {
        if (write.Locked == WalPosition.None)
        {
            return InvalidateAsync(key, write, cancellationToken);
        }

        Forget(key);
        byte[]? bytes = null;
        if (value is not null)
        {
            var buffer = new System.Buffers.ArrayBufferWriter<byte>(256);
            _entity.Codec.Write(value, buffer);
            bytes = buffer.WrittenSpan.ToArray();
        }

        var written = _options.ToFill(_entity.RedisKey(key), bytes, write.Locked, write.Position, TimeSpan.Zero, _environment.Chance);
        return _announcing.RunAsync(() => TellAsync(written, write), cancellationToken);
    }

    // Somebody may have written later whom Redis does not know of any more: asked anew each time it is tried, and of the generation that is written under.
    private async Task<TimeSpan> TellAsync(FillValue written, CommittedWrite write) =>
        _environment.Store.Generation is { } generation && _environment.View.BaseFloor is { } known && _environment.View.History.Passes(write.Locked, known)
            ? (await _environment.Store.UpdateAsync(written, write, _options.FloorLifetime, generation)).Held
            : await _environment.Store.InvalidateAsync(written.Key, write, _options.FloorLifetime);

    /// <summary>Listens to the store no more.</summary>
    public void Dispose()
    {
        _environment.Store.Detach(this);
    }

    private void Forget(TKey key)
    {
        _kept.Remove(key);
        _copies.Remove(key);
    }

    void IStoreListener.Woken(string key) => _wakeups.Wake(key);

    void IStoreListener.Dropped(string key) => _kept.Drop(key);

    void IStoreListener.Disconnected()
    {
        _kept.Clear();
        _wakeups.WakeAll();
    }
}
