using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Floodgate.Bench.Gateway;

namespace Floodgate.Bench.Cache;

/// <summary>
/// The servers of the AppHost, without its services and without the broker, four processes that read through the cache, and one more whose Redis is far
/// away.
/// </summary>
internal sealed class CacheSystem : IAsyncDisposable
{
    /// <summary>By how much later everything arrives that the far reader sends to Redis.</summary>
    public static readonly TimeSpan Distance = TimeSpan.FromMilliseconds(20);

    private const string Postgres = "postgres";
    private const string Replica = "replica-1";
    private const string RedisServer = "redis";
    private const string Database = "floodgate";
    private const string FarReader = "reader-far";

    // One replica is enough here, and more servers would only take processor time from what is measured.
    private static readonly string[] Kept = [Postgres, Database, Replica, RedisServer];

    private readonly StartedSystem _system;
    private readonly SlowLink _link;

    private CacheSystem(StartedSystem system, SlowLink link, RedisProbe redis, TimeProvider time)
    {
        (_system, _link, Redis) = (system, link, redis);
        Fleet = new Fleet([.. Enumerable.Range(0, CacheOptions.Processes).Select(i => new NodeClient(system.Endpoint(NameOf(i))))], time);
        Far = new NodeClient(system.Endpoint(FarReader));
    }

    /// <summary>The reading processes.</summary>
    public Fleet Fleet { get; }

    /// <summary>The one whose Redis is far away. It reads only where round trips are counted.</summary>
    public NodeClient Far { get; }

    /// <summary>Redis, seen by the bench.</summary>
    public RedisProbe Redis { get; }

    /// <summary>Starts it.</summary>
    public static async Task<CacheSystem> StartAsync(TimeProvider time, CancellationToken cancellation)
    {
        var link = new SlowLink(Distance, time);
        StartedSystem? system = null;
        try
        {
            system = await StartedSystem.StartAsync(
                [], builder => Change(builder, link.Port), [.. Enumerable.Range(0, CacheOptions.Processes).Select(NameOf)], time, cancellation);
            var redis = await system.ConnectionStringAsync(RedisServer, cancellation);
            var address = redis.Split(',')[0].Split(':');
            link.LeadTo(address[0], int.Parse(address[1], CultureInfo.InvariantCulture));
            await system.HealthyAsync(FarReader, cancellation);
            return new CacheSystem(system, link, await RedisProbe.ConnectAsync(redis), time);
        }
        catch
        {
            if (system is not null) await system.DisposeAsync();
            await link.DisposeAsync();
            throw;
        }
    }

    /// <summary>The group of the reading processes.</summary>
    public const string Readers = "readers";

    /// <summary>The processes of each part, with the bench itself.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<int>> Processes()
    {
        var all = _system.Processes();
        var groups = new Dictionary<string, IReadOnlyList<int>>(StringComparer.Ordinal)
        {
            [Readers] = [.. Enumerable.Range(0, CacheOptions.Processes).SelectMany(i => all.GetValueOrDefault(NameOf(i), []))],
            ["bench"] = [Environment.ProcessId],
        };
        foreach (var other in (string[])[Postgres, Replica, RedisServer, FarReader]) groups[other] = all.GetValueOrDefault(other, []);
        return groups;
    }

    /// <summary>The groups whose processor time belongs to reads, in the order of the tables.</summary>
    public static IReadOnlyList<string> Groups { get; } = [Readers, RedisServer, Replica, Postgres];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Fleet.Dispose();
        Far.Dispose();
        Redis.Dispose();
        await _system.DisposeAsync();
        await _link.DisposeAsync();
    }

    private static string NameOf(int process) => string.Create(CultureInfo.InvariantCulture, $"reader-{process + 1}");

    private static void Change(IDistributedApplicationBuilder builder, int linkPort)
    {
        foreach (var other in builder.Resources.Where(resource => resource is not ParameterResource && !Kept.Contains(resource.Name, StringComparer.Ordinal)).ToList())
            builder.Resources.Remove(other);
        var redis = builder.CreateResourceBuilder(builder.Resources.OfType<RedisResource>().Single());
        for (var i = 0; i < CacheOptions.Processes; i++) AddReader(builder, NameOf(i)).WithReference(redis).WaitFor(redis);
        AddReader(builder, FarReader)
            .WithEnvironment($"ConnectionStrings__{RedisServer}", ReferenceExpression.Create($"127.0.0.1:{linkPort.ToString(CultureInfo.InvariantCulture)},password={redis.Resource.PasswordParameter!}"))
            .WaitFor(redis);
    }

    private static IResourceBuilder<ExecutableResource> AddReader(IDistributedApplicationBuilder builder, string name)
    {
        var database = builder.CreateResourceBuilder((PostgresDatabaseResource)builder.Resources.Single(resource => resource.Name == Database));
        var replica = builder.CreateResourceBuilder((PostgresServerResource)builder.Resources.Single(resource => resource.Name == Replica));
        return builder.AddExecutable(name, "dotnet", AppContext.BaseDirectory, "exec", Path.Combine(AppContext.BaseDirectory, "Floodgate.Bench.CacheNode.dll"))
            .WithHttpEndpoint(env: "CacheNode__Port", isProxied: false)
            .WithHttpHealthCheck("/health")
            .WithEnvironment("ASPNETCORE_ENVIRONMENT", builder.Environment.EnvironmentName)
            .WithEnvironment("Floodgate__Nodes__Replicas__0", Replica)
            .WithEnvironment($"ConnectionStrings__{Replica}", ReferenceExpression.Create($"{replica};Database={database.Resource.DatabaseName}"))
            // Without a cache the callers queue for connections; an answer that comes late is to be measured, not refused.
            .WithEnvironment("Floodgate__Nodes__ReadTimeout", "00:01:00")
            .WithEnvironment("Floodgate__Cache__Entities__bench-brief__SoftExpiry", "00:00:01")
            .WithEnvironment("Floodgate__Cache__Entities__bench-brief__HardExpiry", "00:01:00")
            .WithReference(database).WaitFor(database)
            .WaitFor(replica);
    }
}
