using System.Net.ServerSentEvents;
using System.Text.Json;
using Floodgate.Sessions;

namespace Floodgate.TimelineTests;

/// <summary>A client of a stream, which reads it with the framework's parser.</summary>
internal sealed class EventStream : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly HttpResponseMessage _response;
    private readonly IAsyncEnumerator<SseItem<string>> _items;
    private readonly SseParser<string> _parser;

    private EventStream(HttpResponseMessage response, Stream body)
    {
        _response = response;
        _parser = SseParser.Create(body);
        _items = _parser.EnumerateAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
    }

    public HttpResponseMessage Response => _response;

    /// <summary>The id of the last event that had one.</summary>
    public string LastId => _parser.LastEventId;

    /// <summary>How long the server wants a client to wait before it comes back.</summary>
    public TimeSpan Retry => _parser.ReconnectionInterval;

    /// <summary>Opens a stream that must begin.</summary>
    public static async Task<EventStream> OpenAsync(TimelineInstance instance, long user, string? lastId = null, string query = "", params (string Name, string Value)[] headers)
    {
        var response = await RequestAsync(instance, user, lastId, query, headers);
        Assert.True(response.IsSuccessStatusCode, $"The stream was answered with {response.StatusCode}.");
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return new EventStream(response, await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Opens a stream and reads up to <c>ready</c>.</summary>
    /// <returns>The stream, and the ids on its screen.</returns>
    public static async Task<(EventStream Stream, List<long> OnScreen)> ReadyAsync(TimelineInstance instance, long user, string query = "")
    {
        var stream = await OpenAsync(instance, user, query: query);
        var ready = await stream.NextAsync("ready");
        return (stream, [.. ready.GetProperty("ids").EnumerateArray().Select(id => id.GetInt64())]);
    }

    /// <summary>Asks for a stream.</summary>
    public static async Task<HttpResponseMessage> RequestAsync(
        TimelineInstance instance, long user, string? lastId = null, string query = "", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/timeline/stream" + query);
        request.Headers.Add(InternalHeaders.User, $"{user}");
        if (lastId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastId);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await instance.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    /// <summary>The next event, whose kind must be this one. New session tokens are passed over, unless they are asked for.</summary>
    public async Task<JsonElement> NextAsync(string kind)
    {
        while (true)
        {
            Assert.True(await MoveAsync(), $"The stream ended before '{kind}'.");
            var item = _items.Current;
            if (item.EventType == kind)
            {
                return JsonSerializer.Deserialize<JsonElement>(item.Data);
            }

            Assert.True(item.EventType == "session", $"'{item.EventType}' ({item.Data}) came instead of '{kind}'.");
        }
    }

    public async Task<long> NextIdAsync(string kind) => (await NextAsync(kind)).GetProperty("id").GetInt64();

    /// <summary>Reads on until the server ends the stream.</summary>
    public async Task EndAsync()
    {
        while (await MoveAsync())
        {
            // What comes before the end does not matter.
        }
    }

    public async ValueTask DisposeAsync()
    {
        _response.Dispose();
        try
        {
            await _items.DisposeAsync();
        }
        catch (NotSupportedException)
        {
            // It was being read.
        }
    }

    private Task<bool> MoveAsync() => _items.MoveNextAsync().AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
}
