using System.Diagnostics;
using Floodgate.Messaging.Counters;

namespace Floodgate.FlushWorker.Consuming;

/// <summary>A message and what it holds.</summary>
internal sealed class ReceivedEnvelope
{
    /// <summary>Reads a message. Nothing in it is an error here: what cannot be read has a <see cref="Fault"/>.</summary>
    /// <param name="delivery">The message.</param>
    /// <param name="partition">The partition in whose queue it was.</param>
    public ReceivedEnvelope(Delivery delivery, int partition)
    {
        Delivery = delivery;
        try
        {
            Envelope = EnvelopeCodec.Decode(delivery.Body);
            if (Envelope.Id.Partition != partition)
            {
                Fault = $"It is for partition {Envelope.Id.Partition} and came in partition {partition}.";
            }
        }
        catch (InvalidEnvelopeException exception)
        {
            Fault = exception.Message;
        }
    }

    /// <summary>The message.</summary>
    public Delivery Delivery { get; }

    /// <summary>What it holds; null where it cannot be read.</summary>
    public CounterEnvelope? Envelope { get; }

    /// <summary>Why it cannot be applied; null where it can be, as far as one sees.</summary>
    public string? Fault { get; }

    /// <summary>How many writes it holds; 0 where it cannot be read.</summary>
    public int Writes => Envelope?.Writes ?? 0;

    /// <summary>The span that published it; default where there is none.</summary>
    public ActivityContext Trace => Delivery.Trace;
}
