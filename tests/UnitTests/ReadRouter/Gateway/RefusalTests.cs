using System.Net;
using System.Net.Http.Headers;

namespace Floodgate.UnitTests.ReadRouter.Gateway;

/// <summary>What the router refuses before a service hears of it.</summary>
public sealed class RefusalTests : RunningGateway
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_past_the_limit_is_refused(bool chunked)
    {
        using var response = await SendAsync(HttpMethod.Post, "/posts", user: 42, request =>
        {
            request.Content = new ByteArrayContent(new byte[(64 * 1024) + 1]);
            request.Headers.TransferEncodingChunked = chunked;
        });

        await AssertProblemAsync(response, HttpStatusCode.RequestEntityTooLarge, "body");
    }

    [Fact]
    public async Task An_unknown_consistency_is_named()
    {
        using var response = await SendAsync(HttpMethod.Get, "/posts/1", configure: request => request.Headers.Add("Floodgate-Consistency", "exact"));

        await AssertProblemAsync(response, HttpStatusCode.BadRequest, "Floodgate-Consistency");
        Assert.Empty(Received);
    }

    [Theory]
    [InlineData("GET", "/timeline")]
    [InlineData("POST", "/posts")]
    [InlineData("PUT", "/posts/1/like")]
    [InlineData("POST", "/counters/views/a")]
    public async Task A_call_that_needs_a_user_is_refused_without_one(string method, string path)
    {
        using var response = await SendAsync(new HttpMethod(method), path);

        await AssertProblemAsync(response, HttpStatusCode.Unauthorized);
        Assert.NotEmpty(response.Headers.WwwAuthenticate);
        Assert.Empty(Received);
    }

    [Fact]
    public async Task A_token_that_is_not_valid_is_refused_even_where_none_is_needed()
    {
        using var response = await SendAsync(
            HttpMethod.Get, "/posts/1", configure: request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "x"));

        await AssertProblemAsync(response, HttpStatusCode.Unauthorized);
        Assert.Contains("invalid_token", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/nothing")]
    [InlineData("/internal/status")]
    [InlineData("/internal/oracle/likes?posts=1")]
    public async Task What_is_not_public_does_not_exist(string path)
    {
        using var response = await SendAsync(HttpMethod.Get, path, user: 42);

        await AssertProblemAsync(response, HttpStatusCode.NotFound);
        Assert.Empty(Received);
    }
}
