using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Floodgate.Sessions;

namespace Floodgate.CounterTests.Running;

/// <summary>Calls of CounterService, as the router makes them.</summary>
internal static class CounterCalls
{
    public static Task<HttpResponseMessage> LikeAsync(this HttpClient http, long user, object post, bool liked = true) =>
        http.SendAsync(Request(liked ? HttpMethod.Put : HttpMethod.Delete, $"/posts/{post}/like", user));

    public static Task<HttpResponseMessage> AddAsync(this HttpClient http, long user, string counter, object by, string? idempotencyKey = null)
    {
        var request = Request(HttpMethod.Post, $"/counters/{counter}", user);
        request.Content = new StringContent($"{{\"by\":{by}}}", Encoding.UTF8, "application/json");
        if (idempotencyKey is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey);
        }

        return http.SendAsync(request);
    }

    public static async Task<JsonElement> GetJsonAsync(this HttpClient http, string path, long? user = null)
    {
        using var answer = await http.SendAsync(Request(HttpMethod.Get, path, user));
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    public static async Task<JsonElement> JsonAsync(this Task<HttpResponseMessage> call, System.Net.HttpStatusCode expected = System.Net.HttpStatusCode.OK)
    {
        using var answer = await call;
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(expected == answer.StatusCode, $"{(int)answer.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    public static async Task DrainAsync(this HttpClient http) =>
        await Wait.UntilAsync(
            async () => (await http.GetJsonAsync("/internal/oracle/backlog")).GetProperty("messages").GetInt64() == 0, "the queues are drained", seconds: 60);

    /// <summary>Reactions, slots and visible value of a post.</summary>
    public static async Task<(long Reactions, long Slots, long Visible)> LikesAsync(this HttpClient http, long post)
    {
        var of = (await http.GetJsonAsync($"/internal/oracle/likes?posts={post}")).GetProperty(post.ToString(CultureInfo.InvariantCulture));
        return (of.GetProperty("reactions").GetInt64(), of.GetProperty("slots").GetInt64(), of.GetProperty("visible").GetInt64());
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, long? user)
    {
        var request = new HttpRequestMessage(method, path);
        if (user is { } id)
        {
            request.Headers.Add(InternalHeaders.User, id.ToString(CultureInfo.InvariantCulture));
        }

        return request;
    }
}
