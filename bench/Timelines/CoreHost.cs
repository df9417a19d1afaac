using System.Globalization;
using Floodgate.Leases.Origin;
using Floodgate.Redis;
using Floodgate.TimelineService;
using Floodgate.TimelineService.FanOut;
using Floodgate.TimelineService.HomeTimelines;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Floodgate.Bench.Timelines;

/// <summary>Where the servers are.</summary>
/// <param name="Primary">The primary's database.</param>
/// <param name="Replicas">Those of the replicas.</param>
/// <param name="Redis">Redis.</param>
/// <param name="Broker">The broker.</param>
internal sealed record CoreServers(string Primary, IReadOnlyList<string> Replicas, string Redis, string Broker);

/// <summary>The core of TimelineService in this process, as the service registers it, without its endpoints and its background work.</summary>
internal sealed class CoreHost : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly WebApplication _app;

    private CoreHost(WebApplication app) => _app = app;

    /// <summary>The node that reads name, as a router would.</summary>
    public const string Replica = "replica-1";

    /// <summary>Starts it, and waits until it knows the run of Redis.</summary>
    /// <exception cref="OperationCanceledException">It does not within a minute.</exception>
    public static async Task<CoreHost> StartAsync(CoreServers servers, TimeProvider time, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration.AddInMemoryCollection(Settings(servers));
        builder.AddFoundations();
        builder.AddHomeTimelines();
        builder.Services.AddSingleton<OpenJobs>();
        builder.Logging.ClearProviders();
        var host = new CoreHost(builder.Build());
        try
        {
            await host._app.StartAsync(both.Token);
            while (host.Get<RedisGeneration>().Run is null || host.Get<IOriginView>().BaseFloor is null) await Task.Delay(Look, time, both.Token);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>A part of it.</summary>
    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }

    private static Dictionary<string, string?> Settings(CoreServers servers)
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["urls"] = "http://127.0.0.1:0",
            ["ConnectionStrings:floodgate"] = servers.Primary,
            ["ConnectionStrings:redis"] = servers.Redis,
            ["ConnectionStrings:rabbitmq"] = servers.Broker,
            ["Floodgate:Sessions:Key"] = new string('k', 32),
            // An answer that comes late on a busy machine is to be measured, not given up.
            ["Floodgate:Timelines:RedisTimeout"] = "00:00:10",
            ["Floodgate:Cache:RedisTimeout"] = "00:00:10",
            ["Floodgate:Cache:AnnounceTimeout"] = "00:00:10",
        };
        for (var i = 0; i < servers.Replicas.Count; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"replica-{i + 1}");
            settings["ConnectionStrings:" + name] = servers.Replicas[i];
            settings[string.Create(CultureInfo.InvariantCulture, $"Floodgate:Nodes:Replicas:{i}")] = name;
        }

        return settings;
    }
}
