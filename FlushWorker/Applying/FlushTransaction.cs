using Floodgate.FlushWorker.Hosting;
using Floodgate.Messaging.Counters;
using Floodgate.Nodes;
using Floodgate.VisibleValues;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Floodgate.FlushWorker.Applying;

/// <summary>
/// Applies a batch in one transaction, together with the ledger entry that says so. If the connection breaks at COMMIT
/// nobody knows whether it happened, and running the batch again finds out.
/// </summary>
internal sealed class FlushTransaction(PostgresNodes nodes, IOptions<FlushOptions> options) : IFlushStore
{
    /// <summary>Applies envelopes of a partition.</summary>
    /// <exception cref="Exception">PostgreSQL did not answer, or not in time: try again.</exception>
    public async Task<FlushedBatch> CommitAsync(int partition, IReadOnlyList<CounterEnvelope> envelopes, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Value.CommitTimeout);
        await using var connection = await nodes.Primary.OpenConnectionAsync(limit.Token);
        await using var transaction = await connection.BeginTransactionAsync(limit.Token);

        var (version, applied) = await BeginAsync(connection, partition, envelopes, limit.Token);
        var content = new BatchContent(envelopes, applied);
        var repeated = await UseRequestsAsync(connection, content, limit.Token);
        await ReactionWrites.WriteAsync(connection, content, limit.Token);
        var slots = await AddToSlotsAsync(connection, partition, version, content, limit.Token);

        await transaction.CommitAsync(limit.Token);
        return new FlushedBatch(version, content.Fresh.Count, content.Writes, content.Duplicates, repeated, slots);
    }

    private static async Task<(long Version, HashSet<EnvelopeId> Applied)> BeginAsync(
        NpgsqlConnection connection, int partition, IReadOnlyList<CounterEnvelope> envelopes, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(FlushSql.LockPartition) { Parameters = { Parameter(partition) } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(FlushSql.FindApplied)
        {
            Parameters =
            {
                Parameter(partition),
                Parameter(envelopes.Select(of => of.Id.Producer).ToArray()),
                Parameter(envelopes.Select(of => of.Id.Sequence).ToArray()),
            },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var version = reader.GetInt64(0);
        await reader.NextResultAsync(cancellationToken);
        var applied = new HashSet<EnvelopeId>();
        while (await reader.ReadAsync(cancellationToken))
        {
            applied.Add(new EnvelopeId(reader.GetGuid(0), partition, reader.GetInt64(1)));
        }

        return (version, applied);
    }

    private static async Task<int> UseRequestsAsync(NpgsqlConnection connection, BatchContent content, CancellationToken cancellationToken)
    {
        if (content.Requests.Count == 0)
        {
            return 0;
        }

        await using var command = new NpgsqlCommand(FlushSql.UseRequests, connection)
        {
            Parameters =
            {
                Parameter(content.Requests.Keys.Select(request => request.User).ToArray()),
                Parameter(content.Requests.Keys.Select(request => request.Key).ToArray()),
            },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var repeated = content.Requests.Count;
        while (await reader.ReadAsync(cancellationToken))
        {
            var delta = content.Requests[new RequestKey(reader.GetInt64(0), reader.GetString(1))];
            content.Add(delta.Counter, delta.Amount);
            repeated--;
        }

        return repeated;
    }

    private static async Task<List<FlushedSlot>> AddToSlotsAsync(
        NpgsqlConnection connection, int partition, long version, BatchContent content, CancellationToken cancellationToken)
    {
        // Also counters that nothing is added to: their slot moves to this version, and Redis learns what it is now.
        var counters = content.Touched.Keys.Order().ToArray();
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(FlushSql.AddToSlots)
        {
            Parameters =
            {
                Parameter(partition),
                Parameter(version),
                Parameter(Array.ConvertAll(counters, counter => counter.Name)),
                Parameter(Array.ConvertAll(counters, counter => counter.Key)),
                Parameter(Array.ConvertAll(counters, counter => content.SumOf(counter))),
            },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(FlushSql.EnterLedger)
        {
            Parameters =
            {
                Parameter(partition),
                Parameter(content.Fresh.Select(id => id.Producer).ToArray()),
                Parameter(content.Fresh.Select(id => id.Sequence).ToArray()),
            },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(FlushSql.Watermarks) { Parameters = { Parameter(partition) } });
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var slots = new List<FlushedSlot>(counters.Length);
        while (await reader.ReadAsync(cancellationToken))
        {
            var counter = new CounterId(reader.GetString(0), reader.GetString(1));
            slots.Add(new FlushedSlot(
                counter, new CounterSlot(partition, reader.GetInt64(2), version), reader.GetInt64(3), content.Touched[counter]));
        }

        await reader.NextResultAsync(cancellationToken);
        var watermarks = await reader.ReadAsync(cancellationToken) ? reader.GetString(0) : "";
        return slots.ConvertAll(of => of with { Slot = of.Slot with { Watermarks = watermarks } });
    }

    private static NpgsqlParameter<T> Parameter<T>(T value) => new() { TypedValue = value };
}
