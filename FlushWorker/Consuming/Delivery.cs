using System.Diagnostics;
using System.Text;
using RabbitMQ.Client;

namespace Floodgate.FlushWorker.Consuming;

/// <summary>A message as it arrived.</summary>
/// <param name="Tag">Its number at its source: 1, 2, 3 … in the order of arrival.</param>
/// <param name="Body">Its bytes.</param>
/// <param name="TraceParent">The span that published it, as W3C's <c>traceparent</c>; null where there is none.</param>
internal sealed record Delivery(ulong Tag, byte[] Body, string? TraceParent = null)
{
    /// <summary>The span that published it.</summary>
    public ActivityContext Trace =>
        TraceParent is not null && ActivityContext.TryParse(TraceParent, null, isRemote: true, out var context) ? context : default;

    /// <summary>Copies what the client hands out: its buffer is only lent.</summary>
    public static Delivery Copy(ulong tag, ReadOnlyMemory<byte> body, IReadOnlyBasicProperties properties) =>
        new(tag, body.ToArray(), properties.Headers?.TryGetValue("traceparent", out var value) is true && value is byte[] text ? Encoding.ASCII.GetString(text) : null);
}
