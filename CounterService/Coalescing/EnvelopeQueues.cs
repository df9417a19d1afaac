using Floodgate.Messaging;
using Floodgate.Messaging.Counters;
using RabbitMQ.Client;

namespace Floodgate.CounterService.Coalescing;

/// <summary>Publishes envelopes to RabbitMQ, each to the queue of its partition.</summary>
internal sealed class EnvelopeQueues(ConfirmedPublisher publisher) : IEnvelopePublisher
{
    /// <inheritdoc/>
    public Task PublishAsync(EnvelopeId id, ReadOnlyMemory<byte> body, string? traceparent, CancellationToken cancellationToken)
    {
        var properties = new BasicProperties { ContentType = EnvelopeCodec.ContentType };
        if (traceparent is not null)
        {
            properties.Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { ["traceparent"] = traceparent };
        }

        return publisher.PublishAsync(QueueTopology.CounterFlush(id.Partition), body, properties, cancellationToken);
    }
}
