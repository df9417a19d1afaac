using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Floodgate.SystemTests.Running;

namespace Floodgate.SystemTests;

/// <summary>What comes in from outside is checked, and what is internal stays inside.</summary>
public sealed class DoorTests(RunningSystem system)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_internal_header_from_outside_makes_nobody_anybody()
    {
        using var gateway = system.Gateway();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/timeline");
        request.Headers.Add("Floodgate-Internal-User", "7");
        using var answer = await gateway.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task An_internal_header_from_outside_does_not_change_who_writes()
    {
        var (ann, bob) = (await system.NewUserAsync(Cancel), await system.NewUserAsync(Cancel));
        using var answer = await ann.SendAsync(
            HttpMethod.Put, $"/users/{bob.Id}", new { name = "mine" }, Cancel, ("Floodgate-Internal-User", $"{bob.Id}"));
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task No_internal_header_leaves_the_gateway()
    {
        var ann = await system.NewUserAsync(Cancel);
        using var answer = await ann.SendAsync(HttpMethod.Get, $"/users/{ann.Id}", null, Cancel);
        Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Floodgate-Internal-", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("/internal/status")]
    [InlineData("/internal/likes?posts=1")]
    public async Task An_internal_path_cannot_be_had_from_outside(string path)
    {
        var ann = await system.NewUserAsync(Cancel);
        using var answer = await ann.SendAsync(HttpMethod.Get, path, null, Cancel);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("not a token")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJzdWIiOiI0MiJ9.")]
    public async Task A_forged_bearer_token_is_refused(string token)
    {
        using var gateway = system.Gateway();
        gateway.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await gateway.GetAsync("/timeline", Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("POST", "/posts", """{"text":""}""", "text")]
    [InlineData("POST", "/posts", """{}""", "text")]
    [InlineData("POST", "/posts", """{"text":7}""", "text")]
    [InlineData("GET", "/timeline?limit=0", null, "limit")]
    [InlineData("GET", "/timeline?limit=many", null, "limit")]
    [InlineData("GET", "/timeline?before=forged", null, "before")]
    [InlineData("GET", "/counters/views?keys=", null, "keys")]
    [InlineData("GET", "/counters/views?keys=a%20b", null, "keys")]
    [InlineData("POST", "/counters/views/k", """{"by":"x"}""", "by")]
    [InlineData("POST", "/counters/%40likes/1", """{"by":1}""", "name")]
    public async Task Bad_input_gets_a_problem_that_names_the_field(string method, string path, string? body, string field)
    {
        var ann = await system.NewUserAsync(Cancel);
        using var answer = await SendRawAsync(ann, method, path, body);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{(int)answer.StatusCode}: {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.True(JsonSerializer.Deserialize<JsonElement>(text).GetProperty("errors").TryGetProperty(field, out _), text);
    }

    [Theory]
    [InlineData("POST", "/posts", "{", 400)]
    [InlineData("POST", "/posts", "[]", 400)]
    [InlineData("POST", "/posts", "null", 400)]
    [InlineData("GET", "/posts/999", null, 404)]
    [InlineData("GET", "/posts/-1", null, 400)]
    [InlineData("GET", "/posts/9999999999999999999999", null, 400)]
    [InlineData("PUT", "/posts/999/like", null, 404)]
    [InlineData("GET", "/users/999", null, 404)]
    [InlineData("GET", "/nothing/here", null, 404)]
    [InlineData("DELETE", "/timeline", null, 405)]
    public async Task A_request_that_cannot_be_served_says_why(string method, string path, string? body, int status)
    {
        var ann = await system.NewUserAsync(Cancel);
        using var answer = await SendRawAsync(ann, method, path, body);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        var ann = await system.NewUserAsync(Cancel);
        using var answer = await SendRawAsync(ann, "POST", "/posts", $$"""{"text":"{{new string('x', 200_000)}}"}""");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    private static async Task<HttpResponseMessage> SendRawAsync(UserSession session, string method, string path, string? body)
    {
        using var content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        return await session.SendContentAsync(new HttpMethod(method), path, content, Cancel);
    }
}
