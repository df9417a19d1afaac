using System.Net.Http.Headers;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Floodgate.Nodes;
using Floodgate.Problems;
using Floodgate.ReadRouter;
using Floodgate.ReadRouter.Authentication;
using Floodgate.ReadRouter.Nodes;
using Floodgate.Schema;
using Floodgate.UnitTests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Floodgate.RouterTests;

/// <summary>
/// PostgreSQL with two replicas as the AppHost runs them, the router as its Program makes it, and a service of two calls between them
/// that reads and writes one table as the real ones do.
/// </summary>
public sealed class RoutedCluster : IAsyncLifetime
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);
    private static readonly string[] Nodes = ["floodgate", "replica-1", "replica-2"];

    private readonly Dictionary<string, string> _connections = new(StringComparer.Ordinal);
    private IDistributedApplicationTestingBuilder _builder = null!;
    private WebApplication _service = null!;
    private InProcessService _router = null!;

    /// <summary>The servers.</summary>
    internal DistributedApplication Servers { get; private set; } = null!;

    internal HttpClient Client => _router.Client;

    internal IServiceProvider Router => _router.Services;

    internal NodeTable Table => Router.GetRequiredService<NodeTable>();

    public async ValueTask InitializeAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(StartTimeout);
        _builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(patience.Token);
        foreach (var other in _builder.Resources.Where(resource => resource is not (PostgresServerResource or PostgresDatabaseResource or ParameterResource)).ToArray())
            _builder.Resources.Remove(other);
        Servers = await _builder.BuildAsync(patience.Token);
        await Servers.StartAsync(patience.Token);
        foreach (var name in Nodes)
        {
            await Servers.ResourceNotifications.WaitForResourceHealthyAsync(name, patience.Token);
            var connection = new NpgsqlConnectionStringBuilder(await Servers.GetConnectionStringAsync(name, patience.Token)) { Database = "floodgate" };
            _connections[name] = connection.ConnectionString;
        }

        await ExecuteAsync("floodgate", "CREATE TABLE written (id bigint PRIMARY KEY)");
        await ExecuteAsync("floodgate", Migration.All.Single(migration => migration.Name.Contains("canaries", StringComparison.Ordinal)).Sql);
        _service = await StartServiceAsync();
        _router = await InProcessService.StartAsync(typeof(RouterOptions), [.. Settings, ("services:timeline:http:0", _service.Urls.Single())]);
        await WaitForAsync(() => Table.All.All(node => node.Status.Health == NodeHealth.Healthy));
    }

    public async ValueTask DisposeAsync()
    {
        await _router.DisposeAsync();
        await _service.DisposeAsync();
        await Servers.DisposeAsync();
        await _builder.DisposeAsync();
    }

    /// <summary>Writes a row through the router.</summary>
    /// <returns>The session token of the answer.</returns>
    internal async Task<string> WriteAsync(long id) =>
        await TryWriteAsync(id) ?? throw new InvalidOperationException("The write was refused.");

    /// <summary>Writes a row through the router.</summary>
    /// <returns>The session token of the answer; null where the write was refused.</returns>
    internal async Task<string?> TryWriteAsync(long id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"/posts/{id}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Router.GetRequiredService<UserTokens>().Create(1));
        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        return response.IsSuccessStatusCode ? response.Headers.GetValues("Floodgate-Session").Single() : null;
    }

    /// <summary>Looks for a row through the router.</summary>
    internal async Task<RoutedRead> ReadAsync(long id, string? session = null, string? consistency = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/posts/{id}");
        if (session is not null)
            request.Headers.Add("Floodgate-Session", session);
        if (consistency is not null)
            request.Headers.Add("Floodgate-Consistency", consistency);
        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        return new RoutedRead(
            (int)response.StatusCode, Header("Floodgate-Node"), Header("Floodgate-Reason"), Header("Floodgate-Session"), response.Headers.RetryAfter is not null);

        string? Header(string name) => response.Headers.TryGetValues(name, out var values) ? values.Single() : null;
    }

    /// <summary>The connection string of a node; <c>floodgate</c> is the primary at first.</summary>
    internal string ConnectionTo(string node) => _connections[node];

    /// <summary>Runs a statement on a node, beside the router.</summary>
    internal async Task<object?> ExecuteAsync(string node, string sql)
    {
        await using var connection = new NpgsqlConnection(_connections[node]);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Stops a replica's replay, and waits until it stands.</summary>
    internal async Task PauseAsync(string replica)
    {
        await ExecuteAsync(replica, "SELECT pg_wal_replay_pause()");
        await WaitForAsync(async () => await ExecuteAsync(replica, "SELECT pg_get_wal_replay_pause_state()") is "paused");
    }

    internal Task ResumeAsync(string replica) => ExecuteAsync(replica, "SELECT pg_wal_replay_resume()");

    internal static Task WaitForAsync(Func<bool> condition) => WaitForAsync(() => Task.FromResult(condition()));

    internal static async Task WaitForAsync(Func<Task<bool>> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
            await timer.WaitForNextTickAsync(patience.Token);
    }

    private (string Key, string Value)[] Settings =>
    [
        ("environment", "Development"),
        ("Floodgate:Canary:Interval", "00:00:00.100"),
        ("Logging:LogLevel:Default", "Error"),
        ("Logging:LogLevel:Microsoft.Hosting.Lifetime", "Error"),
        ("ConnectionStrings:floodgate", _connections["floodgate"]),
        ("ConnectionStrings:replica-1", _connections["replica-1"]),
        ("ConnectionStrings:replica-2", _connections["replica-2"]),
        ("Floodgate:Nodes:Replicas:0", "replica-1"),
        ("Floodgate:Nodes:Replicas:1", "replica-2"),
        ("Floodgate:Sessions:Key", new string('s', 32)),
        ("Floodgate:Authentication:Key", new string('a', 32)),
    ];

    private async Task<WebApplication> StartServiceAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(Settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.AddProblems(problems => problems.Unavailable<NodeUnavailableException>());
        builder.AddPostgresNodes();
        builder.AddTopologyWatch();
        var app = builder.Build();
        app.UseProblems();
        app.UseRouterTimeline();
        app.MapPatch("/posts/{id:long}", async (long id, HttpContext context, PostgresNodes nodes) =>
        {
            await using var connection = await nodes.Primary.OpenConnectionAsync(context.RequestAborted);
            await using var insert = new NpgsqlCommand("INSERT INTO written VALUES ($1)", connection) { Parameters = { new() { Value = id } } };
            await insert.ExecuteNonQueryAsync(context.RequestAborted);
            context.SetPosition(await WalPositionQuery.AfterCommitAsync(connection, context.RequestAborted));
        });
        app.MapGet("/posts/{id:long}", async (long id, HttpContext context, NodeReader nodes) =>
        {
            var read = await nodes.ReadAsync(
                context.GetNodeRead(),
                batch => batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT 1 FROM written WHERE id = $1") { Parameters = { new() { Value = id } } }),
                (reader, cancellationToken) => reader.ReadAsync(cancellationToken),
                context.RequestAborted);
            context.SetReadAt(read);
            return read.Value ? Results.Ok() : Results.NotFound();
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}

/// <summary>How a read was answered.</summary>
internal sealed record RoutedRead(int Status, string? Node, string? Reason, string? Session, bool RetryAfter);
