using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Json;

namespace Floodgate.TimelineService.Streaming;

/// <summary>
/// Writes server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream), one at a time. The next is
/// made when the server has room for this one; a client that takes too long is cut off, so nothing piles up for it.
/// </summary>
internal sealed class EventWriter(HttpContext context, JsonOptions json, StreamOptions options, TimeProvider time, StreamMetrics metrics) : IDisposable
{
    private readonly PipeWriter _pipe = context.Response.BodyWriter;
    private readonly Utf8JsonWriter _writer = new(context.Response.BodyWriter, new JsonWriterOptions { Encoder = json.SerializerOptions.Encoder, SkipValidation = true });

    /// <summary>When something was last sent, by the clock's timestamp.</summary>
    public long LastSent { get; private set; } = time.GetTimestamp();

    /// <summary>Sends an event.</summary>
    /// <param name="kind">Its name.</param>
    /// <param name="data">Its data; JSON, so it has no line breaks.</param>
    /// <param name="id">Where a client goes on that has it; null where that does not change.</param>
    /// <exception cref="OperationCanceledException">The client is gone, or was cut off.</exception>
    public ValueTask SendAsync<T>(string kind, T data, string? id = null)
    {
        Write("event: ");
        Write(kind);
        if (id is not null)
        {
            Write("\nid: ");
            Write(id);
        }

        Write("\ndata: ");
        JsonSerializer.Serialize(_writer, data, (JsonTypeInfo<T>)json.SerializerOptions.GetTypeInfo(typeof(T)));
        _writer.Flush();
        _writer.Reset();
        Write("\n\n");
        return FlushAsync(kind);
    }

    /// <summary>Sends a comment, which clients ignore, and with the first one how long they wait before they come back.</summary>
    public ValueTask SendHeartbeatAsync(TimeSpan? retry = null)
    {
        if (retry is { } after)
        {
            Write($"retry: {(long)after.TotalMilliseconds}\n");
        }

        Write(":\n\n");
        return FlushAsync(StreamEvents.Heartbeat);
    }

    public void Dispose() => _writer.Dispose();

    private void Write(string text) => Encoding.UTF8.GetBytes(text, _pipe);

    private async ValueTask FlushAsync(string kind)
    {
        var flush = _pipe.FlushAsync(context.RequestAborted);
        try
        {
            await (flush.IsCompletedSuccessfully ? flush : new(flush.AsTask().WaitAsync(options.WriteTimeout, time, context.RequestAborted)));
        }
        catch (TimeoutException exception)
        {
            metrics.ClientDropped();
            context.Abort();
            throw new OperationCanceledException("The client does not read.", exception);
        }

        context.RequestAborted.ThrowIfCancellationRequested();
        metrics.EventSent(kind);
        LastSent = time.GetTimestamp();
    }
}
