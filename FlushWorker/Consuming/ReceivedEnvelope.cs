using System.Diagnostics;
using System.Text;
using Floodgate.Messaging.Counters;
using RabbitMQ.Client;

namespace Floodgate.FlushWorker.Consuming;

/// <summary>A message as it arrived.</summary>
/// <param name="Tag">Its number on the channel.</param>
/// <param name="Body">Its bytes.</param>
/// <param name="Headers">Its headers.</param>
internal sealed record Delivery(ulong Tag, byte[] Body, IReadOnlyDictionary<string, object?> Headers)
{
    /// <summary>Whether it is put aside already, so that a batch that is run again does not do it once more.</summary>
    public bool IsParked { get; set; }

    /// <summary>Copies what the client hands out: its buffer is only lent.</summary>
    public static Delivery Copy(ulong tag, ReadOnlyMemory<byte> body, IReadOnlyBasicProperties properties) =>
        new(tag, body.ToArray(), properties.Headers is { } headers
            ? new Dictionary<string, object?>(headers, StringComparer.Ordinal)
            : new Dictionary<string, object?>(StringComparer.Ordinal));

    /// <summary>The span that published it.</summary>
    public ActivityContext Trace =>
        Headers.GetValueOrDefault("traceparent") is byte[] bytes && ActivityContext.TryParse(Encoding.ASCII.GetString(bytes), null, isRemote: true, out var context)
            ? context
            : default;
}

/// <summary>An envelope and the span that published it.</summary>
/// <param name="Envelope">The envelope.</param>
/// <param name="Trace">The span; default where there is none.</param>
internal sealed record ReceivedEnvelope(CounterEnvelope Envelope, ActivityContext Trace);
