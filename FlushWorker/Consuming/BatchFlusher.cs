using Floodgate.FlushWorker.Applying;
using Floodgate.FlushWorker.Parking;
using Floodgate.FlushWorker.Reconciling;
using Floodgate.FlushWorker.Telemetry;
using Floodgate.Messaging.Counters;

namespace Floodgate.FlushWorker.Consuming;

/// <summary>
/// Brings a batch of one partition into PostgreSQL, then into Redis. Whenever it fails it may be run again with the same
/// messages, or others: the ledger knows what is applied, and the reconcile says what is so rather than what to add.
/// </summary>
internal sealed class BatchFlusher(IFlushStore store, Reconciler reconciler, ParkedEnvelopes parked, FlushTelemetry telemetry)
{
    /// <summary>Flushes a batch. Once it returns, the batch may be acknowledged.</summary>
    /// <exception cref="Exception">Something did not answer: try again.</exception>
    public async Task FlushAsync(int partition, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var envelopes = await DecodeAsync(partition, deliveries, cancellationToken);
        if (envelopes.Count == 0)
        {
            return;
        }

        using var batch = telemetry.StartBatch(partition, envelopes);
        var flushed = await store.CommitAsync(partition, [.. envelopes.Select(of => of.Envelope)], cancellationToken);
        batch.Committed(flushed);
        await reconciler.ReconcileAsync(partition, flushed, cancellationToken);
    }

    private async Task<List<ReceivedEnvelope>> DecodeAsync(int partition, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var envelopes = new List<ReceivedEnvelope>(deliveries.Count);
        foreach (var delivery in deliveries)
        {
            try
            {
                var envelope = EnvelopeCodec.Decode(delivery.Body);
                if (envelope.Id.Partition != partition)
                {
                    throw new InvalidEnvelopeException($"It is for partition {envelope.Id.Partition} and came in partition {partition}.");
                }

                envelopes.Add(new ReceivedEnvelope(envelope, delivery.Trace));
            }
            catch (InvalidEnvelopeException exception)
            {
                if (!delivery.IsParked)
                {
                    await parked.ParkAsync(partition, delivery, exception.Message, cancellationToken);
                    delivery.IsParked = true;
                }
            }
        }

        return envelopes;
    }
}
