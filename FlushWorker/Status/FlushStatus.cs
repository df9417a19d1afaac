using System.Text.Json.Serialization;
using Floodgate.FlushWorker.Auditing;
using Floodgate.FlushWorker.Consuming;
using Floodgate.FlushWorker.Reconciling;
using Floodgate.Messaging;
using StackExchange.Redis;

namespace Floodgate.FlushWorker.Status;

/// <summary>One partition, as this instance sees it.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Held">Envelopes in the batch that is being flushed.</param>
/// <param name="Acknowledged">Envelopes acknowledged since the start.</param>
/// <param name="LastFlush">When the last batch was acknowledged; null where none was.</param>
internal sealed record PartitionStatus(int Partition, int Held, long Acknowledged, DateTimeOffset? LastFlush);

/// <summary>FlushWorker's part of <c>/status</c>.</summary>
/// <param name="Service">Its name.</param>
/// <param name="Broker">Whether the broker is connected.</param>
/// <param name="Redis">Whether Redis is connected.</param>
/// <param name="RedisAway">Whether the last batch could not be told to Redis.</param>
/// <param name="Audit">What the audit has seen.</param>
/// <param name="Partitions">The partitions.</param>
internal sealed record FlushStatusAnswer(string Service, bool Broker, bool Redis, bool RedisAway, AuditReport Audit, IReadOnlyList<PartitionStatus> Partitions);

/// <summary><c>GET /internal/status</c>.</summary>
internal static class FlushStatus
{
    public static IResult Answer(FlushConsumers consumers, Reconciler reconciler, Auditor auditor, BrokerConnection broker, IConnectionMultiplexer redis) =>
        TypedResults.Json(
            new FlushStatusAnswer(
                "flush", broker.IsOpen, redis.IsConnected, reconciler.IsAway, auditor.Report,
                [.. consumers.Partitions.Select(of => new PartitionStatus(of.Partition, of.Held, of.Acknowledged, of.LastFlush))]),
            FlushJson.Default.FlushStatusAnswer);
}

/// <summary>The JSON of this service, made at build time.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(FlushStatusAnswer))]
internal sealed partial class FlushJson : JsonSerializerContext;
