using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Floodgate.Bench.Gateway;

/// <summary>The whole system, started by the bench from the AppHost's own description, without data and on free ports.</summary>
internal sealed class StartedSystem : IAsyncDisposable
{
    private const string Router = "router";
    private const string Pid = "executable.pid";
    private static readonly string[] Rates = ["UserReads", "UserWrites", "AddressReads", "AddressWrites"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly IDistributedApplicationTestingBuilder _builder;
    private readonly DistributedApplication _app;

    private StartedSystem(IDistributedApplicationTestingBuilder builder, DistributedApplication app) => (_builder, _app) = (builder, app);

    /// <summary>Where its gateway listens.</summary>
    public Uri Gateway => Endpoint(Router);

    /// <summary>Starts it, without rates per caller, and waits until the gateway is healthy.</summary>
    /// <exception cref="OperationCanceledException">It was not healthy within 3 minutes.</exception>
    public static Task<StartedSystem> StartAsync(TimeProvider time, CancellationToken cancellation) =>
        StartAsync([], _ => { }, [Router], time, cancellation);

    /// <summary>Starts it, without rates per caller, with changes.</summary>
    /// <param name="arguments">More arguments for the AppHost.</param>
    /// <param name="change">Changes the description.</param>
    /// <param name="healthy">What must be healthy.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends the start.</param>
    /// <exception cref="OperationCanceledException">It was not healthy within 3 minutes.</exception>
    public static async Task<StartedSystem> StartAsync(
        IReadOnlyList<string> arguments, Action<IDistributedApplicationBuilder> change, IReadOnlyList<string> healthy, TimeProvider time, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        // Development, as the bench loads and compares through the development calls.
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(["--environment", "Development", .. arguments], both.Token);
        LiftRates(builder);
        change(builder);
        var system = new StartedSystem(builder, await builder.BuildAsync(both.Token));
        try
        {
            await system._app.StartAsync(both.Token);
            foreach (var resource in healthy) await system._app.ResourceNotifications.WaitForResourceHealthyAsync(resource, both.Token);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    // The bench plays all users from one address, and a few users as many: what it measures is not the door's patience with them.
    private static void LiftRates(IDistributedApplicationBuilder builder)
    {
        var router = builder.CreateResourceBuilder(builder.Resources.OfType<ProjectResource>().Single(resource => resource.Name == Router));
        foreach (var rate in Rates)
            router.WithEnvironment($"Floodgate__Door__{rate}PerSecond", "0");
    }

    /// <summary>Where a resource listens; of several processes, the first.</summary>
    public Uri Endpoint(string resource) => _app.GetEndpoint(resource, "http");

    /// <summary>The connection string of a server or database.</summary>
    /// <exception cref="InvalidOperationException">It has none.</exception>
    public async Task<string> ConnectionStringAsync(string resource, CancellationToken cancellation) =>
        await _app.GetConnectionStringAsync(resource, cancellation) ?? throw new InvalidOperationException($"There is no connection string {resource}.");

    /// <summary>The processes of each resource by its name; of a resource in a container, or whose process is not known, none.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<int>> Processes()
    {
        var found = new Dictionary<string, IReadOnlyList<int>>(StringComparer.Ordinal);
        foreach (var resource in _app.Services.GetRequiredService<DistributedApplicationModel>().Resources)
        {
            var ids = new List<int>();
            foreach (var name in resource.GetResolvedResourceNames())
            {
                if (_app.ResourceNotifications.TryGetCurrentState(name, out var state) && PidOf(state) is { } pid) ids.Add(pid);
            }

            if (ids.Count > 0) found.Add(resource.Name, ids);
        }

        return found;
    }

    /// <summary>The same with all replicas as one, <c>replicas</c>, and with this process itself.</summary>
    /// <param name="self">What this process is called.</param>
    public IReadOnlyDictionary<string, IReadOnlyList<int>> ProcessesWith(string self)
    {
        var groups = new Dictionary<string, List<int>>(StringComparer.Ordinal) { [self] = [Environment.ProcessId] };
        foreach (var (resource, ids) in Processes())
        {
            var group = resource.StartsWith("replica-", StringComparison.Ordinal) ? "replicas" : resource;
            if (!groups.TryGetValue(group, out var all)) groups.Add(group, all = []);
            all.AddRange(ids);
        }

        return groups.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<int>)pair.Value, StringComparer.Ordinal);
    }

    /// <summary>Waits until a resource with one process runs as another one than it was last known as, and kills it with SIGKILL. The host starts it again.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="lastKilled">The process that was killed last; null for none.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The killed process.</returns>
    public async Task<int> KillAsync(string resource, int? lastKilled, CancellationToken cancellation)
    {
        var running = await _app.ResourceNotifications.WaitForResourceAsync(resource, state => PidOf(state) is { } now && now != lastKilled, cancellation);
        var pid = PidOf(running)!.Value;
        using var process = Process.GetProcessById(pid);
        process.Kill();
        return pid;
    }

    /// <summary>Waits until a killed resource runs again as another process and is healthy.</summary>
    public Task BackAsync(string resource, int killed, CancellationToken cancellation) => _app.ResourceNotifications.WaitForResourceAsync(
        resource, state => state.Snapshot.HealthStatus == HealthStatus.Healthy && PidOf(state) is { } now && now != killed, cancellation);

    /// <summary>Starts or stops a resource: see <see cref="KnownResourceCommands"/>. A stopped one stays stopped.</summary>
    /// <exception cref="InvalidOperationException">It did not work.</exception>
    public async Task CommandAsync(string resource, string command, CancellationToken cancellation)
    {
        var result = await _app.Services.GetRequiredService<ResourceCommandService>().ExecuteCommandAsync(resource, command, cancellation);
        if (!result.Success) throw new InvalidOperationException($"'{command}' of {resource} failed: {result.Message}");
    }

    /// <summary>Waits until a resource is healthy.</summary>
    public Task HealthyAsync(string resource, CancellationToken cancellation) => _app.ResourceNotifications.WaitForResourceHealthyAsync(resource, cancellation);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _builder.DisposeAsync();
    }

    private static int? PidOf(ResourceEvent state) =>
        state.Snapshot.Properties.FirstOrDefault(property => property.Name == Pid)?.Value is { } pid ? Convert.ToInt32(pid, CultureInfo.InvariantCulture) : null;
}
