using RabbitMQ.Client;

namespace Floodgate.Messaging;

/// <summary>
/// The queues: all durable quorum queues (https://www.rabbitmq.com/docs/quorum-queues) that refuse a publish when they
/// are full (<c>x-overflow=reject-publish</c>) instead of dropping the oldest, which is the default.
/// </summary>
public static class QueueTopology
{
    /// <summary>Fan-out jobs of authors with few followers.</summary>
    public const string FanOutSmall = "timeline.fanout.small";

    /// <summary>Fan-out jobs of authors with many followers, so that they never delay the small ones.</summary>
    public const string FanOutLarge = "timeline.fanout.large";

    /// <summary>Fan-out jobs that cannot be done: kept for a person to look at.</summary>
    public const string FanOutParked = "timeline.fanout.parked";

    /// <summary>Posts that were accepted while the primary was away.</summary>
    public const string PostsPending = "posts.pending";

    /// <summary>How many posts may wait at most.</summary>
    public const int MaximumPendingPosts = 100_000;

    /// <summary>How many bytes they may have at most: the broker keeps them all, and one that runs out of disk takes no likes either.</summary>
    public const int MaximumPendingBytes = 1 << 30;

    /// <summary>
    /// How often a message may be redelivered: in effect for ever, as a redelivery is recognised and a message that the
    /// broker gives up on is lost. From 4.0 on the broker's default is 20
    /// (https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling).
    /// </summary>
    public const int DeliveryLimit = int.MaxValue;

    /// <summary>How many messages a queue holds at most before it refuses more.</summary>
    public const int MaximumLength = 1_000_000;

    /// <summary>The queue of a partition of the counters, <c>counters.flush.3</c>.</summary>
    public static string CounterFlush(int partition) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"counters.flush.{partition}");

    /// <summary>Declares the queue of a partition of the counters.</summary>
    /// <param name="channel">Any open channel.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="cancellationToken">Limits the wait.</param>
    public static Task DeclareCounterFlushAsync(IChannel channel, int partition, CancellationToken cancellationToken) =>
        DeclareAsync(channel, CounterFlush(partition), singleActiveConsumer: true, cancellationToken);

    /// <summary>Declares the queue of pending posts. One consumer at a time, so that the posts of an author keep their order.</summary>
    /// <param name="channel">Any open channel.</param>
    /// <param name="cancellationToken">Limits the wait.</param>
    public static Task DeclarePendingPostsAsync(IChannel channel, CancellationToken cancellationToken) =>
        DeclareAsync(channel, PostsPending, singleActiveConsumer: true, cancellationToken, maximumLength: MaximumPendingPosts, maximumBytes: MaximumPendingBytes);

    /// <summary>Declares a queue; declaring it again with the same arguments changes nothing.</summary>
    /// <param name="channel">Any open channel.</param>
    /// <param name="queue">The queue's name.</param>
    /// <param name="singleActiveConsumer">
    /// Whether only one consumer at a time gets messages, so that a partition has one writer
    /// (https://www.rabbitmq.com/docs/consumers#single-active-consumer).
    /// </param>
    /// <param name="cancellationToken">Limits the wait.</param>
    /// <param name="deadLetterQueue">
    /// Where a message goes that the broker gives up on (its delivery limit is reached) instead of being lost: at least
    /// once (https://www.rabbitmq.com/docs/quorum-queues#dead-lettering). Null: nowhere.
    /// </param>
    /// <param name="maximumLength">How many messages it holds at most before it refuses more.</param>
    /// <param name="maximumBytes">How many bytes they have at most; null: any.</param>
    public static async Task DeclareAsync(
        IChannel channel, string queue, bool singleActiveConsumer, CancellationToken cancellationToken, string? deadLetterQueue = null,
        int maximumLength = MaximumLength, int? maximumBytes = null)
    {
        ArgumentNullException.ThrowIfNull(channel);
        var arguments = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["x-queue-type"] = "quorum",
            ["x-overflow"] = "reject-publish",
            ["x-max-length"] = maximumLength,
            ["x-delivery-limit"] = DeliveryLimit,
        };
        if (maximumBytes is { } bytes)
        {
            arguments["x-max-length-bytes"] = bytes;
        }

        if (singleActiveConsumer)
        {
            arguments["x-single-active-consumer"] = true;
        }

        if (deadLetterQueue is not null)
        {
            arguments["x-dead-letter-exchange"] = "";
            arguments["x-dead-letter-routing-key"] = deadLetterQueue;
            arguments["x-dead-letter-strategy"] = "at-least-once";
        }

        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
    }
}
