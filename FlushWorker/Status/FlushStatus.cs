using System.Text.Json.Serialization;
using Floodgate.FlushWorker.Auditing;
using Floodgate.FlushWorker.Consuming;
using Floodgate.FlushWorker.Lag;
using Floodgate.FlushWorker.Reconciling;
using Floodgate.FlushWorker.Sharing;
using Floodgate.Messaging;
using StackExchange.Redis;

namespace Floodgate.FlushWorker.Status;

/// <summary>One partition, as this instance sees it.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Consuming">Whether this instance consumes it, or waits to.</param>
/// <param name="Held">Messages that it holds and has not acknowledged.</param>
/// <param name="Acknowledged">Messages acknowledged since the start.</param>
/// <param name="LastFlush">When the last batch was acknowledged; null where none was.</param>
/// <param name="Depth">Messages that wait in the queue or are held.</param>
/// <param name="AgeSeconds">How long ago the oldest of them was sent.</param>
/// <param name="SecondsToDrain">How long they take at the rate of late; null where it is not known.</param>
/// <param name="Behind">Whether it works without a pause to catch up.</param>
internal sealed record PartitionStatus(
    int Partition, bool Consuming, int Held, long Acknowledged, DateTimeOffset? LastFlush, long Depth, double AgeSeconds, double? SecondsToDrain, bool Behind)
{
    /// <summary>Describes a partition.</summary>
    public static PartitionStatus Of(PartitionDrain drain, PartitionLag lag) => new(
        drain.Partition, drain.IsRunning, drain.Held, drain.Acknowledged, drain.LastFlush,
        lag.Depth, lag.Age.TotalSeconds, lag.TimeToDrain?.TotalSeconds, drain.IsBehind);
}

/// <summary>FlushWorker's part of <c>/status</c>.</summary>
/// <param name="Service">Its name.</param>
/// <param name="Broker">Whether the broker is connected.</param>
/// <param name="Redis">Whether Redis is connected.</param>
/// <param name="RedisAway">Whether the last batch could not be told to Redis.</param>
/// <param name="Worker">This instance among those that share the partitions.</param>
/// <param name="Workers">How many of them are alive.</param>
/// <param name="Own">The partitions that are its own.</param>
/// <param name="Audit">What the audit has seen.</param>
/// <param name="Partitions">The partitions.</param>
internal sealed record FlushStatusAnswer(
    string Service, bool Broker, bool Redis, bool RedisAway, Guid Worker, int Workers, IReadOnlyList<int> Own, AuditReport Audit,
    IReadOnlyList<PartitionStatus> Partitions);

/// <summary><c>GET /internal/status</c>.</summary>
internal static class FlushStatus
{
    public static IResult Answer(
        FlushConsumers consumers, LagWatch lag, WorkerRoster roster, Reconciler reconciler, Auditor auditor, BrokerConnection broker,
        IConnectionMultiplexer redis) =>
        TypedResults.Json(
            new FlushStatusAnswer(
                "flush", broker.IsOpen, redis.IsConnected, reconciler.IsAway, roster.Self, roster.Count, [.. roster.Own], auditor.Report,
                [.. consumers.Partitions.Select(of => PartitionStatus.Of(of, lag.Of(of.Partition)))]),
            FlushJson.Default.FlushStatusAnswer);
}

/// <summary>The JSON of this service, made at build time.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(FlushStatusAnswer))]
internal sealed partial class FlushJson : JsonSerializerContext;
