using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Floodgate.ReadRouter;
using Floodgate.ReadRouter.Authentication;
using Floodgate.ReadRouter.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Floodgate.UnitTests.ReadRouter.Gateway;

/// <summary>The router as its Program makes it, in front of an HTTP server in the place of the services; PostgreSQL is not there yet.</summary>
public abstract class RunningGateway : IAsyncLifetime
{
    // What the service received, with the target as it stood in the request line.
    private protected ConcurrentQueue<(string Method, string Path, IHeaderDictionary Headers)> Received { get; } = new();

    private protected LoopbackServer Service { get; private set; } = null!;

    private protected InProcessService Router { get; private set; } = null!;

    // What the service answers once the request is recorded.
    private protected RequestDelegate Answer { get; set; } = _ => Task.CompletedTask;

    // What the router is started with, beside what it needs.
    private protected virtual (string Key, string Value)[] Settings => [];

    public async ValueTask InitializeAsync()
    {
        Service = await LoopbackServer.StartAsync(async context =>
        {
            var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
            Received.Enqueue((context.Request.Method, target, new HeaderDictionary(context.Request.Headers.ToDictionary())));
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            await Answer(context);
        });
        Router = await StartRouterAsync("Development", [Service.Address], Settings);
    }

    public async ValueTask DisposeAsync()
    {
        await Router.DisposeAsync();
        await Service.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected static (string, string)[] Replicas =>
    [
        ("Floodgate:Nodes:Replicas:0", "replica-1"),
        ("Floodgate:Nodes:Replicas:1", "replica-2"),
        ("ConnectionStrings:replica-1", "Host=127.0.0.1;Port=1;Username=a;Password=b"),
        ("ConnectionStrings:replica-2", "Host=127.0.0.1;Port=1;Username=a;Password=b"),
    ];

    // What the polls would have found, were there servers.
    private protected static void Poll(InProcessService router, ulong primary, ulong first, ulong second)
    {
        var table = router.Services.GetRequiredService<NodeTable>();
        var now = router.Services.GetRequiredService<TimeProvider>().GetTimestamp();
        foreach (var (node, lsn) in table.All.Zip([primary, first, second]))
            table.Polled(node, new NodeSample(now, inRecovery: node != table.Primary, Cluster.At(lsn), Cluster.SystemId));
    }

    private protected static Task<InProcessService> StartRouterAsync(string environment, params string[] timeline) =>
        StartRouterAsync(environment, timeline, []);

    private protected static Task<InProcessService> StartRouterAsync(string environment, string[] services, params (string Key, string Value)[] settings) =>
        InProcessService.StartAsync(
            typeof(RouterOptions),
            [
                ("environment", environment),
                ("Logging:LogLevel:Default", "Error"),
                ("Logging:LogLevel:Microsoft.Hosting.Lifetime", "Error"),
                ("ConnectionStrings:floodgate", "Host=127.0.0.1;Port=1;Username=a;Password=b"),
                ("Floodgate:Sessions:Key", new string('s', 32)),
                ("Floodgate:Authentication:Key", new string('a', 32)),
                ("Floodgate:Router:PollInterval", "00:00:10"),
                ("Floodgate:Router:FailedPollsToEject", "100"),
                ("Floodgate:Router:TimelineWatch:Interval", "01:00:00"),
                .. services.Select((address, i) => ($"services:timeline:http:{i}", address)),
                .. services.Select((address, i) => ($"services:counter:http:{i}", address)),
                .. settings,
            ]);

    private protected async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, long? user = null, Action<HttpRequestMessage>? configure = null, InProcessService? router = null)
    {
        router ??= Router;
        using var request = new HttpRequestMessage(method, path);
        if (user is { } id)
        {
            request.Headers.Authorization =
                new AuthenticationHeaderValue("Bearer", router.Services.GetRequiredService<UserTokens>().Create(id));
        }

        configure?.Invoke(request);
        return await router.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private protected static async Task AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status, string? field = null)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        if (field is not null)
            Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }
}
