using Floodgate.CounterService.Hosting;
using Floodgate.Messaging;
using Floodgate.Messaging.Counters;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Floodgate.CounterService.Coalescing;

/// <summary>Publishes envelopes to RabbitMQ, each to the queue of its partition.</summary>
internal sealed class EnvelopeQueues(ConfirmedPublisher publisher, BrokerConnection? broker = null, QueueDeclaration? queues = null)
    : IEnvelopePublisher
{
    /// <inheritdoc/>
    public bool IsReady => broker is null or { IsReady: true };

    /// <inheritdoc/>
    public async Task PublishAsync(EnvelopeId id, ReadOnlyMemory<byte> body, string? traceparent, CancellationToken cancellationToken)
    {
        var properties = new BasicProperties { ContentType = EnvelopeCodec.ContentType };
        if (traceparent is not null)
        {
            properties.Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { ["traceparent"] = traceparent };
        }

        try
        {
            await publisher.PublishAsync(QueueTopology.CounterFlush(id.Partition), body, properties, cancellationToken);
        }
        catch (PublishUnconfirmedException exception) when (exception.InnerException is PublishException { IsReturn: true })
        {
            // There is no such queue: somebody deleted it, or the broker came back without its disk.
            queues?.DeclareAgain();
            throw;
        }
    }
}
