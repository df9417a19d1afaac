using System.Collections.Concurrent;
using Floodgate.Leases.Telemetry;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Floodgate.Leases;

/// <summary>The caches of this process: they share the connection, the gate to the origin and what is known of the database.</summary>
public sealed class LeaseCaches
{
    private readonly ConcurrentDictionary<string, IReportingCache> _caches = new(StringComparer.Ordinal);
    private readonly CacheEnvironment _environment;
    private readonly IOptionsMonitor<LeaseCacheOptions> _options;
    private readonly CacheInstruments _instruments;

    internal LeaseCaches(CacheEnvironment environment, IOptionsMonitor<LeaseCacheOptions> options, CacheInstruments instruments)
    {
        (_environment, _options, _instruments) = (environment, options, instruments);
    }

    /// <summary>What the caches have done, by entity.</summary>
    public CachesFigures Figures => new(
        _environment.Store.IsAvailable, _environment.Gate.Running, _environment.Gate.Waiting,
        [.. _caches.Values.Select(cache => cache.Figures).OrderBy(figures => figures.Entity, StringComparer.Ordinal)]);

    /// <summary>Asks what was changed up to now, so that copies in the process can be read as of this moment without asking for each.</summary>
    /// <param name="behind">
    /// Adds commands to those that are sent at once, and gives the last of them: they go behind the question in the same round trip, and are run after it. It may
    /// be called on another thread, even when its caller has gone. It is called at most once, and not at all where it is known beforehand that there is no index;
    /// if it throws, it has sent nothing. Null: there are none.
    /// </param>
    /// <param name="cancellationToken">The caller's patience.</param>
    /// <returns>The index; <see cref="ReadIndex.None"/> where Redis does not answer or there is none, as on a cluster.</returns>
    public ValueTask<ReadIndex> AskReadIndexAsync(Func<IDatabaseAsync, Task>? behind = null, CancellationToken cancellationToken = default) =>
        _environment.AskReadIndexAsync(behind, cancellationToken);

    /// <summary>Makes the cache of an entity. One for each entity and process.</summary>
    /// <exception cref="InvalidOperationException">There is one already.</exception>
    public LeaseCache<TKey, TValue> Create<TKey, TValue>(CacheEntity<TKey, TValue> entity)
        where TKey : notnull
        where TValue : class
    {
        ArgumentNullException.ThrowIfNull(entity);
        var cache = new LeaseCache<TKey, TValue>(entity, _environment, _options.Get(entity.Name), _instruments);
        return _caches.TryAdd(entity.Name, cache) ? cache : throw new InvalidOperationException($"There is a cache of {entity.Name} already.");
    }
}
