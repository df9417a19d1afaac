using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Floodgate.SystemTests.Running;
using Floodgate.SystemTests.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using StackExchange.Redis;

[assembly: AssemblyFixture(typeof(RunningSystem))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Floodgate.SystemTests.Running;

/// <summary>The whole system, started once for all tests here; each test brings users of its own.</summary>
public sealed class RunningSystem : IAsyncLifetime
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);

    private DistributedApplication? _app;
    private long _lastUser = 1_000_000;

    /// <summary>Receives what the services export.</summary>
    public TraceReceiver Traces { get; } = new();

    private DistributedApplication App => _app ?? throw new InvalidOperationException("The system is not started.");

    public async ValueTask InitializeAsync()
    {
        using var timeout = new CancellationTokenSource(StartTimeout);
        await Traces.StartAsync(timeout.Token);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(timeout.Token);
        foreach (var project in builder.Resources.OfType<ProjectResource>().ToList())
        {
            builder.CreateResourceBuilder(project)
                .WithEnvironment("OTEL_EXPORTER_OTLP_ENDPOINT", Traces.Address)
                .WithEnvironment("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
        }

        // Thousands of forged tokens come from one address, and each is to be looked at.
        builder.CreateResourceBuilder(builder.Resources.OfType<ProjectResource>().Single(project => project.Name == "router"))
            .WithEnvironment("Floodgate__Door__FailedAuthenticationsPerSecond", "0");

        // So that a large audience is pushed to in so many steps that something can happen meanwhile.
        builder.CreateResourceBuilder(builder.Resources.OfType<ProjectResource>().Single(project => project.Name == "timeline"))
            .WithEnvironment("Floodgate__Timelines__Threshold", "20000")
            .WithEnvironment("Floodgate__Timelines__ChunkSize", "100")
            .WithEnvironment("Floodgate__Timelines__LargeConcurrency", "1")
            .WithEnvironment("Floodgate__Timelines__ShedAfter", "00:01:00");
        _app = await builder.BuildAsync(timeout.Token);
        await _app.StartAsync(timeout.Token);
        await HealthyAsync("router", timeout.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is { } app)
        {
            await app.DisposeAsync();
        }

        await Traces.DisposeAsync();
    }

    /// <summary>Where the gateway listens.</summary>
    public Uri GatewayAddress => App.GetEndpoint("router", "http");

    /// <summary>A client of the gateway that nobody else uses: no cookies, no redirects.</summary>
    public HttpClient Gateway() => new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
    {
        BaseAddress = GatewayAddress,
        Timeout = TimeSpan.FromSeconds(30),
    };

    /// <summary>A client of the first instance of a service, past the gateway.</summary>
    public HttpClient Service(string resource) => App.CreateHttpClient(resource);

    /// <summary>A connection to Redis.</summary>
    public async Task<ConnectionMultiplexer> RedisAsync(CancellationToken cancellationToken) =>
        await ConnectionMultiplexer.ConnectAsync((await App.GetConnectionStringAsync("redis", cancellationToken))!);

    /// <summary>Signs up a new user with a client of its own and returns its session.</summary>
    public Task<UserSession> NewUserAsync(CancellationToken cancellationToken) => NewUserAsync(Gateway(), cancellationToken);

    /// <summary>Signs up a new user, who shares a client with others, and returns its session.</summary>
    public async Task<UserSession> NewUserAsync(HttpClient gateway, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _lastUser);
        var session = await UserSession.SignInAsync(gateway, id, cancellationToken);
        using var answer = await session.SendAsync(HttpMethod.Put, $"/users/{id}", new { name = $"user {id}" }, cancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return session;
    }

    /// <summary>Waits until a resource is healthy, and says which one was waited for when it never is.</summary>
    public async Task HealthyAsync(string resource, CancellationToken cancellationToken) =>
        await App.ResourceNotifications.WaitForResourceHealthyAsync(resource, cancellationToken);

    /// <summary>Opens a connection to a node: <c>floodgate</c> is the primary. It is a new one, as others may have stopped the node since.</summary>
    public async Task<NpgsqlConnection> ConnectAsync(string node, CancellationToken cancellationToken)
    {
        var address = new NpgsqlConnectionStringBuilder(await App.GetConnectionStringAsync(node, cancellationToken)) { Database = "floodgate", Pooling = false };
        var connection = new NpgsqlConnection(address.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    /// <summary>Kills every instance of a resource with SIGKILL. The host starts them again: see <see cref="RestartedAsync"/>.</summary>
    /// <returns>The ids of the killed processes, by instance.</returns>
    public IReadOnlyDictionary<string, int> Kill(string resource)
    {
        var killed = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (instance, pid) in Instances(resource))
        {
            using var process = System.Diagnostics.Process.GetProcessById(pid);
            process.Kill();
            killed.Add(instance, pid);
        }

        return killed;
    }

    /// <summary>Stops a resource. Nothing starts it again but <see cref="StartAsync"/>.</summary>
    public Task StopAsync(string resource, CancellationToken cancellationToken) => CommandAsync(resource, KnownResourceCommands.StopCommand, cancellationToken);

    /// <summary>Starts a stopped resource and waits until it is healthy.</summary>
    public async Task StartAsync(string resource, CancellationToken cancellationToken)
    {
        await CommandAsync(resource, KnownResourceCommands.StartCommand, cancellationToken);
        await HealthyAsync(resource, cancellationToken);
    }

    /// <summary>The instances of a resource.</summary>
    public IReadOnlyList<string> InstancesOf(string resource) =>
        [.. App.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(candidate => candidate.Name == resource).GetResolvedResourceNames()];

    /// <summary>Waits until an instance runs as another process than the one it was last known as, and kills it with SIGKILL.</summary>
    /// <returns>The id of the killed process.</returns>
    public async Task<int> KillInstanceAsync(string instance, int? lastKilled, CancellationToken cancellationToken)
    {
        var running = await App.ResourceNotifications.WaitForResourceAsync(
            instance, state => PidOf(state) is { } now && now != lastKilled, cancellationToken);
        var pid = PidOf(running)!.Value;
        using var process = System.Diagnostics.Process.GetProcessById(pid);
        process.Kill();
        return pid;
    }

    /// <summary>Waits until each killed instance runs again as another process and is healthy.</summary>
    public async Task RestartedAsync(IReadOnlyDictionary<string, int> killed, CancellationToken cancellationToken)
    {
        foreach (var (instance, pid) in killed)
        {
            await App.ResourceNotifications.WaitForResourceAsync(
                instance,
                state => state.Snapshot.HealthStatus == HealthStatus.Healthy && PidOf(state) is { } now && now != pid,
                cancellationToken);
        }
    }

    private async Task CommandAsync(string resource, string command, CancellationToken cancellationToken)
    {
        var result = await App.ResourceCommands.ExecuteCommandAsync(resource, command, cancellationToken);
        Assert.True(result.Success, $"{command} {resource} failed.");
    }

    private IEnumerable<(string Instance, int Pid)> Instances(string resource)
    {
        foreach (var name in InstancesOf(resource))
        {
            if (App.ResourceNotifications.TryGetCurrentState(name, out var state) && PidOf(state) is { } pid)
            {
                yield return (name, pid);
            }
        }
    }

    private static int? PidOf(ResourceEvent state) =>
        state.Snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value is { } pid
            ? Convert.ToInt32(pid, CultureInfo.InvariantCulture)
            : null;
}
