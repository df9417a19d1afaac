using System.Diagnostics.Metrics;

namespace Floodgate.Leases.Telemetry;

/// <summary>The instruments that all caches of a process share.</summary>
internal sealed class CacheInstruments : IDisposable
{
    public const string Name = "Floodgate.Cache";

    private readonly Meter _meter;

    public CacheInstruments(IMeterFactory meters)
    {
        _meter = meters.Create(Name);
        Reads = _meter.CreateCounter<long>("floodgate.cache.reads", "{read}", "Reads by outcome: hit, in-process, stale, miss, without-redis");
        Leases = _meter.CreateCounter<long>("floodgate.cache.leases", "{lease}", "Leases by outcome: won, taken-over, waited, failed");
        Fills = _meter.CreateCounter<long>(
            "floodgate.cache.fills", "{fill}", "Fills by what became of them: filled, below-floor, old-generation, late, lost");
        Origin = _meter.CreateHistogram<double>("floodgate.cache.origin.duration", "s", "Time of the calls to the origin");
        OriginFailures = _meter.CreateCounter<long>("floodgate.cache.origin.failures", "{call}", "Calls to the origin that failed or were refused for want of room");
        Announcements = _meter.CreateCounter<long>(
            "floodgate.cache.announcements", "{write}", "How the cache learned of writes: done, disbelieved, left-to-outbox");
    }

    public Counter<long> Reads { get; }

    public Counter<long> Leases { get; }

    public Counter<long> Fills { get; }

    public Histogram<double> Origin { get; }

    public Counter<long> OriginFailures { get; }

    public Counter<long> Announcements { get; }

    public void Dispose() => _meter.Dispose();
}
