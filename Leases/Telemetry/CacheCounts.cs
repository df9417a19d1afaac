using System.Diagnostics;
using System.Diagnostics.Metrics;
using Floodgate.Leases.Store;

namespace Floodgate.Leases.Telemetry;

/// <summary>The metrics of one entity's cache: meter <c>Floodgate.Cache</c>, tag <c>entity</c>; and the same figures for <c>/status</c>.</summary>
internal sealed class CacheCounts(CacheInstruments instruments, string entity)
{
    private long _hits;
    private long _inProcess;
    private long _stale;
    private long _missed;
    private long _withoutRedis;
    private long _won;
    private long _waited;
    private long _takenOver;
    private long _rejected;
    private long _originCalls;
    private long _originKeys;
    private long _originFailed;
    private long _originMicroseconds;

    /// <summary>A caller got a value.</summary>
    public void Served(CacheSource source)
    {
        var (count, name) = source switch
        {
            CacheSource.InProcess => (Interlocked.Increment(ref _inProcess), "in-process"),
            CacheSource.Stale => (Interlocked.Increment(ref _stale), "stale"),
            CacheSource.WithoutRedis => (Interlocked.Increment(ref _withoutRedis), "without-redis"),
            _ => (Interlocked.Increment(ref _hits), "hit"),
        };
        _ = count;
        Add(instruments.Reads, name);
    }

    /// <summary>Callers got values out of Redis, or out of copies that it said are current.</summary>
    public void Hit(int count)
    {
        Interlocked.Add(ref _hits, count);
        instruments.Reads.Add(count, Tags("hit"));
    }

    /// <summary>Redis had no value that the caller may have.</summary>
    public void Missed()
    {
        Interlocked.Increment(ref _missed);
        Add(instruments.Reads, "miss");
    }

    public void LeaseWon(bool takenOver)
    {
        Interlocked.Increment(ref _won);
        if (takenOver)
        {
            Interlocked.Increment(ref _takenOver);
        }

        Add(instruments.Leases, takenOver ? "taken-over" : "won");
    }

    public void LeaseWaited()
    {
        Interlocked.Increment(ref _waited);
        Add(instruments.Leases, "waited");
    }

    public void LeaseFailed() => Add(instruments.Leases, "failed");

    public void Filled(FillVerdict verdict)
    {
        if (verdict == FillVerdict.BelowFloor)
        {
            Interlocked.Increment(ref _rejected);
        }

        Add(instruments.Fills, verdict switch
        {
            FillVerdict.Filled => "filled",
            FillVerdict.BelowFloor => "below-floor",
            FillVerdict.OldGeneration => "old-generation",
            FillVerdict.Late => "late",
            _ => "lost",
        });
    }

    public void Loaded(int keys, TimeSpan cost)
    {
        Interlocked.Increment(ref _originCalls);
        Interlocked.Add(ref _originKeys, keys);
        Interlocked.Add(ref _originMicroseconds, (long)cost.TotalMicroseconds);
        instruments.Origin.Record(cost.TotalSeconds, Tags("done"));
    }

    public void OriginFailed()
    {
        Interlocked.Increment(ref _originFailed);
        Add(instruments.OriginFailures, "failed");
    }

    public void Refused() => Add(instruments.OriginFailures, "refused");

    public void Announced(Announcement announcement) => Add(instruments.Announcements, announcement switch
    {
        Announcement.Done => "done",
        Announcement.Disbelieved => "disbelieved",
        _ => "left-to-outbox",
    });

    /// <summary>The figures since the start of the process.</summary>
    public CacheFigures Read(long inProcessBytes, IReadOnlyList<HotKey> hottest)
    {
        var calls = Interlocked.Read(ref _originCalls);
        return new CacheFigures(
            entity, Interlocked.Read(ref _hits), Interlocked.Read(ref _inProcess), Interlocked.Read(ref _stale), Interlocked.Read(ref _missed),
            Interlocked.Read(ref _withoutRedis), Interlocked.Read(ref _won), Interlocked.Read(ref _waited), Interlocked.Read(ref _takenOver),
            Interlocked.Read(ref _rejected), calls, Interlocked.Read(ref _originKeys), Interlocked.Read(ref _originFailed),
            calls == 0 ? 0 : Math.Round(Interlocked.Read(ref _originMicroseconds) / 1000.0 / calls, 2), inProcessBytes, hottest);
    }

    private void Add(Counter<long> counter, string outcome) => counter.Add(1, Tags(outcome));

    private TagList Tags(string outcome) => new() { { "entity", entity }, { "outcome", outcome } };
}
