using Floodgate.Messaging;
using Floodgate.Messaging.Counters;

namespace Floodgate.CounterService.Coalescing;

/// <summary>Makes envelopes durable.</summary>
internal interface IEnvelopePublisher
{
    /// <summary>
    /// Whether it is worth trying. While it is not, a write is refused at once and uses up no envelope. Asking may make it
    /// look, in the background, whether the broker is back.
    /// </summary>
    bool IsReady => true;

    /// <summary>
    /// Publishes an envelope to the queue of its partition and completes once it is durable. The order of the calls is the
    /// order in the queue.
    /// </summary>
    /// <param name="id">The envelope.</param>
    /// <param name="body">Its bytes.</param>
    /// <param name="traceparent">The span it belongs to, as W3C Trace Context writes it; null where there is none.</param>
    /// <param name="cancellationToken">Stops waiting; the envelope may or may not have arrived.</param>
    /// <exception cref="PublishUnconfirmedException">The envelope may or may not be durable.</exception>
    Task PublishAsync(EnvelopeId id, ReadOnlyMemory<byte> body, string? traceparent, CancellationToken cancellationToken);
}
