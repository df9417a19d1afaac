using System.Security.Cryptography;
using Floodgate.Bench.Gateway;

namespace Floodgate.Bench.Counters;

/// <summary>The whole system as the AppHost describes it, and beside it the baselines on the same servers.</summary>
internal sealed class CountersSystem : IAsyncDisposable
{
    private const string Database = "floodgate";

    private readonly StartedSystem _system;

    private CountersSystem(StartedSystem system, string tokenKey, string postgres) => (_system, TokenKey, Postgres) = (system, tokenKey, postgres);

    /// <summary>The key that the gateway checks bearer tokens with.</summary>
    public string TokenKey { get; }

    /// <summary>The connection string of the primary's database.</summary>
    public string Postgres { get; }

    /// <summary>The baselines.</summary>
    public Uri Baseline => _system.Endpoint(BaselineResource.Name);

    /// <summary>CounterService, its first process.</summary>
    public Uri Service => _system.Endpoint("counter");

    /// <summary>ReadRouter.</summary>
    public Uri Gateway => _system.Gateway;

    /// <summary>The processes of each part, with the bench itself as the client.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<int>> Processes() => _system.ProcessesWith(Client);

    /// <summary>The group that is no part of the system.</summary>
    public const string Client = "client";

    /// <summary>Starts it.</summary>
    public static async Task<CountersSystem> StartAsync(CountersOptions options, TimeProvider time, CancellationToken cancellation)
    {
        var tokenKey = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
        var system = await StartedSystem.StartAsync(
            [$"--Parameters:token-key={tokenKey}"], builder => builder.AddBaselines(options.FewConnections), ["router", "counter", "flush", BaselineResource.Name], time, cancellation);
        return new CountersSystem(system, tokenKey, await system.ConnectionStringAsync(Database, cancellation));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _system.DisposeAsync();
}
