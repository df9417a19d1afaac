using System.Net;
using Floodgate.Sessions;
using Microsoft.AspNetCore.Http;

namespace Floodgate.UnitTests.ReadRouter.Gateway;

/// <summary>What passes between caller, router and service when all is well.</summary>
public sealed class ForwardingTests : RunningGateway
{
    [Fact]
    public async Task A_service_hears_who_calls_and_where_to_read_from_the_router_alone()
    {
        using var response = await SendAsync(HttpMethod.Get, "/timeline?limit=3", user: 42, request =>
        {
            request.Headers.Add(InternalHeaders.User, "7");
            request.Headers.Add("floodgate-internal-anything", "x");
            request.Headers.Add("Cookie", "floodgate-session=x");
            request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        });

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var (method, path, headers) = Assert.Single(Received);
        Assert.Equal(("GET", "/timeline?limit=3"), (method, path));
        Assert.Equal("42", headers[InternalHeaders.User]);
        Assert.Equal("primary", headers[InternalHeaders.Node]);
        Assert.DoesNotContain("floodgate-internal-anything", headers);
        Assert.DoesNotContain("Authorization", headers);
        Assert.DoesNotContain("Cookie", headers);
        var trace = Assert.Single(headers.TraceParent);
        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", trace, StringComparison.Ordinal);
        Assert.DoesNotContain("b7ad6b7169203331", trace, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_service_tells_the_router_stays_inside()
    {
        Answer = context =>
        {
            context.Response.Headers[InternalHeaders.Node] = "replica-9";
            context.Response.Headers[InternalHeaders.Reason] = "node-behind";
            context.Response.Headers["Floodgate-Internal-Secret"] = "x";
            context.Response.Headers["X-Public"] = "y";
            return context.Response.WriteAsync("body");
        };

        using var response = await SendAsync(HttpMethod.Get, "/posts/1");

        Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith(InternalHeaders.Prefix, StringComparison.OrdinalIgnoreCase));
        Assert.False(response.Headers.Contains("Server"));
        Assert.Equal("replica-9", response.Headers.GetValues("Floodgate-Node").Single());
        Assert.Equal("node-behind", response.Headers.GetValues("Floodgate-Reason").Single());
        Assert.Equal("y", response.Headers.GetValues("X-Public").Single());
        Assert.Equal("body", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_session_carries_what_it_wrote_to_its_next_read()
    {
        Answer = context =>
        {
            context.Response.Headers[InternalHeaders.Position] = Cluster.At(500).ToString();
            return Task.CompletedTask;
        };
        await using var router = await StartRouterAsync("Development", [Service.Address], Replicas);
        Poll(router, primary: 600, first: 100, second: 500);

        using var write = await SendAsync(HttpMethod.Post, "/posts", user: 42, router: router);
        var token = write.Headers.GetValues("Floodgate-Session").Single();
        using var byHeader = await SendAsync(HttpMethod.Get, "/posts/1", configure: request => request.Headers.Add("Floodgate-Session", token), router: router);
        using var byCookie = await SendAsync(HttpMethod.Get, "/posts/1", configure: request => request.Headers.Add("Cookie", "floodgate-session=" + token), router: router);

        Assert.Equal([null, "replica-2", "replica-2"], Received.Select(request => (string?)request.Headers[InternalHeaders.Node]), StringComparer.Ordinal);
        Assert.All(Received.Skip(1), request => Assert.Equal(Cluster.At(500).ToString(), request.Headers[InternalHeaders.AtLeast]));
        Assert.Equal(["caught-up"], byCookie.Headers.GetValues("Floodgate-Reason"), StringComparer.Ordinal);
        Assert.Contains(byHeader.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("floodgate-session=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Counters_are_read_without_a_node()
    {
        using var response = await SendAsync(HttpMethod.Get, "/counters/views?keys=a");

        Assert.Equal(["redis"], response.Headers.GetValues("Floodgate-Node"), StringComparer.Ordinal);
        Assert.Equal(["visible-value"], response.Headers.GetValues("Floodgate-Reason"), StringComparer.Ordinal);
        Assert.DoesNotContain(InternalHeaders.Node, Assert.Single(Received).Headers);
    }

    [Fact]
    public async Task A_body_at_the_limit_is_forwarded()
    {
        using var response = await SendAsync(
            HttpMethod.Post, "/posts", user: 42, request => request.Content = new ByteArrayContent(new byte[64 * 1024]));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }
}
