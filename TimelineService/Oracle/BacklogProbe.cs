using Floodgate.Messaging;
using Floodgate.Nodes;
using Floodgate.TimelineService.FanOut;
using Npgsql;

namespace Floodgate.TimelineService.Oracle;

/// <summary>Looks at what is not done yet.</summary>
internal sealed class BacklogProbe(PostgresNodes nodes, Broker broker, OpenJobs jobs)
{
    private const string CountOutbox = """
        SELECT count(*), coalesce(extract(epoch FROM max(clock_timestamp() - created_at)), 0)::float8 FROM outbox
        """;

    private static readonly string[] Queues =
        [QueueTopology.FanOutSmall, QueueTopology.FanOutLarge, QueueTopology.FanOutParked, QueueTopology.PostsPending];

    private static readonly TimeSpan StatusTimeout = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan BrokerTimeout = TimeSpan.FromSeconds(2);

    public async Task<(long Rows, double AgeSeconds)> OutboxAsync(CancellationToken cancellationToken)
    {
        await using var command = nodes.Primary.CreateCommand(CountOutbox);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return (row.GetInt64(0), row.GetDouble(1));
    }

    /// <summary>The same, soon; null where the primary does not answer.</summary>
    public async Task<(long Rows, double AgeSeconds)?> TryOutboxAsync(CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(StatusTimeout);
        try
        {
            return await OutboxAsync(limited.Token).WaitAsync(limited.Token);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested
            && exception is NpgsqlException or NodeUnavailableException or TimeoutException or IOException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>How many messages each queue has ready; null where the broker does not answer.</summary>
    public async Task<Dictionary<string, uint>?> QueuesAsync(CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(BrokerTimeout);
        try
        {
            var connection = await broker.ConsumingAsync(limited.Token);
            await using var channel = await connection.CreateChannelAsync(cancellationToken: limited.Token);
            await Broker.DeclareAsync(channel, limited.Token);
            var counts = new Dictionary<string, uint>(StringComparer.Ordinal);
            foreach (var queue in Queues)
            {
                counts[queue] = (await channel.QueueDeclarePassiveAsync(queue, limited.Token)).MessageCount;
            }

            return counts;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && (Broker.IsFailure(exception) || exception is OperationCanceledException))
        {
            return null;
        }
    }

    /// <summary>
    /// What is not drained. The outbox is counted first and then the jobs: a row becomes an open job before it goes. The
    /// queues are counted as well, in case Redis lost the set of open jobs. A pending post is in neither while it is written.
    /// </summary>
    /// <exception cref="TimeoutException">Redis or the broker does not answer, so nothing can be said.</exception>
    public async Task<Backlog> BacklogAsync(CancellationToken cancellationToken)
    {
        var (rows, _) = await OutboxAsync(cancellationToken);
        var open = await jobs.CountAsync();
        var queues = await QueuesAsync(cancellationToken);
        if (open is null || queues is null)
        {
            throw new TimeoutException("Redis or the broker does not answer.");
        }

        return new Backlog(Math.Max(open.Value, queues[QueueTopology.FanOutSmall] + queues[QueueTopology.FanOutLarge]) + queues[QueueTopology.PostsPending], rows);
    }
}
