using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Serialization.Metadata;
using Floodgate.Bench.CacheNode.Messages;
using Floodgate.Bench.CommandLine;

namespace Floodgate.Bench.Cache;

/// <summary>Tells one reading process what to do.</summary>
internal sealed class NodeClient(Uri address) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = address, Timeout = TimeSpan.FromMinutes(15) };

    /// <summary>Makes items.</summary>
    public Task MakeItemsAsync(NewItems items, CancellationToken cancellation) => TellAsync(HttpMethod.Post, "/items", items, NodeJson.Default.NewItems, cancellation);

    /// <summary>Makes callers ready.</summary>
    public Task ReadyAsync(WaveRequest wave, CancellationToken cancellation) => TellAsync(HttpMethod.Post, "/callers", wave, NodeJson.Default.WaveRequest, cancellation);

    /// <summary>Lets them go.</summary>
    public async Task<WaveAnswer> GoAsync(CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/callers/go");
        return await AskAsync(request, NodeJson.Default.WaveAnswer, cancellation);
    }

    /// <summary>Has readers read.</summary>
    public Task<LoadAnswer> LoadAsync(LoadRequest load, CancellationToken cancellation) =>
        AskAsync("/load", load, NodeJson.Default.LoadRequest, NodeJson.Default.LoadAnswer, cancellation);

    /// <summary>Forgets and keeps anew.</summary>
    public Task WarmAsync(WarmRequest warm, CancellationToken cancellation) => TellAsync(HttpMethod.Post, "/warm", warm, NodeJson.Default.WarmRequest, cancellation);

    /// <summary>Writes.</summary>
    public Task<WriteAnswer> WriteAsync(WriteRequest write, CancellationToken cancellation) =>
        AskAsync("/writes", write, NodeJson.Default.WriteRequest, NodeJson.Default.WriteAnswer, cancellation);

    /// <summary>Says what has been written.</summary>
    public Task TellAsync(ToldWrite write, CancellationToken cancellation) => TellAsync(HttpMethod.Put, "/told", write, NodeJson.Default.ToldWrite, cancellation);

    /// <summary>Makes what calls of one kind need.</summary>
    public Task PrepareAsync(TripsRequest trips, CancellationToken cancellation) =>
        TellAsync(HttpMethod.Post, "/trips/prepare", trips, NodeJson.Default.TripsRequest, cancellation);

    /// <summary>Makes calls of one kind.</summary>
    public Task<TripsAnswer> TripsAsync(TripsRequest trips, CancellationToken cancellation) =>
        AskAsync("/trips", trips, NodeJson.Default.TripsRequest, NodeJson.Default.TripsAnswer, cancellation);

    /// <summary>Reads an item.</summary>
    public async Task<ReadItem> ReadAsync(long id, string mode, bool brief, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, FormattableString.Invariant($"/items/{id}?mode={mode}&brief={brief}"));
        return await AskAsync(request, NodeJson.Default.ReadItem, cancellation);
    }

    /// <summary>The queries so far.</summary>
    public async Task<OriginFigures> OriginAsync(CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/origin");
        return await AskAsync(request, NodeJson.Default.OriginFigures, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task TellAsync<T>(HttpMethod method, string path, T body, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body, type) };
        using var answer = await SendAsync(request, cancellation);
    }

    private async Task<TAnswer> AskAsync<T, TAnswer>(string path, T body, JsonTypeInfo<T> type, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, type) };
        return await AskAsync(request, answerType, cancellation);
    }

    private async Task<T> AskAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        using var answer = await SendAsync(request, cancellation);
        return (await answer.Content.ReadFromJsonAsync(type, cancellation))!;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            var answer = await _http.SendAsync(request, cancellation);
            if (answer.IsSuccessStatusCode) return answer;
            using var _ = answer;
            throw new RunFailedException($"{request.RequestUri} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancellation)}");
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException)
        {
            throw new RunFailedException($"{request.RequestUri} does not answer: {exception.Message}");
        }
    }
}
