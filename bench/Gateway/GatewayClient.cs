using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Floodgate.Bench.Gateway;

/// <summary>Calls a gateway: counts, times, repeats what may be repeated, and carries the sessions. Safe for concurrent use.</summary>
internal sealed class GatewayClient : IDisposable
{
    private const string SessionHeader = "Floodgate-Session";

    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;
    private readonly RetryPolicy _retries;

    /// <summary>Prepares the connections; opens none.</summary>
    /// <param name="gateway">The gateway's address.</param>
    /// <param name="concurrency">The most connections.</param>
    /// <param name="timeout">How long one request may take.</param>
    /// <param name="seed">Makes the jitter of repeats repeatable.</param>
    /// <param name="time">The clock.</param>
    public GatewayClient(Uri gateway, int concurrency, TimeSpan timeout, int seed, TimeProvider time)
    {
        // Many users share these connections: a cookie jar would give one user's session to the next.
        var handler = new SocketsHttpHandler
        {
            UseCookies = false,
            UseProxy = false,
            AllowAutoRedirect = false,
            MaxConnectionsPerServer = concurrency,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            ActivityHeadersPropagator = null,
        };
        _http = new HttpClient(handler) { BaseAddress = gateway, Timeout = System.Threading.Timeout.InfiniteTimeSpan };
        _time = time;
        _timeout = timeout;
        _retries = new RetryPolicy(seed, time);
        Meters = new CallMeters(time);
    }

    /// <summary>The figures of every call made.</summary>
    public CallMeters Meters { get; }

    /// <summary>Where reads were answered.</summary>
    public NodeTally Nodes { get; } = new();

    /// <summary>The first wrong answers.</summary>
    public NotedFaults Faults { get; } = new(20);

    /// <summary>Whether anything speaks HTTP there.</summary>
    public async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(_timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            using var answer = await _http.GetAsync(new Uri("/alive", UriKind.Relative), both.Token);
            return true;
        }
        catch (Exception exception) when (IsConnectionFault(exception) && !cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Makes a call, repeating it while the answer invites to.</summary>
    public async Task<Answer<T>> CallAsync<T>(GatewayCall call, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class
    {
        var meter = Meters[call.Kind];
        var started = _time.GetTimestamp();
        var mayBeDone = false;
        for (var request = 1; ; request++)
        {
            meter.Send(repeat: request > 1);
            var attempt = await SendAsync(call, type, cancellation);
            if (attempt.Value is not null)
            {
                meter.Acknowledge(started);
                return new Answer<T>(Outcome.Acknowledged, attempt.Status, attempt.Value);
            }

            mayBeDone |= attempt.MayBeDone;
            if (attempt.Fault is not null)
            {
                meter.MarkWrong();
                Faults.Note(attempt.Fault);
            }

            if (!RetryPolicy.IsPassing(attempt.Status) || attempt.Fault is not null || request == RetryPolicy.MaxRequests)
            {
                meter.Fail();
                return new Answer<T>(mayBeDone ? Outcome.Unknown : Outcome.Refused, attempt.Status, null);
            }

            await Task.Delay(_retries.DelayAfter(request, attempt.RetryAfter, started), _time, cancellation);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<Attempt<T>> SendAsync<T>(GatewayCall call, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class
    {
        using var message = Prepare(call);
        using var timeout = new CancellationTokenSource(call.Timeout ?? _timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            using var answer = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, both.Token);
            var status = (int)answer.StatusCode;
            if (call.Session is not null && answer.Headers.NonValidated.TryGetValues(SessionHeader, out var token))
                call.Session.Token = token.ToString();
            if (call.Method == HttpMethod.Get) Nodes.Count(answer.Headers);
            if (!answer.IsSuccessStatusCode) return await RefusalAsync<T>(call, answer, both.Token);

            await using var body = await answer.Content.ReadAsStreamAsync(both.Token);
            var value = await JsonSerializer.DeserializeAsync(body, type, both.Token);
            return value is null ? Wrong<T>(call, status, "an empty body") : new Attempt<T>(status, value, false, null, null);
        }
        catch (JsonException exception)
        {
            return Wrong<T>(call, 200, exception.Message);
        }
        catch (Exception exception) when (IsConnectionFault(exception) && !cancellation.IsCancellationRequested)
        {
            // Where no connection could be made, nothing was carried out.
            var unsent = exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError };
            return new Attempt<T>(0, null, !unsent, null, null);
        }
    }

    private static HttpRequestMessage Prepare(GatewayCall call)
    {
        var message = new HttpRequestMessage(call.Method, call.Path);
        if (call.Session?.Authorization is { } authorization) message.Headers.TryAddWithoutValidation("Authorization", authorization);
        if (call.Session?.Token is { } token) message.Headers.TryAddWithoutValidation(SessionHeader, token);
        if (call.IdempotencyKey is { } key) message.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        if (!call.Body.IsEmpty)
        {
            message.Content = new ReadOnlyMemoryContent(call.Body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(call.ContentType);
        }

        return message;
    }

    private static async Task<Attempt<T>> RefusalAsync<T>(GatewayCall call, HttpResponseMessage answer, CancellationToken cancellation)
        where T : class
    {
        var status = (int)answer.StatusCode;
        // An answer in the fives may have come after the work was done.
        if (RetryPolicy.IsPassing(status)) return new Attempt<T>(status, null, status >= 500, answer.Headers.RetryAfter, null);

        var body = await answer.Content.ReadAsStringAsync(cancellation);
        var shown = body.Length > 300 ? body[..300] : body;
        return Wrong<T>(call, status, shown);
    }

    private static Attempt<T> Wrong<T>(GatewayCall call, int status, string what)
        where T : class =>
        new(status, null, status is < 400 or >= 500, null, string.Create(CultureInfo.InvariantCulture, $"{call.Method} {call.Path}: {status} {what}"));

    private static bool IsConnectionFault(Exception exception) =>
        exception is HttpRequestException or SocketException or OperationCanceledException or IOException;

    private readonly record struct Attempt<T>(int Status, T? Value, bool MayBeDone, RetryConditionHeaderValue? RetryAfter, string? Fault)
        where T : class;
}
