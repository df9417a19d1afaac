using Floodgate.CounterService.Coalescing;
using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Likes;
using Floodgate.Messaging;
using StackExchange.Redis;

namespace Floodgate.CounterService.Status;

/// <summary>One partition, as this instance sees it.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Waiting">Writes that wait for an envelope.</param>
/// <param name="InFlight">Envelopes that wait for their confirm.</param>
/// <param name="Producer">Who this instance is in the ledger.</param>
/// <param name="Sequence">The number of its last envelope.</param>
internal sealed record PartitionStatus(int Partition, int Waiting, int InFlight, Guid Producer, long Sequence);

/// <summary>CounterService's part of <c>/status</c>.</summary>
/// <param name="Service">Its name.</param>
/// <param name="Broker">Whether the broker is connected.</param>
/// <param name="Redis">Whether Redis is connected.</param>
/// <param name="KnownPosts">How many posts are remembered to exist.</param>
/// <param name="Partitions">The partitions.</param>
internal sealed record CounterStatusAnswer(
    string Service, bool Broker, bool Redis, int KnownPosts, IReadOnlyList<PartitionStatus> Partitions);

/// <summary><c>GET /internal/status</c>.</summary>
internal static class CounterStatus
{
    public static IResult Answer(WriteCoalescer coalescer, BrokerConnection broker, IConnectionMultiplexer redis, PostLookup posts) =>
        TypedResults.Json(
            new CounterStatusAnswer(
                "counter", broker.IsOpen, redis.IsConnected, posts.Known,
                [.. coalescer.Partitions.Select((of, partition) => new PartitionStatus(partition, of.Waiting, of.InFlight, of.Last.Producer, of.Last.Sequence))]),
            CounterJson.Default.CounterStatusAnswer);
}
