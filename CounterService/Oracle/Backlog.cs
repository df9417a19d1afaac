using Floodgate.CounterService.Coalescing;
using Floodgate.CounterService.Hosting;
using Floodgate.Messaging;
using Floodgate.Messaging.Counters;
using Floodgate.Nodes;
using Floodgate.VisibleValues;
using Microsoft.Extensions.Options;
using Npgsql;
using StackExchange.Redis;

namespace Floodgate.CounterService.Oracle;

/// <summary>What is not drained yet.</summary>
internal sealed record BacklogAnswer(long Messages, long Outbox);

/// <summary>
/// <c>GET /internal/oracle/backlog</c>. AMQP tells how many messages are ready, not how many a consumer holds. So when
/// none is ready, an empty envelope goes into each queue, and the queue counts as drained once that one has been flushed:
/// a queue is in order, so all that any process had put there before is flushed too.
/// </summary>
internal sealed class Backlog(
    BrokerConnection broker, WriteCoalescer coalescer, PostgresNodes nodes, CounterHash hash, IOptions<CounterOptions> options, TimeProvider time)
{
    private const string Sql = """
        SELECT count(*) FROM unnest($1, $2, $3) AS i (producer, partition, sequence)
        JOIN flush_ledger l ON l.partition = i.partition AND l.producer = i.producer
        WHERE l.applied @> i.sequence
        """;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    /// <summary>Answers the call, within two flush intervals and 3 s.</summary>
    public async Task<IResult> AnswerAsync(CancellationToken cancellationToken)
    {
        var messages = await ReadyAsync(cancellationToken);
        if (messages == 0)
        {
            messages = await BehindBarrierAsync(cancellationToken);
        }

        return TypedResults.Json(new BacklogAnswer(messages, Outbox: 0), CounterJson.Default.BacklogAnswer);
    }

    private async Task<long> ReadyAsync(CancellationToken cancellationToken)
    {
        var connection = await broker.GetAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var ready = 0L;
        for (var partition = 0; partition < options.Value.Partitions; partition++)
        {
            ready += await channel.MessageCountAsync(QueueTopology.CounterFlush(partition), cancellationToken);
        }

        return ready;
    }

    private async Task<long> BehindBarrierAsync(CancellationToken cancellationToken)
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, options.Value.Partitions)
            .Select(partition => coalescer.WriteAsync(partition, new PendingWrite(CounterId.Barrier(partition), amount: 0)).AsTask()));
        var barriers = outcomes.Where(outcome => outcome.Status == WriteStatus.Durable).Select(outcome => outcome.Envelope).ToArray();
        var unknown = outcomes.Length - barriers.Length;
        var until = time.GetUtcNow() + (2 * options.Value.FlushInterval) + Grace;
        while (true)
        {
            var behind = barriers.Length - await TryFlushedAsync(barriers, cancellationToken);
            if (behind == 0)
            {
                behind = await PendingAsync(barriers);
            }

            if (behind == 0 || time.GetUtcNow() >= until)
            {
                return unknown + behind;
            }

            await Task.Delay(Poll, time, cancellationToken);
        }
    }

    // A primary that does not answer just now has flushed nothing that anybody could know of.
    private async Task<long> TryFlushedAsync(EnvelopeId[] barriers, CancellationToken cancellationToken)
    {
        try
        {
            return await FlushedAsync(barriers, cancellationToken);
        }
        catch (NpgsqlException)
        {
            return 0;
        }
    }

    private async Task<long> FlushedAsync(EnvelopeId[] barriers, CancellationToken cancellationToken)
    {
        await using var command = nodes.Primary.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = Array.ConvertAll(barriers, id => id.Producer) });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = Array.ConvertAll(barriers, id => id.Partition) });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(barriers, id => id.Sequence) });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    // Committed comes before reconciled. Redis being away is no backlog of the queues.
    private async Task<long> PendingAsync(EnvelopeId[] barriers)
    {
        try
        {
            var pending = await Task.WhenAll(barriers.Select(id => hash.IsPendingAsync(CounterId.Barrier(id.Partition), id)))
                .WaitAsync(options.Value.RedisTimeout, time);
            return pending.Count(still => still);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            return 0;
        }
    }
}
