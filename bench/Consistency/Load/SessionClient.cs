using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Floodgate.Bench.Gateway;

namespace Floodgate.Bench.Consistency.Load;

/// <summary>
/// Sends the requests of one session, each once, and carries its tokens as clients do: in the header, in the cookie, or,
/// where there are two, in both. Used by one caller at a time.
/// </summary>
internal sealed class SessionClient(HttpClient http, Door door, string authorization, Random random, TimeProvider time)
{
    private const string SessionHeader = "Floodgate-Session";
    private const string SessionCookie = "floodgate-session";

    // Longer than the router's own patience, so that its answer comes first.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    /// <summary>The way it takes.</summary>
    public Door Door => door;

    /// <summary>What the session carries.</summary>
    public SessionTokens Tokens { get; } = new();

    /// <summary>Sends a request.</summary>
    /// <param name="method">The method; anything but GET is a write.</param>
    /// <param name="path">The path.</param>
    /// <param name="body">The JSON body, or empty.</param>
    /// <param name="type">Reads the answer.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<SessionAnswer<T>> SendAsync<T>(
        HttpMethod method, string path, ReadOnlyMemory<byte> body, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class
    {
        using var request = new HttpRequestMessage(method, new Uri(door.Gateway, path));
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        if (door.Consistency is not null) request.Headers.TryAddWithoutValidation("Floodgate-Consistency", door.Consistency);
        if (door.PastCaches) request.Headers.TryAddWithoutValidation("Cache-Control", "no-cache");
        Carry(request.Headers);
        if (!body.IsEmpty) request.Content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

        var start = time.GetTimestamp();
        using var timeout = new CancellationTokenSource(Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            using var answer = await http.SendAsync(request, both.Token);
            var content = await answer.Content.ReadAsByteArrayAsync(both.Token);
            if (HeaderOf(answer, SessionHeader) is { } token) Tokens.Answered(token);
            var status = (int)answer.StatusCode;
            var value = status is 200 or 201 ? JsonSerializer.Deserialize(content, type) : null;
            return new SessionAnswer<T>(
                start, time.GetTimestamp(), OutcomeOf(method, status), status, HeaderOf(answer, "Floodgate-Node"), HeaderOf(answer, "Floodgate-Reason"), value);
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException or IOException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            var unsent = exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError };
            var outcome = unsent || method == HttpMethod.Get ? Outcome.Refused : Outcome.Unknown;
            return new SessionAnswer<T>(start, time.GetTimestamp(), outcome, 0, null, null, null);
        }
    }

    // A 202 promises a post for later; an answer in the fives may have come after the work was done.
    private static Outcome OutcomeOf(HttpMethod method, int status) => status switch
    {
        202 => Outcome.Unknown,
        < 300 => Outcome.Acknowledged,
        >= 500 when method != HttpMethod.Get => Outcome.Unknown,
        _ => Outcome.Refused,
    };

    private static string? HeaderOf(HttpResponseMessage answer, string name) =>
        answer.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    private void Carry(HttpRequestHeaders headers)
    {
        var tokens = Tokens.Held;
        var byCookie = random.Next(4) == 0;
        for (var i = 0; i < tokens.Count; i++)
        {
            // There are two at most.
            if (i == 0 && (byCookie || tokens.Count > 1)) headers.TryAddWithoutValidation("Cookie", $"{SessionCookie}={tokens[i]}");
            else headers.TryAddWithoutValidation(SessionHeader, tokens[i]);
        }
    }
}
