using Floodgate.FlushWorker.Hosting;
using Floodgate.Messaging.Counters;
using Floodgate.Nodes;
using Microsoft.Extensions.Options;

namespace Floodgate.FlushWorker.Applying;

/// <summary>
/// Applies a batch in one transaction, together with the ledger entry that says so: two round trips, or three where there
/// are likes or Idempotency-Keys. If the connection breaks at COMMIT nobody knows whether it happened, and running the
/// batch again finds out.
/// </summary>
internal sealed class FlushTransaction(PostgresNodes nodes, IOptions<FlushOptions> options) : IFlushStore
{
    /// <inheritdoc/>
    public async Task<FlushedBatch> CommitAsync(int partition, IReadOnlyList<CounterEnvelope> envelopes, CancellationToken cancellationToken)
    {
        using var limit = Limit(cancellationToken);
        await using var connection = await nodes.Primary.OpenConnectionAsync(limit.Token);
        var steps = new FlushSteps(connection, partition);
        var (content, version) = await steps.BeginAsync(envelopes, limit.Token);
        var repeated = await steps.DecideAsync(content, limit.Token);
        var slots = await steps.WriteAsync(content, version, endsWith: [FlushSql.Commit], limit.Token);
        return new FlushedBatch(version, content.Fresh.Count, content.Writes, content.Duplicates, repeated, content.Retired, slots, [.. content.Named]);
    }

    /// <inheritdoc/>
    public async Task<ParkedEnvelope> ParkAsync(
        int partition, ReadOnlyMemory<byte> body, CounterEnvelope? envelope, string reason, CancellationToken cancellationToken)
    {
        using var limit = Limit(cancellationToken);
        await using var connection = await nodes.Primary.OpenConnectionAsync(limit.Token);
        return await ParkStatement.RunAsync(connection, partition, body, envelope, reason, limit.Token);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Reaction>> ReadReactionsAsync(IReadOnlyList<Reaction> pairs, CancellationToken cancellationToken)
    {
        using var limit = Limit(cancellationToken);
        await using var connection = await nodes.Primary.OpenConnectionAsync(limit.Token);
        return await ReactionStates.ReadAsync(connection, pairs, limit.Token);
    }

    private CancellationTokenSource Limit(CancellationToken cancellationToken)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Value.CommitTimeout);
        return limit;
    }
}
