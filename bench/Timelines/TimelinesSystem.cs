using System.Globalization;
using System.Security.Cryptography;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Floodgate.Bench.Gateway;

namespace Floodgate.Bench.Timelines;

/// <summary>The whole system as the AppHost describes it, beside it the baselines on the same servers, and in this process the core of the timelines.</summary>
internal sealed class TimelinesSystem : IAsyncDisposable
{
    /// <summary>The bench itself, with the core in it.</summary>
    public const string Self = "bench";

    private const string Database = "floodgate";
    private const string Service = "timeline";
    private const string Counters = "counter";
    private const string Section = "Floodgate__Timelines__";

    private readonly StartedSystem _system;

    private TimelinesSystem(StartedSystem system, string tokenKey, CoreServers servers) => (_system, TokenKey, Servers) = (system, tokenKey, servers);

    /// <summary>The key that the gateway checks bearer tokens with.</summary>
    public string TokenKey { get; }

    /// <summary>The servers.</summary>
    public CoreServers Servers { get; }

    /// <summary>The baselines.</summary>
    public Uri Baseline => _system.Endpoint(BaselineResource.Name);

    /// <summary>TimelineService, its first process.</summary>
    public Uri Timeline => _system.Endpoint(Service);

    /// <summary>CounterService, its first process.</summary>
    public Uri Counter => _system.Endpoint(Counters);

    /// <summary>ReadRouter.</summary>
    public Uri Gateway => _system.Gateway;

    /// <summary>The processes of each part.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<int>> Processes() => _system.ProcessesWith(Self);

    /// <summary>Starts it.</summary>
    public static async Task<TimelinesSystem> StartAsync(TimeProvider time, CancellationToken cancellation)
    {
        var tokenKey = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
        var system = await StartedSystem.StartAsync(
            [$"--Parameters:token-key={tokenKey}"], Change, ["router", Service, Counters, BaselineResource.Name], time, cancellation);
        try
        {
            return new TimelinesSystem(system, tokenKey, new CoreServers(
                await system.ConnectionStringAsync(Database, cancellation),
                [await ReplicaAsync(1), await ReplicaAsync(2)],
                await system.ConnectionStringAsync("redis", cancellation),
                await system.ConnectionStringAsync("rabbitmq", cancellation)));
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }

        async Task<string> ReplicaAsync(int number)
        {
            var server = await system.ConnectionStringAsync(string.Create(CultureInfo.InvariantCulture, $"replica-{number}"), cancellation);
            return $"{server};Database={Database}";
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _system.DisposeAsync();

    // Nothing is shed, as a backlog is what is measured; and pull ranges that the bench opens for authors with few followers stay open.
    private static void Change(IDistributedApplicationBuilder builder)
    {
        builder.AddBaselines(fewConnections: 4);
        builder.CreateResourceBuilder(builder.Resources.OfType<ProjectResource>().Single(resource => resource.Name == Service))
            .WithEnvironment(Section + "Threshold", TimelinesOptions.Threshold.ToString(CultureInfo.InvariantCulture))
            .WithEnvironment(Section + "ShedAfter", "01:00:00")
            .WithEnvironment(Section + "PullCheck", "00:10:00");
    }
}
