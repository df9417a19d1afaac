using Floodgate.CounterService.Coalescing;
using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Lag;
using Floodgate.CounterService.Likes;
using Floodgate.CounterService.Spreading;
using Floodgate.Leases;
using Floodgate.Leases.Telemetry;
using Floodgate.Messaging;
using StackExchange.Redis;

namespace Floodgate.CounterService.Status;

/// <summary>One partition, as this instance sees it.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Waiting">Writes that wait for an envelope.</param>
/// <param name="InFlight">Envelopes that wait for their confirm.</param>
/// <param name="Producer">Who this instance is in the ledger.</param>
/// <param name="Sequence">The number of its last envelope.</param>
/// <param name="Lag">How far the flush is behind with what this instance sent.</param>
/// <param name="Audit">What became of it.</param>
internal sealed record PartitionStatus(
    int Partition, int Waiting, int InFlight, Guid Producer, long Sequence, LagStatus Lag, Conservation Audit);

/// <summary>How far the flush is behind.</summary>
/// <param name="Backlog">Confirmed envelopes that the ledger does not have.</param>
/// <param name="AgeSeconds">The age of the oldest of them.</param>
/// <param name="TimeToDrainSeconds">Until the ledger has all of them.</param>
/// <param name="WindowMilliseconds">For how long writes are gathered.</param>
/// <param name="Refusing">Whether writes are answered 429.</param>
internal sealed record LagStatus(long Backlog, double AgeSeconds, double TimeToDrainSeconds, double WindowMilliseconds, bool Refusing)
{
    public static LagStatus Of(PartitionLag lag) => new(
        lag.Backlog, Math.Round(lag.Age.TotalSeconds, 3), Math.Round(lag.TimeToDrain.TotalSeconds, 3), lag.Window.TotalMilliseconds, lag.IsRefusing);
}

/// <summary>CounterService's part of <c>/status</c>.</summary>
/// <param name="Service">Its name.</param>
/// <param name="Broker">Whether the broker is connected.</param>
/// <param name="Redis">Whether Redis is connected.</param>
/// <param name="KnownPosts">How many posts are remembered to exist.</param>
/// <param name="Partitions">The partitions.</param>
/// <param name="Hottest">The plain counters that are written most through this instance.</param>
/// <param name="Caches">What this process's caches have done.</param>
internal sealed record CounterStatusAnswer(
    string Service, bool Broker, bool Redis, int KnownPosts, IReadOnlyList<PartitionStatus> Partitions, IReadOnlyList<HotCounterStatus> Hottest,
    CachesFigures Caches);

/// <summary>A plain counter that is written often.</summary>
/// <param name="Counter">Its name and key.</param>
/// <param name="Rate">Writes a second.</param>
/// <param name="Width">Over how many partitions it is spread.</param>
internal sealed record HotCounterStatus(string Counter, double Rate, int Width);

/// <summary><c>GET /internal/status</c>.</summary>
internal static class CounterStatus
{
    private const int MostHottest = 10;

    public static IResult Answer(
        WriteCoalescer coalescer, LagTracker lag, ConservationAudit audit, HotCounters hot, BrokerConnection broker, IConnectionMultiplexer redis,
        PostLookup posts, LeaseCaches caches) =>
        TypedResults.Json(
            new CounterStatusAnswer(
                "counter", broker.IsOpen, redis.IsConnected, posts.Known,
                [.. coalescer.Partitions.Select((of, partition) => new PartitionStatus(
                    partition, of.Waiting, of.InFlight, of.Last.Producer, of.Last.Sequence, LagStatus.Of(lag.Partitions[partition]), audit.Found[partition]))],
                [.. hot.Hottest(MostHottest).Select(heat => new HotCounterStatus(heat.Counter.ToString(), Math.Round(heat.Rate, 1), heat.Width))],
                caches.Figures),
            CounterJson.Default.CounterStatusAnswer);
}
