using Floodgate.FlushWorker.Consuming;
using Floodgate.FlushWorker.Telemetry;
using Floodgate.Messaging;
using RabbitMQ.Client;

namespace Floodgate.FlushWorker.Parking;

/// <summary>
/// Puts aside, in the queue <c>counters.flush.parked</c>, what cannot be applied: its content as it came, with the
/// headers <c>floodgate-reason</c> and <c>floodgate-partition</c>. A crash in between may leave a second copy.
/// </summary>
internal sealed class ParkedEnvelopes(
    BrokerConnection broker, ConfirmedPublisher publisher, FlushTelemetry telemetry, ILogger<ParkedEnvelopes> logger)
{
    private volatile bool _declared;

    /// <summary>Puts a message aside; once this returns, it is durable there.</summary>
    /// <exception cref="PublishUnconfirmedException">The broker did not confirm.</exception>
    public async Task ParkAsync(int partition, Delivery delivery, string reason, CancellationToken cancellationToken)
    {
        if (!_declared)
        {
            var connection = await broker.GetAsync(cancellationToken);
            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            await QueueTopology.DeclareAsync(channel, QueueTopology.CountersParked, singleActiveConsumer: false, cancellationToken);
            _declared = true;
        }

        var headers = new Dictionary<string, object?>(delivery.Headers, StringComparer.Ordinal)
        {
            ["floodgate-reason"] = reason,
            ["floodgate-partition"] = partition,
        };

        // The client's own mark of the first publish; the next publish writes its own.
        headers.Remove(Constants.PublishSequenceNumberHeader);
        try
        {
            await publisher.PublishAsync(QueueTopology.CountersParked, delivery.Body, new BasicProperties { Headers = headers }, cancellationToken);
        }
        catch (PublishUnconfirmedException refusal) when (refusal.Refused)
        {
            // The queue may be gone: the next attempt declares it anew.
            _declared = false;
            throw;
        }

        telemetry.Parked(partition);
        FlushLog.Parked(logger, partition, delivery.Body.Length, reason);
    }
}
