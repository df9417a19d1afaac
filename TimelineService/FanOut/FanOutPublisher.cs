using System.Globalization;
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
    private const int ScanCount = 1000;

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
        jobs.Count == 0 ? Task.CompletedTask : redis.Database.SetAddAsync(OpenKey, NamesOf(jobs)).WaitAsync(RedisTimeout);

    /// <summary>Takes a job out.</summary>
    /// <exception cref="RedisException">Redis does not answer.</exception>
    /// <exception cref="TimeoutException">Redis does not answer.</exception>
    public Task CloseAsync(FanOutJob job) => redis.Database.SetRemoveAsync(OpenKey, NamesOf([job])).WaitAsync(RedisTimeout);

    /// <summary>Takes jobs out that were entered for posts but are not published: the way that a post travels was decided anew.</summary>
    /// <exception cref="RedisException">Redis does not answer.</exception>
    /// <exception cref="TimeoutException">Redis does not answer.</exception>
    public Task CloseOthersAsync(IReadOnlyList<RoutedPost> routed)
    {
        var names = routed.Where(one => one.Row.Post is not null).SelectMany(one => FanOutJob.FirstNames(one.Row.Post!.Value).Except(one.Job?.Names ?? [], StringComparer.Ordinal));
        RedisValue[] others = [.. names.Select(name => (RedisValue)name)];
        return others.Length == 0 ? Task.CompletedTask : redis.Database.SetRemoveAsync(OpenKey, others).WaitAsync(RedisTimeout);
    }

    /// <summary>How many jobs are open; null where Redis does not answer.</summary>
    public async Task<long?> CountOpenAsync()
    {
        var (answered, count) = await redis.TryAsync(database => database.SetLengthAsync(OpenKey));
        return answered ? count : null;
    }

    /// <summary>
    /// Whether a job of this post is open; null where Redis does not answer. It looks through the whole set, bit by bit: for those who
    /// ask seldom.
    /// </summary>
    public async Task<bool?> IsOpenAsync(long post)
    {
        var plan = new FanOutJob(post, Author: 0, Sessions.WalPosition.None, After: 0, Kind: FanOutKind.Plan).Names.Single();
        var (said, isPlanned) = await redis.TryAsync(database => database.SetContainsAsync(OpenKey, plan));
        if (!said || isPlanned)
        {
            return said ? true : null;
        }

        var cursor = "0";
        do
        {
            var at = cursor;
            var (answered, part) = await redis.TryAsync(
                database => database.ExecuteAsync("SSCAN", OpenKey, at, "MATCH", string.Create(CultureInfo.InvariantCulture, $"{post}:*"), "COUNT", ScanCount));
            if (!answered)
            {
                return null;
            }

            var parts = (RedisResult[])part!;
            if (((RedisResult[])parts[1]!).Length > 0)
            {
                return true;
            }

            cursor = (string)parts[0]!;
        }
        while (cursor != "0");
        return false;
    }

    private static RedisValue[] NamesOf(IEnumerable<FanOutJob> jobs) => [.. jobs.SelectMany(job => job.Names).Select(name => (RedisValue)name)];

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
