using System.Globalization;
using System.Security.Cryptography;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Floodgate.Bench.Gateway;

namespace Floodgate.Bench.Counters;

/// <summary>The whole system as the AppHost describes it, and beside it the baselines on the same servers.</summary>
internal sealed class CountersSystem : IAsyncDisposable
{
    private const string Baselines = "baselines";
    private const string Database = "floodgate";

    private readonly StartedSystem _system;

    private CountersSystem(StartedSystem system, string tokenKey, string postgres) => (_system, TokenKey, Postgres) = (system, tokenKey, postgres);

    /// <summary>The key that the gateway checks bearer tokens with.</summary>
    public string TokenKey { get; }

    /// <summary>The connection string of the primary's database.</summary>
    public string Postgres { get; }

    /// <summary>The baselines.</summary>
    public Uri Baseline => _system.Endpoint(Baselines);

    /// <summary>CounterService, its first process.</summary>
    public Uri Service => _system.Endpoint("counter");

    /// <summary>ReadRouter.</summary>
    public Uri Gateway => _system.Gateway;

    /// <summary>The processes of each part, with the bench itself as the client.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<int>> Processes()
    {
        var groups = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        foreach (var (resource, ids) in _system.Processes())
        {
            var group = resource.StartsWith("replica-", StringComparison.Ordinal) ? "replicas" : resource;
            if (!groups.TryGetValue(group, out var all)) groups.Add(group, all = []);
            all.AddRange(ids);
        }

        groups.Add(Client, [Environment.ProcessId]);
        return groups.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<int>)pair.Value, StringComparer.Ordinal);
    }

    /// <summary>The group that is no part of the system.</summary>
    public const string Client = "client";

    /// <summary>Starts it.</summary>
    public static async Task<CountersSystem> StartAsync(CountersOptions options, TimeProvider time, CancellationToken cancellation)
    {
        var tokenKey = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
        var system = await StartedSystem.StartAsync(
            [$"--Parameters:token-key={tokenKey}"], builder => AddBaselines(builder, options), ["router", "counter", "flush", Baselines], time, cancellation);
        return new CountersSystem(system, tokenKey, await system.ConnectionStringAsync(Database, cancellation));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _system.DisposeAsync();

    private static void AddBaselines(IDistributedApplicationBuilder builder, CountersOptions options)
    {
        var database = builder.CreateResourceBuilder((PostgresDatabaseResource)builder.Resources.Single(resource => resource.Name == Database));
        var redis = builder.CreateResourceBuilder(builder.Resources.OfType<RedisResource>().Single());
        builder.AddExecutable(Baselines, "dotnet", AppContext.BaseDirectory, "exec", Path.Combine(AppContext.BaseDirectory, "Floodgate.Bench.Baselines.dll"))
            .WithHttpEndpoint(env: "Baselines__Port", isProxied: false)
            .WithHttpHealthCheck("/health")
            .WithEnvironment("ASPNETCORE_ENVIRONMENT", builder.Environment.EnvironmentName)
            .WithEnvironment("Baselines__FewConnections", options.FewConnections.ToString(CultureInfo.InvariantCulture))
            .WithReference(database).WaitFor(database)
            .WithReference(redis).WaitFor(redis);
    }
}
