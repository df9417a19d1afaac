using Floodgate.FlushWorker.Applying;
using Floodgate.FlushWorker.Reconciling;
using Floodgate.FlushWorker.Telemetry;
using Floodgate.Messaging.Counters;

namespace Floodgate.FlushWorker.Consuming;

/// <summary>
/// Brings messages of one partition into PostgreSQL, then into Redis. Whenever it fails it may be run again with the same
/// messages, or others: the ledger knows what is applied, and the reconcile says what is so rather than what to add.
/// </summary>
internal sealed class BatchFlusher(IFlushStore store, Reconciler reconciler, FlushTelemetry telemetry, ILogger<BatchFlusher> logger)
{
    private const string Retired =
        "Its producer was retired, and the ledger no longer knows what of it is applied: it may have been applied, so that only a person can tell whether to apply it.";

    /// <summary>Flushes messages, and puts aside those that cannot be read. Once it returns, they may be acknowledged.</summary>
    /// <exception cref="CommitFailedException">The commit failed: nothing is applied, unless the answer was lost.</exception>
    /// <exception cref="Exception">Something else did not answer: try again.</exception>
    public async Task FlushAsync(int partition, IReadOnlyList<ReceivedEnvelope> batch, CancellationToken cancellationToken)
    {
        var readable = new List<CounterEnvelope>(batch.Count);
        foreach (var received in batch)
        {
            if (received.Fault is null)
            {
                readable.Add(received.Envelope!);
            }
            else
            {
                await ParkAsync(partition, received, received.Fault, cancellationToken);
            }
        }

        if (readable.Count == 0)
        {
            return;
        }

        using var spans = telemetry.StartBatch(partition, batch);
        var flushed = await CommitAsync(partition, readable, cancellationToken);
        spans.Committed(flushed);
        await reconciler.ReconcileAsync(partition, flushed, cancellationToken);
        foreach (var id in flushed.Retired)
        {
            await ParkAsync(partition, batch.First(of => of.Fault is null && of.Envelope!.Id == id), Retired, cancellationToken);
        }
    }

    /// <summary>Whether a batch without any envelope can be committed: if not, no envelope is to blame.</summary>
    public async Task<bool> CanCommitAsync(int partition, CancellationToken cancellationToken)
    {
        try
        {
            await store.CommitAsync(partition, [], cancellationToken);
            return true;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Puts a message aside, and takes it from what Redis counts as pending. Once it returns, it may be acknowledged.</summary>
    public async Task ParkAsync(int partition, ReceivedEnvelope received, string reason, CancellationToken cancellationToken)
    {
        var envelope = received.Envelope is { } readable && readable.Id.Partition == partition ? readable : null;
        var parked = await store.ParkAsync(partition, received.Delivery.Body, envelope, reason, cancellationToken);
        if (parked.IsNew)
        {
            telemetry.Parked(partition);
            FlushLog.Parked(logger, partition, received.Delivery.Body.Length, reason);
        }

        await reconciler.ReconcileAsync(partition, parked.Touched, cancellationToken);
    }

    private async Task<FlushedBatch> CommitAsync(int partition, List<CounterEnvelope> envelopes, CancellationToken cancellationToken)
    {
        try
        {
            return await store.CommitAsync(partition, envelopes, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommitFailedException(exception);
        }
    }
}
