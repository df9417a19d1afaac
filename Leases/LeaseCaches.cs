using System.Collections.Concurrent;
using Floodgate.Leases.Telemetry;
using Microsoft.Extensions.Options;

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
