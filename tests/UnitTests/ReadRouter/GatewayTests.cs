using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Floodgate.ReadRouter;
using Floodgate.ReadRouter.Authentication;
using Floodgate.ReadRouter.Nodes;
using Floodgate.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Floodgate.UnitTests.ReadRouter;

/// <summary>The router as its Program makes it, in front of an HTTP server in the place of the services; PostgreSQL is not there yet.</summary>
public sealed class GatewayTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<(string Method, string Path, IHeaderDictionary Headers)> _received = new();
    private LoopbackServer _service = null!;
    private InProcessService _router = null!;
    private RequestDelegate _answer = _ => Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        _service = await LoopbackServer.StartAsync(async context =>
        {
            _received.Enqueue((context.Request.Method, context.Request.Path + context.Request.QueryString, new HeaderDictionary(context.Request.Headers.ToDictionary())));
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            await _answer(context);
        });
        _router = await StartRouterAsync("Development", _service.Address);
    }

    public async ValueTask DisposeAsync()
    {
        await _router.DisposeAsync();
        await _service.DisposeAsync();
    }

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
        var (method, path, headers) = Assert.Single(_received);
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
        _answer = context =>
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
    public async Task A_body_at_the_limit_is_forwarded()
    {
        using var response = await SendAsync(
            HttpMethod.Post, "/posts", user: 42, request => request.Content = new ByteArrayContent(new byte[64 * 1024]));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task An_unknown_consistency_is_named()
    {
        using var response = await SendAsync(HttpMethod.Get, "/posts/1", configure: request => request.Headers.Add("Floodgate-Consistency", "exact"));

        await AssertProblemAsync(response, HttpStatusCode.BadRequest, "Floodgate-Consistency");
        Assert.Empty(_received);
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
        Assert.Empty(_received);
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
        Assert.Empty(_received);
    }

    [Fact]
    public async Task A_dead_instance_costs_a_read_nothing_and_a_write_is_sent_once()
    {
        // Of two instances that are equally busy either may be first, so there are enough calls for both to happen.
        await using var router = await StartRouterAsync("Development", _service.Address, "http://127.0.0.1:1");
        var answers = new List<HttpStatusCode>();
        for (var call = 0; call < 20; call++)
        {
            using var read = await router.Client.GetAsync("/posts/1", TestContext.Current.CancellationToken);
            answers.Add(read.StatusCode);
        }

        Assert.All(answers, status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Equal(20, _received.Count);

        await using var alone = await StartRouterAsync("Development", "http://127.0.0.1:1");
        using var write = await SendAsync(HttpMethod.Post, "/posts", user: 42, router: alone);
        await AssertProblemAsync(write, HttpStatusCode.ServiceUnavailable);
        Assert.NotNull(write.Headers.RetryAfter);
        Assert.Contains("may have been done", await write.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_carries_what_it_wrote_to_its_next_read()
    {
        _answer = context =>
        {
            context.Response.Headers[InternalHeaders.Position] = Cluster.At(500).ToString();
            return Task.CompletedTask;
        };
        await using var router = await StartRouterAsync("Development", [_service.Address], Replicas);
        Poll(router, primary: 600, first: 100, second: 500);

        using var write = await SendAsync(HttpMethod.Post, "/posts", user: 42, router: router);
        var token = write.Headers.GetValues("Floodgate-Session").Single();
        using var byHeader = await SendAsync(HttpMethod.Get, "/posts/1", configure: request => request.Headers.Add("Floodgate-Session", token), router: router);
        using var byCookie = await SendAsync(HttpMethod.Get, "/posts/1", configure: request => request.Headers.Add("Cookie", "floodgate-session=" + token), router: router);

        Assert.Equal([null, "replica-2", "replica-2"], _received.Select(request => (string?)request.Headers[InternalHeaders.Node]), StringComparer.Ordinal);
        Assert.All(_received.Skip(1), request => Assert.Equal(Cluster.At(500).ToString(), request.Headers[InternalHeaders.AtLeast]));
        Assert.Equal(["caught-up"], byCookie.Headers.GetValues("Floodgate-Reason"), StringComparer.Ordinal);
        Assert.Contains(byHeader.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("floodgate-session=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_read_that_fails_on_one_node_is_answered_by_another()
    {
        _answer = context =>
        {
            context.Response.StatusCode = context.Request.Headers[InternalHeaders.Node] == "replica-1" ? 503 : 200;
            return context.Response.WriteAsync("from " + context.Request.Headers[InternalHeaders.Node]);
        };
        await using var router = await StartRouterAsync("Development", [_service.Address], Replicas);
        Poll(router, primary: 100, first: 100, second: 100);
        var table = router.Services.GetRequiredService<NodeTable>();
        table.Replicas[1].Enter(); // Busier, so that the other is chosen first.

        using var response = await SendAsync(HttpMethod.Get, "/posts/1", router: router);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("from replica-2", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("replica-2", response.Headers.GetValues("Floodgate-Node").Single());
        Assert.Equal(["replica-1", "replica-2"], _received.Select(request => (string?)request.Headers[InternalHeaders.Node]), StringComparer.Ordinal);
        Assert.Equal((0, 1), (table.Replicas[0].InFlight, table.Replicas[1].InFlight));
    }

    [Fact]
    public async Task A_read_that_fails_everywhere_ends_in_a_503()
    {
        _answer = context =>
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        };
        await using var router = await StartRouterAsync("Development", [_service.Address], Replicas);
        Poll(router, primary: 100, first: 100, second: 100);

        using var response = await SendAsync(HttpMethod.Get, "/posts/1", router: router);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(3, _received.Count);
    }

    [Fact]
    public async Task Counters_are_read_without_a_node()
    {
        using var response = await SendAsync(HttpMethod.Get, "/counters/views?keys=a");

        Assert.Equal(["redis"], response.Headers.GetValues("Floodgate-Node"), StringComparer.Ordinal);
        Assert.Equal(["visible-value"], response.Headers.GetValues("Floodgate-Reason"), StringComparer.Ordinal);
        Assert.DoesNotContain(InternalHeaders.Node, Assert.Single(_received).Headers);
    }

    [Fact]
    public async Task A_write_that_the_service_refuses_is_not_sent_again()
    {
        _answer = context =>
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        };

        using var response = await SendAsync(HttpMethod.Put, "/posts/1/like", user: 42);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Single(_received);
    }

    [Fact]
    public async Task A_service_that_never_answers_ends_in_a_503()
    {
        _answer = context => Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        await using var router = await StartRouterAsync(
            "Development", [_service.Address], ("Floodgate:Nodes:ReadTimeout", "00:00:00.100"), ("Floodgate:Router:ReadTimeout", "00:00:00.400"), ("Floodgate:Router:WriteTimeout", "00:00:00.300"));

        using var read = await SendAsync(HttpMethod.Get, "/posts/1", router: router);
        using var write = await SendAsync(HttpMethod.Delete, "/posts/1", user: 42, router: router);

        await AssertProblemAsync(read, HttpStatusCode.ServiceUnavailable);
        await AssertProblemAsync(write, HttpStatusCode.ServiceUnavailable);
        Assert.NotNull(read.Headers.RetryAfter);
    }

    [Fact]
    public async Task The_status_shows_nodes_and_what_each_instance_says_of_itself()
    {
        _answer = context => context.Response.WriteAsJsonAsync(new { depth = 7 });
        await using var router = await StartRouterAsync("Development", _service.Address, "http://127.0.0.1:1");

        var status = await router.Client.GetFromJsonAsync<JsonElement>("/status", TestContext.Current.CancellationToken);

        Assert.Equal("primary", status.GetProperty("nodes")[0].GetProperty("name").GetString());
        var timeline = status.GetProperty("services").GetProperty("timeline");
        Assert.Equal(7, timeline[0].GetProperty("depth").GetInt32());
        Assert.Equal(JsonValueKind.Null, timeline[1].ValueKind);
    }

    [Fact]
    public async Task In_development_tokens_are_for_the_asking_and_the_services_insides_are_open()
    {
        _answer = context => context.Response.WriteAsJsonAsync(new { messages = 3, outbox = 2 });

        using var answer = await _router.Client.PostAsJsonAsync("/dev/token", new { user = 42 }, TestContext.Current.CancellationToken);
        var token = (await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("token").GetString();
        var user = await _router.Services.GetRequiredService<UserTokens>().ReadAsync(token!);
        using var import = await SendAsync(
            HttpMethod.Post, "/dev/import/users", configure: request => request.Content = new ByteArrayContent(new byte[1 << 20]));
        using var oracle = await SendAsync(HttpMethod.Get, "/dev/oracle/timeline/42?limit=5");
        var backlog = await _router.Client.GetFromJsonAsync<JsonElement>("/dev/oracle/backlog", TestContext.Current.CancellationToken);

        Assert.Equal(42, user);
        Assert.Equal(
            ["/internal/import/users", "/internal/oracle/timeline/42?limit=5", "/internal/oracle/backlog", "/internal/oracle/backlog"],
            _received.Select(request => request.Path),
            StringComparer.Ordinal);
        Assert.Equal(6, backlog.GetProperty("messages").GetInt32());
        Assert.Equal(4, backlog.GetProperty("outbox").GetInt32());
    }

    [Theory]
    [InlineData("{\"user\":0}", "user")]
    [InlineData("{\"user\":\"x\"}", "user")]
    [InlineData("{\"user\":9007199254740992}", "user")]
    [InlineData("{}", "body")]
    [InlineData("", "body")]
    public async Task A_token_for_nobody_is_refused(string body, string field)
    {
        using var content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        using var response = await _router.Client.PostAsync("/dev/token", content, TestContext.Current.CancellationToken);

        await AssertProblemAsync(response, HttpStatusCode.BadRequest, field);
    }

    [Fact]
    public async Task In_production_there_are_no_tokens_for_the_asking()
    {
        await using var router = await StartRouterAsync("Production", _service.Address);

        using var token = await router.Client.PostAsJsonAsync("/dev/token", new { user = 42 }, TestContext.Current.CancellationToken);
        using var import = await router.Client.PostAsync("/dev/import/users", null, TestContext.Current.CancellationToken);
        using var backlog = await router.Client.GetAsync("/dev/oracle/backlog", TestContext.Current.CancellationToken);

        Assert.All([token, import, backlog], response => Assert.Equal(HttpStatusCode.NotFound, response.StatusCode));
        Assert.Empty(_received);
    }

    private static (string, string)[] Replicas =>
    [
        ("Floodgate:Nodes:Replicas:0", "replica-1"),
        ("Floodgate:Nodes:Replicas:1", "replica-2"),
        ("ConnectionStrings:replica-1", "Host=127.0.0.1;Port=1;Username=a;Password=b"),
        ("ConnectionStrings:replica-2", "Host=127.0.0.1;Port=1;Username=a;Password=b"),
    ];

    // What the polls would have found, were there servers.
    private static void Poll(InProcessService router, ulong primary, ulong first, ulong second)
    {
        var table = router.Services.GetRequiredService<NodeTable>();
        var now = router.Services.GetRequiredService<TimeProvider>().GetTimestamp();
        foreach (var (node, lsn) in table.All.Zip([primary, first, second]))
            table.Polled(node, new NodeSample(now, inRecovery: node != table.Primary, Cluster.At(lsn), Cluster.SystemId));
    }

    private static Task<InProcessService> StartRouterAsync(string environment, params string[] timeline) =>
        StartRouterAsync(environment, timeline, []);

    private static Task<InProcessService> StartRouterAsync(string environment, string[] services, params (string Key, string Value)[] settings) =>
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
                .. services.Select((address, i) => ($"services:timeline:http:{i}", address)),
                .. services.Select((address, i) => ($"services:counter:http:{i}", address)),
                .. settings,
            ]);

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, long? user = null, Action<HttpRequestMessage>? configure = null, InProcessService? router = null)
    {
        router ??= _router;
        using var request = new HttpRequestMessage(method, path);
        if (user is { } id)
        {
            request.Headers.Authorization =
                new AuthenticationHeaderValue("Bearer", router.Services.GetRequiredService<UserTokens>().Create(id));
        }

        configure?.Invoke(request);
        return await router.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static async Task AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status, string? field = null)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        if (field is not null)
            Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }
}
