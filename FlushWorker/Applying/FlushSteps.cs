using Floodgate.Messaging.Counters;
using Floodgate.VisibleValues;
using Npgsql;
using static Floodgate.FlushWorker.Applying.StatementBatch;

namespace Floodgate.FlushWorker.Applying;

/// <summary>
/// The steps of a flush's transaction, each one round trip. If one fails, closing the connection rolls back.
/// </summary>
internal sealed class FlushSteps(NpgsqlConnection connection, int partition)
{
    /// <summary>Begins: locks the partition, numbers the batch, and finds out which envelopes are applied already.</summary>
    /// <param name="envelopes">The envelopes of the batch.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="evenIfRetired">Take also those of retired producers that the ledger does not know.</param>
    public async Task<(BatchContent Content, long Version)> BeginAsync(
        IReadOnlyList<CounterEnvelope> envelopes, CancellationToken cancellationToken, bool evenIfRetired = false)
    {
        var producers = envelopes.Select(of => of.Id.Producer).ToArray();
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(FlushSql.Begin);
        batch.Add(FlushSql.LockPartition, Parameter(partition));
        batch.Add(FlushSql.FindApplied, Parameter(partition), Parameter(producers), Parameter(envelopes.Select(of => of.Id.Sequence).ToArray()));
        batch.Add(FlushSql.FindProducers, Parameter(partition), Parameter(producers.Distinct().ToArray()));

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var (version, retiredBefore) = (reader.GetInt64(0), reader.GetDateTime(1));
        await reader.NextResultAsync(cancellationToken);
        var applied = new HashSet<EnvelopeId>();
        while (await reader.ReadAsync(cancellationToken))
        {
            applied.Add(new EnvelopeId(reader.GetGuid(0), partition, reader.GetInt64(1)));
        }

        await reader.NextResultAsync(cancellationToken);
        var known = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            known.Add(reader.GetGuid(0));
        }

        return (new BatchContent(envelopes, applied, IsRetired), version);

        bool IsRetired(Guid producer) => !evenIfRetired && !known.Contains(producer) && ProducerAge.MadeBefore(producer, retiredBefore);
    }

    /// <summary>Decides what counts: uses up Idempotency-Keys, and writes the reactions that are newer.</summary>
    /// <returns>How many Idempotency-Keys had been used.</returns>
    public async Task<int> DecideAsync(BatchContent content, CancellationToken cancellationToken)
    {
        if (content.Requests.Count == 0 && content.Pairs == 0)
        {
            return 0;
        }

        await using var batch = new NpgsqlBatch(connection);
        if (content.Requests.Count > 0)
        {
            batch.Add(
                FlushSql.UseRequests,
                Parameter(content.Requests.Keys.Select(request => request.User).ToArray()),
                Parameter(content.Requests.Keys.Select(request => request.Key).ToArray()),
                Parameter(content.Requests.Values.Select(delta => delta.Counter.Name).ToArray()),
                Parameter(content.Requests.Values.Select(delta => delta.Counter.Key).ToArray()),
                Parameter(content.Requests.Values.Select(delta => delta.Amount).ToArray()));
        }

        if (content.Pairs > 0)
        {
            ReactionWrites.Compose(batch, content);
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var repeated = content.Requests.Count;
        if (content.Requests.Count > 0)
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                content.Accept(new RequestKey(reader.GetInt64(0), reader.GetString(1)));
                repeated--;
            }

            await reader.NextResultAsync(cancellationToken);
        }

        if (content.Pairs > 0)
        {
            await ReactionWrites.ReadAsync(reader, content, cancellationToken);
        }

        return repeated;
    }

    /// <summary>Writes the slots, the minutes and the ledger, and ends.</summary>
    /// <param name="content">What to write.</param>
    /// <param name="version">The number of the batch.</param>
    /// <param name="endsWith">Statements without parameters; the last is the commit.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The slots of all counters that the batch names.</returns>
    public async Task<List<FlushedSlot>> WriteAsync(
        BatchContent content, long version, IReadOnlyList<string> endsWith, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        Compose(batch, content, version);
        foreach (var statement in endsWith)
        {
            batch.Add(statement);
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var slots = new List<(CounterId Counter, long Value, long Previous)>(content.Touched.Count);
        while (await reader.ReadAsync(cancellationToken))
        {
            slots.Add((new CounterId(reader.GetString(0), reader.GetString(1)), reader.GetInt64(2), reader.GetInt64(3)));
        }

        // The next statement with a result; then on to the end, where a failed commit would say so.
        await reader.NextResultAsync(cancellationToken);
        var watermarks = await reader.ReadAsync(cancellationToken) ? reader.GetString(0) : "";
        while (await reader.NextResultAsync(cancellationToken))
        {
        }

        return slots.ConvertAll(of => new FlushedSlot(
            of.Counter, new CounterSlot(partition, of.Value, version, watermarks), of.Previous, content.Touched[of.Counter]));
    }

    private void Compose(NpgsqlBatch batch, BatchContent content, long version)
    {
        // Also counters that nothing is added to: their slot moves to this version, and Redis learns what it is now.
        var counters = content.Touched.Keys.Order().ToArray();
        var minutes = content.Minutes.ToArray();
        var producers = content.Fresh.Select(id => id.Producer).ToArray();
        var sequences = content.Fresh.Select(id => id.Sequence).ToArray();
        batch.Add(
            FlushSql.AddToSlots,
            Parameter(partition),
            Parameter(version),
            Parameter(Array.ConvertAll(counters, counter => counter.Name)),
            Parameter(Array.ConvertAll(counters, counter => counter.Key)),
            Parameter(Array.ConvertAll(counters, counter => content.SumOf(counter))));
        batch.Add(
            FlushSql.AddToMinutes,
            Parameter(partition),
            Parameter(Array.ConvertAll(minutes, of => of.Key.Counter.Name)),
            Parameter(Array.ConvertAll(minutes, of => of.Key.Minute)),
            Parameter(Array.ConvertAll(minutes, of => of.Key.Counter.Key)),
            Parameter(Array.ConvertAll(minutes, of => of.Value)));
        batch.Add(FlushSql.EnterLedger, Parameter(partition), Parameter(producers), Parameter(sequences));
        batch.Add(FlushSql.CountApplied, Parameter(partition), Parameter((long)content.Fresh.Count), Parameter(content.Total));
        batch.Add(FlushSql.TakeFromParked, Parameter(partition), Parameter(producers), Parameter(sequences));
        batch.Add(FlushSql.Watermarks, Parameter(partition));
    }
}
