using System.Net;
using Floodgate.ReadRouter.Nodes;
using Floodgate.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Floodgate.UnitTests.ReadRouter.Gateway;

/// <summary>What becomes of a request when a service or a node fails.</summary>
public sealed class FailureTests : RunningGateway
{
    [Fact]
    public async Task A_dead_instance_costs_a_read_nothing_and_a_write_is_sent_once()
    {
        // Of two instances that are equally busy either may be first, so there are enough calls for both to happen.
        await using var router = await StartRouterAsync("Development", Service.Address, "http://127.0.0.1:1");
        var answers = new List<HttpStatusCode>();
        for (var call = 0; call < 20; call++)
        {
            using var read = await router.Client.GetAsync("/posts/1", TestContext.Current.CancellationToken);
            answers.Add(read.StatusCode);
        }

        Assert.All(answers, status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Equal(20, Received.Count);

        await using var alone = await StartRouterAsync("Development", "http://127.0.0.1:1");
        using var write = await SendAsync(HttpMethod.Post, "/posts", user: 42, router: alone);
        await AssertProblemAsync(write, HttpStatusCode.ServiceUnavailable);
        Assert.NotNull(write.Headers.RetryAfter);
        Assert.Contains("may have been done", await write.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_that_fails_on_one_node_is_answered_by_another()
    {
        Answer = context =>
        {
            context.Response.StatusCode = context.Request.Headers[InternalHeaders.Node] == "replica-1" ? 503 : 200;
            return context.Response.WriteAsync("from " + context.Request.Headers[InternalHeaders.Node]);
        };
        await using var router = await StartRouterAsync("Development", [Service.Address], Replicas);
        Poll(router, primary: 100, first: 100, second: 100);
        var table = router.Services.GetRequiredService<NodeTable>();
        table.Replicas[1].Enter(); // Busier, so that the other is chosen first.

        using var response = await SendAsync(HttpMethod.Get, "/posts/1", router: router);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("from replica-2", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("replica-2", response.Headers.GetValues("Floodgate-Node").Single());
        Assert.Equal(["replica-1", "replica-2"], Received.Select(request => (string?)request.Headers[InternalHeaders.Node]), StringComparer.Ordinal);
        Assert.Equal((0, 1), (table.Replicas[0].InFlight, table.Replicas[1].InFlight));
    }

    [Fact]
    public async Task A_read_that_fails_everywhere_ends_in_a_503()
    {
        Answer = context =>
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        };
        await using var router = await StartRouterAsync("Development", [Service.Address], Replicas);
        Poll(router, primary: 100, first: 100, second: 100);

        using var response = await SendAsync(HttpMethod.Get, "/posts/1", router: router);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(3, Received.Count);
    }

    [Fact]
    public async Task A_write_that_the_service_refuses_is_not_sent_again()
    {
        Answer = context =>
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        };

        using var response = await SendAsync(HttpMethod.Put, "/posts/1/like", user: 42);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Single(Received);
    }

    [Fact]
    public async Task A_service_that_never_answers_ends_in_a_503()
    {
        Answer = context => Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        await using var router = await StartRouterAsync(
            "Development", [Service.Address], ("Floodgate:Nodes:ReadTimeout", "00:00:00.100"), ("Floodgate:Router:ReadTimeout", "00:00:00.400"), ("Floodgate:Router:WriteTimeout", "00:00:00.300"));

        using var read = await SendAsync(HttpMethod.Get, "/posts/1", router: router);
        using var write = await SendAsync(HttpMethod.Delete, "/posts/1", user: 42, router: router);

        await AssertProblemAsync(read, HttpStatusCode.ServiceUnavailable);
        await AssertProblemAsync(write, HttpStatusCode.ServiceUnavailable);
        Assert.NotNull(read.Headers.RetryAfter);
    }
}
