using System.Net.Http.Json;
using System.Text.Json;
using Floodgate.Leases.Origin;
using Floodgate.Nodes;
using Floodgate.Redis;
using Floodgate.Sessions;
using Floodgate.TimelineService;
using Floodgate.TimelineService.FanOut;
using Floodgate.TimelineService.Follows;
using Floodgate.TimelineService.HomeTimelines;
using Floodgate.TimelineService.Import;
using Floodgate.TimelineService.Input;
using Floodgate.TimelineService.Oracle;
using Floodgate.TimelineService.Outbox;
using Floodgate.TimelineService.PendingPosts;
using Floodgate.TimelineService.Posts;
using Floodgate.TimelineService.PullRanges;
using Floodgate.TimelineService.Streaming;
using Floodgate.TimelineService.Users;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using IServer = Microsoft.AspNetCore.Hosting.Server.IServer;

namespace Floodgate.TimelineTests;

/// <summary>An instance of the service in this process, and how a router would speak to it.</summary>
internal sealed class TimelineInstance : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TimelineInstance(WebApplication app, HttpClient http)
    {
        _app = app;
        Http = http;
    }

    public HttpClient Http { get; }

    public IDatabase Redis => Get<IConnectionMultiplexer>().GetDatabase();

    /// <summary>Starts an instance.</summary>
    /// <param name="servers">The servers.</param>
    /// <param name="works">Whether it relays and consumes; otherwise the test takes these steps itself.</param>
    /// <param name="settings">Settings, with their sections.</param>
    public static async Task<TimelineInstance> StartAsync(Servers servers, bool works = true, params (string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["urls"] = "http://127.0.0.1:0",
            ["ConnectionStrings:floodgate"] = servers.Primary,
            ["ConnectionStrings:replica-1"] = servers.Replicas[0],
            ["ConnectionStrings:replica-2"] = servers.Replicas[1],
            ["ConnectionStrings:redis"] = servers.Redis,
            ["ConnectionStrings:rabbitmq"] = servers.Broker,
            ["Floodgate:Nodes:Replicas:0"] = "replica-1",
            ["Floodgate:Nodes:Replicas:1"] = "replica-2",
            ["Floodgate:Sessions:Key"] = new string('k', 32),

            // There is no CounterService to wait for.
            ["Floodgate:Timelines:LikesTimeout"] = "00:00:00.050",

            // Its reads would build timelines between the steps of a test.
            ["Floodgate:Timelines:Oracle:Enabled"] = "false",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)));
        builder.AddFoundations();
        builder.Logging.ClearProviders();
        builder.AddUsers();
        builder.AddFollows();
        builder.AddPosts();
        builder.AddPendingPosts();
        builder.AddHomeTimelines();
        builder.AddStreaming();
        builder.AddOutbox();
        builder.AddFanOut();
        builder.AddImport();
        builder.AddOracle();
        if (!works)
        {
            foreach (var service in builder.Services.Where(service => service.ServiceType == typeof(IHostedService)
                && (IsWork(service.ImplementationType) || service.ImplementationFactory?.Method.ReturnType is { } made && (made == typeof(OutboxRelay) || made == typeof(PullRangeWatch)))).ToList())
            {
                builder.Services.Remove(service);
            }
        }

        var app = builder.Build();
        app.UseFoundations();
        app.MapUsers();
        app.MapFollows();
        app.MapPosts();
        app.MapPendingPosts();
        app.MapHomeTimelines();
        app.MapStreaming();
        app.MapImport();
        app.MapOracle();
        await app.StartAsync(TestContext.Current.CancellationToken);
        await app.Services.GetRequiredService<SchemaMigration>().Completed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await Eventually.BecomesAsync(() => Task.FromResult(app.Services.GetRequiredService<RedisGeneration>().Run is not null));
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new TimelineInstance(app, new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(30) });
    }

    private static bool IsWork(Type? service) =>
        service == typeof(FanOutConsumer) || service == typeof(PendingPostConsumer) || service == typeof(PendingPostMarks);

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string uri, long? user = null, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, uri) { Content = body is null ? null : JsonContent.Create(body) };
        if (user is { } caller)
        {
            request.Headers.Add(InternalHeaders.User, $"{caller}");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async Task CreateUserAsync(params long[] users)
    {
        foreach (var user in users)
        {
            (await SendAsync(HttpMethod.Put, $"/users/{user}", user, new { name = $"user {user}" })).EnsureSuccessStatusCode();
        }
    }

    public async Task FollowAsync(long follower, long followee) =>
        (await SendAsync(HttpMethod.Put, $"/users/{follower}/following/{followee}", follower)).EnsureSuccessStatusCode();

    public async Task UnfollowAsync(long follower, long followee) =>
        (await SendAsync(HttpMethod.Delete, $"/users/{follower}/following/{followee}", follower)).EnsureSuccessStatusCode();

    public async Task<long> PostAsync(long author, string text = "text")
    {
        var response = await SendAsync(HttpMethod.Post, "/posts", author, new { text });
        response.EnsureSuccessStatusCode();
        return (await JsonAsync(response)).GetProperty("id").GetInt64();
    }

    public async Task<(List<long> Ids, string? Next, HttpResponseMessage Response)> PageAsync(
        long user, int limit = 20, string? before = null, string? node = null)
    {
        var response = await SendAsync(
            HttpMethod.Get, $"/timeline?limit={limit}{(before is null ? "" : $"&before={before}")}", user, body: null,
            node is null ? [] : [(InternalHeaders.Node, node)]);
        response.EnsureSuccessStatusCode();
        var page = await JsonAsync(response);
        return ([.. page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetInt64())], page.GetProperty("next").GetString(), response);
    }

    /// <summary>All pages of a home timeline. Every page but the last must be full.</summary>
    public async Task<List<long>> WalkAsync(long user, int limit = 20)
    {
        var ids = new List<long>();
        string? next = null;
        do
        {
            var page = await PageAsync(user, limit, next);
            ids.AddRange(page.Ids);
            next = page.Next;
            Assert.True(next is null || page.Ids.Count == limit, $"A page of {page.Ids.Count} posts is not the last.");
        }
        while (next is not null);
        return ids;
    }

    /// <summary>What the home timeline should be, by plain SQL.</summary>
    public async Task<List<long>> OracleAsync(long user)
    {
        var response = await SendAsync(HttpMethod.Get, $"/internal/oracle/timeline/{user}?limit=10000");
        return [.. (await JsonAsync(response)).GetProperty("ids").EnumerateArray().Select(id => id.GetInt64())];
    }

    /// <summary>What is in Redis, without the state.</summary>
    public async Task<List<long>> StoredAsync(long user) =>
        [.. (await Get<TimelineStore>().TryReadAsync(user, IdInput.End, count: 100_000)).Ids];

    /// <summary>Waits until the instance knows which writes Redis may have forgotten: from then on it keeps values of writes.</summary>
    public Task KnowsFloorAsync() => Eventually.BecomesAsync(() => Task.FromResult(Get<IOriginView>().BaseFloor is not null));

    /// <summary>A position of the primary at or past everything that is committed by now.</summary>
    public async Task<WalPosition> PositionAsync()
    {
        await using var connection = await Get<PostgresNodes>().Primary.OpenConnectionAsync(TestContext.Current.CancellationToken);
        return await WalPositionQuery.AfterCommitAsync(connection, TestContext.Current.CancellationToken);
    }

    /// <summary>The names of the jobs that are not done.</summary>
    public async Task<string[]> OpenJobsAsync() => Array.ConvertAll(await Redis.SortedSetRangeByRankAsync("fanout:jobs"), name => (string)name!);

    /// <summary>Waits until every job is done, also those that others left behind.</summary>
    public async Task DrainAsync()
    {
        var left = "";
        await Eventually.BecomesAsync(
            async () =>
            {
                var response = await SendAsync(HttpMethod.Get, "/internal/oracle/backlog");
                if (!response.IsSuccessStatusCode)
                {
                    left = $"The backlog is not told: {(int)response.StatusCode}.";
                    return false;
                }

                var backlog = await JsonAsync(response);
                left = $"The backlog is {backlog.GetRawText()}.";
                return backlog.GetProperty("messages").GetInt64() == 0 && backlog.GetProperty("outbox").GetInt64() == 0;
            },
            otherwise: async () => $"{left} Open jobs: {string.Join(' ', await OpenJobsAsync())}.");
    }

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage response) =>
        await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        try
        {
            await _app.StopAsync(TestContext.Current.CancellationToken);
        }
        finally
        {
            // Whatever it leaves running would take jobs of other tests.
            await _app.DisposeAsync();
        }
    }
}
