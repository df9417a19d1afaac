using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Floodgate.SystemTests.Running;

/// <summary>One user with a bearer token and a session token, as an application would hold them.</summary>
public sealed class UserSession(HttpClient client, long id, string bearer)
{
    /// <summary>The user.</summary>
    public long Id { get; } = id;

    /// <summary>The session token of the last answer; null starts a new session.</summary>
    public string? Session { get; set; }

    public static async Task<UserSession> SignInAsync(HttpClient client, long id, CancellationToken cancellationToken)
    {
        using var answer = await client.PostAsJsonAsync("/dev/token", new { user = id }, cancellationToken);
        answer.EnsureSuccessStatusCode();
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        return new UserSession(client, id, body.GetProperty("token").GetString()!);
    }

    /// <summary>Sends a request with a JSON body as this user in this session, and keeps the session the answer carries.</summary>
    public Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, object? body, CancellationToken cancellationToken, params (string Name, string Value)[] headers) =>
        SendContentAsync(method, path, body is null ? null : JsonContent.Create(body), cancellationToken, headers);

    /// <summary>Sends a request with any body as this user in this session, and keeps the session the answer carries.</summary>
    public async Task<HttpResponseMessage> SendContentAsync(
        HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        if (Session is { } session)
        {
            request.Headers.Add("Floodgate-Session", session);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var answer = await client.SendAsync(request, cancellationToken);
        if (answer.Headers.TryGetValues("Floodgate-Session", out var next))
        {
            Session = next.Single();
        }

        return answer;
    }

    /// <summary>Sends a request that must succeed and returns its JSON.</summary>
    public async Task<JsonElement> CallAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(method, path, body, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path} gave {(int)answer.StatusCode}: {text}");
        return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
    }

    /// <summary>Asks for an answer that goes on, as this user in this session; only its beginning is waited for.</summary>
    public async Task<HttpResponseMessage> OpenAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        if (Session is { } session)
        {
            request.Headers.Add("Floodgate-Session", session);
        }

        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    public Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) => CallAsync(HttpMethod.Get, path, null, cancellationToken);

    /// <summary>Publishes a post and returns its id. Where the primary of a test before is still coming back, it is asked for until it is published.</summary>
    public async Task<long> PostAsync(string text, CancellationToken cancellationToken)
    {
        var key = ("Idempotency-Key", Guid.NewGuid().ToString("N"));
        var post = await Eventually.HoldsAsync(
            async () =>
            {
                using var answer = await SendAsync(HttpMethod.Post, "/posts", new { text }, cancellationToken, key);
                Assert.True(answer.IsSuccessStatusCode, $"POST /posts gave {(int)answer.StatusCode}.");
                return await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
            },
            answer => answer.TryGetProperty("author", out _),
            TimeSpan.FromSeconds(30),
            cancellationToken);
        return post.GetProperty("id").GetInt64();
    }

    public async Task FollowAsync(UserSession other, CancellationToken cancellationToken) =>
        await CallAsync(HttpMethod.Put, $"/users/{Id}/following/{other.Id}", null, cancellationToken);

    public async Task<JsonElement> LikeAsync(long post, CancellationToken cancellationToken) =>
        await CallAsync(HttpMethod.Put, $"/posts/{post}/like", null, cancellationToken);

    /// <summary>The ids of the first page of the home timeline.</summary>
    public async Task<List<long>> TimelineAsync(CancellationToken cancellationToken) =>
        [.. (await GetAsync("/timeline?limit=100", cancellationToken)).GetProperty("items").EnumerateArray().Select(post => post.GetProperty("id").GetInt64())];
}
