using Floodgate.ReadRouter.Authentication;
using Floodgate.Sessions;
using Floodgate.Tests.RawHttp;
using Floodgate.UnitTests.ReadRouter.Gateway;
using Microsoft.Extensions.DependencyInjection;

namespace Floodgate.UnitTests.ReadRouter.Door;

/// <summary>Requests that no browser sends. None may reach what is internal, speak for somebody else, or give a 500.</summary>
public sealed class OddRequestTests : RunningGateway
{
    private static readonly int[] Refused = [0, 400, 404, 405, 408, 411, 413, 414, 431, 501, 505];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/internal/status")]
    [InlineData("//internal/status")]
    [InlineData("/./internal/status")]
    [InlineData("/posts/../internal/status")]
    [InlineData("/posts/1/../../internal/status")]
    [InlineData("/%2e%2e/internal/status")]
    [InlineData("/posts/%2e%2e/internal/status")]
    [InlineData("/posts/.%2E/internal/status")]
    [InlineData("/%69nternal/status")]
    [InlineData("/INTERNAL/status")]
    [InlineData("/internal%2fstatus")]
    [InlineData("/internal\\status")]
    [InlineData("http://127.0.0.1/internal/status")]
    [InlineData("/dev/../internal/status")]
    [InlineData("/dev/import/../status")]
    public async Task No_spelling_of_an_internal_path_is_served(string target)
    {
        var answer = await SendAsync("GET", target);

        Assert.Contains(answer.Status, Refused);
        Assert.Empty(Received);
    }

    [Theory]
    [InlineData("/posts/..%2finternal%2fstatus", "/posts/..%252finternal%252fstatus")]
    [InlineData("/posts/..\\internal\\status", "/posts/..%5Cinternal%5Cstatus")]
    [InlineData("/posts/%252e%252e", "/posts/%252e%252e")]
    [InlineData("/posts/%252e%252e%252finternal", "/posts/%252e%252e%252finternal")]
    [InlineData("/posts/%EF%BC%8F..%EF%BC%8Finternal", "/posts/%EF%BC%8F..%EF%BC%8Finternal")]
    [InlineData("/counters/%252e%252e/top", "/counters/%252e%252e/top")]
    [InlineData("/counters/%252e%252e/internal/history", "/counters/%252e%252e/internal/history")]
    [InlineData("/counters/..%2finternal/top", "/counters/..%252finternal/top")]
    [InlineData("/counters/..%5cinternal/top", "/counters/..%5Cinternal/top")]
    [InlineData("/users/..;/posts", "/users/..;/posts")]
    [InlineData("/dev/oracle/timeline/..%2f..%2fstatus", "/internal/oracle/timeline/..%252f..%252fstatus")]
    [InlineData("/posts/1?x=/../../internal/status", "/posts/1?x=/../../internal/status")]
    public async Task A_key_that_looks_like_a_path_stays_a_key(string target, string atService)
    {
        var answer = await SendAsync("GET", target);

        Assert.Equal(200, answer.Status);
        Assert.Equal(atService, Assert.Single(Received).Path);
    }

    [Theory]
    [InlineData("CONNECT", "127.0.0.1:80")]
    [InlineData("TRACE", "/posts/1")]
    [InlineData("OPTIONS", "*")]
    [InlineData("GET", "*")]
    [InlineData("PROPFIND", "/posts/1")]
    [InlineData("get", "/posts/1")]
    [InlineData("G\u0001T", "/posts/1")]
    [InlineData("GET", "/posts/\0")]
    [InlineData("GET", "/posts/%00")]
    [InlineData("GET", "/posts/1?\u0001")]
    [InlineData("GET", "posts/1")]
    [InlineData("GET", "/posts/\u00e9")]
    public async Task A_method_or_target_that_is_none_is_refused(string method, string target)
    {
        var answer = await SendAsync(method, target);

        Assert.True(answer.Status is < 500 or 501, $"{answer.Status}");
        Assert.DoesNotContain(Received, request => request.Path.Contains('\0', StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Floodgate-Internal-User: 7")]
    [InlineData("FLOODGATE-INTERNAL-USER: 7")]
    [InlineData("Floodgate_Internal_User: 7")]
    [InlineData("Floodgate-Internal_User: 7")]
    [InlineData("Floodgate-Internal-User : 7")]
    [InlineData("Floodgate-Internal-User:7\r\nFloodgate-Internal-User: 8")]
    [InlineData("X: y\r\n Floodgate-Internal-User: 7")]
    [InlineData("Floodgate-Internal-Node: primary\r\nFloodgate-Internal-At-Least: 00000001/0000000000000000")]
    [InlineData("Connection: Floodgate-Internal-User, Floodgate-Internal-Node")]
    [InlineData("Connection: close, Authorization\r\nFloodgate-Internal-User: 7")]
    [InlineData("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==")]
    [InlineData("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__")]
    public async Task No_header_makes_a_caller_somebody_else(string header)
    {
        var answer = await SendAsync("GET", "/timeline", header, user: 42);

        Assert.True(answer.Status is 200 or 400, $"{answer.Status}");
        foreach (var request in Received)
        {
            Assert.Equal("42", request.Headers[InternalHeaders.User]);
            Assert.Equal("primary", request.Headers[InternalHeaders.Node]);
            Assert.False(request.Headers.ContainsKey("Upgrade"));
            Assert.Equal(
                [InternalHeaders.Node, InternalHeaders.User],
                request.Headers.Keys.Where(name => name.Replace('_', '-').StartsWith(InternalHeaders.Prefix, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal),
                StringComparer.Ordinal);
        }
    }

    [Fact]
    public async Task What_comes_after_the_body_is_not_passed_on()
    {
        var answer = await SendAsync(
            "POST", "/posts", "Transfer-Encoding: chunked\r\nTrailer: Floodgate-Internal-User", user: 42,
            body: "2\r\n{}\r\n0\r\nFloodgate-Internal-User: 7\r\nX-Trailer: y\r\n\r\n");

        Assert.Equal(200, answer.Status);
        var headers = Assert.Single(Received).Headers;
        Assert.Equal("42", headers[InternalHeaders.User]);
        Assert.False(headers.ContainsKey("X-Trailer"));
    }

    [Fact]
    public async Task Two_lengths_are_one_request()
    {
        var answer = await SendAsync(
            "POST", "/posts", "Content-Length: 5\r\nTransfer-Encoding: chunked", user: 42,
            body: "0\r\n\r\nGET /internal/status HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.True(answer.Status is 200 or 400, $"{answer.Status}");
        Assert.All(Received, request => Assert.Equal("/posts", request.Path));
    }

    [Theory]
    [InlineData("Authorization: Bearer x")]
    [InlineData("Authorization: Basic eDp5")]
    [InlineData("Authorization:")]
    [InlineData("Authorization: Bearer ")]
    public async Task Two_Authorization_headers_are_nobodys(string second)
    {
        var answer = await SendAsync("GET", "/posts/1", second, user: 42);

        Assert.Contains(answer.Status, new[] { 400, 401 });
        Assert.Empty(Received);
    }

    [Theory]
    [InlineData("Host: a b")]
    [InlineData("Host: a/internal")]
    [InlineData("Host: a\r\nHost: b")]
    [InlineData("X: y")]
    public async Task A_host_that_is_none_is_refused(string host)
    {
        var answer = await new RawClient(new Uri(Router.Address)).SendAsync($"GET /posts/1 HTTP/1.1\r\n{host}\r\nConnection: close\r\n\r\n", mayLackItsEnd: false, Cancel);

        Assert.Equal(400, answer.Status);
        Assert.Empty(Received);
    }

    [Theory]
    [InlineData("Cookie", 33_000, 431)]
    [InlineData("X-Long", 33_000, 431)]
    [InlineData("Authorization", 31_000, 401)]
    [InlineData("Floodgate-Session", 31_000, 200)]
    public async Task A_huge_header_is_refused_or_means_nothing(string name, int length, int status)
    {
        var answer = await SendAsync("GET", "/posts/1", $"{name}: {new string('x', length)}");

        Assert.Equal(status, answer.Status);
    }

    [Fact]
    public async Task Too_many_headers_are_refused()
    {
        var answer = await SendAsync("GET", "/posts/1", string.Join("\r\n", Enumerable.Range(0, 101).Select(i => $"X-{i}: y")));

        Assert.Equal(431, answer.Status);
    }

    private async Task<RawAnswer> SendAsync(string method, string target, string headers = "X: y", long? user = null, string body = "")
    {
        var authorization = user is { } id ? $"Authorization: Bearer {Router.Services.GetRequiredService<UserTokens>().Create(id)}\r\n" : "";
        var host = target.StartsWith("http://", StringComparison.Ordinal) ? "127.0.0.1" : method == "CONNECT" ? target : "a";
        return await new RawClient(new Uri(Router.Address)).SendAsync(
            $"{method} {target} HTTP/1.1\r\nHost: {host}\r\n{authorization}{headers}\r\n\r\n{body}", mayLackItsEnd: false, Cancel);
    }
}
