using Floodgate.Messaging;
using RabbitMQ.Client;
using StackExchange.Redis;

namespace Floodgate.TimelineService.FanOut;

/// <summary>
/// Publishes jobs and keeps the set of those that are open, so that "drained" can be told: a broker does not say over AMQP
/// what its consumers have in hand. A job is entered before it is published and taken out before it is acknowledged; both
/// may be repeated. Without Redis nothing is published: fan-out could do nothing with it, and the outbox keeps it.
/// </summary>
internal sealed class FanOutPublisher(Broker broker, RedisGate redis)
{
    private const string Json = "application/json";
    private const string ReasonHeader = "floodgate-reason";

    private static readonly TimeSpan RedisTimeout = TimeSpan.FromSeconds(5);

    private static readonly RedisKey OpenKey = "fanout:open";

    /// <exception cref="PublishUnconfirmedException">The message may not have arrived.</exception>
    public Task PublishAsync(string queue, FanOutJob job, CancellationToken cancellationToken) =>
        PublishAsync(queue, job.Write(), new BasicProperties { ContentType = Json }, cancellationToken);

    /// <summary>Keeps a message that cannot be worked on for a person to look at.</summary>
    /// <exception cref="PublishUnconfirmedException">The message may not have arrived.</exception>
    public Task ParkAsync(ReadOnlyMemory<byte> body, string reason, CancellationToken cancellationToken) =>
        PublishAsync(
            QueueTopology.FanOutParked,
            body,
            new BasicProperties { Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { [ReasonHeader] = reason } },
            cancellationToken);

    /// <summary>Enters jobs as open.</summary>
    /// <exception cref="RedisException">Redis does not answer.</exception>
    /// <exception cref="TimeoutException">Redis does not answer.</exception>
    public Task OpenAsync(IReadOnlyList<FanOutJob> jobs) =>
        redis.Database.SetAddAsync(OpenKey, [.. jobs.Select(job => (RedisValue)job.Name)]).WaitAsync(RedisTimeout);

    /// <summary>Takes a job out.</summary>
    /// <exception cref="RedisException">Redis does not answer.</exception>
    /// <exception cref="TimeoutException">Redis does not answer.</exception>
    public Task CloseAsync(FanOutJob job) => redis.Database.SetRemoveAsync(OpenKey, job.Name).WaitAsync(RedisTimeout);

    /// <summary>How many jobs are open; null where Redis does not answer.</summary>
    public async Task<long?> CountOpenAsync()
    {
        var (answered, count) = await redis.TryAsync(database => database.SetLengthAsync(OpenKey));
        return answered ? count : null;
    }

    private async Task PublishAsync(string queue, ReadOnlyMemory<byte> body, BasicProperties properties, CancellationToken cancellationToken)
    {
        var publisher = await broker.PublisherAsync(cancellationToken);
        try
        {
            await publisher.PublishAsync(queue, body, properties, cancellationToken);
        }
        catch (PublishUnconfirmedException exception) when (exception.Refused)
        {
            broker.DeclareAgain();
            throw;
        }
    }
}
