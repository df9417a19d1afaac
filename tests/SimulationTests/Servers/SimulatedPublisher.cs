using Floodgate.CounterService.Coalescing;
using Floodgate.Messaging.Counters;
using Floodgate.SimulationTests.Scheduling;

namespace Floodgate.SimulationTests.Servers;

/// <summary>Publishes to the broker.</summary>
internal sealed class SimulatedPublisher(SimulatedProcess process, SimulatedBroker broker) : IEnvelopePublisher
{
    public Task PublishAsync(EnvelopeId id, ReadOnlyMemory<byte> body, string? traceparent, CancellationToken cancellationToken)
    {
        process.Scheduler.Note($"{process.Name} publishes {new ShownEnvelopes([EnvelopeCodec.Decode(body.Span)])}");
        return broker.PublishAsync(process, id, body);
    }
}
