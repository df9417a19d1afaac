using Floodgate.Leases;
using Floodgate.Leases.Origin;
using Floodgate.Leases.Store;
using Floodgate.Nodes;
using Floodgate.Redis;
using Floodgate.Sessions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Floodgate.LeaseTests.Running;

/// <summary>A cache with all that a service has around it: its own connections, its own memory, its own origin.</summary>
internal sealed class CacheNode : IAsyncDisposable
{
    private readonly IHost _host;

    private readonly CacheEntity<long, Item> _entity;

    private CacheNode(IHost host, CacheEntity<long, Item> entity, Origin origin)
    {
        (_host, _entity, Origin) = (host, entity, origin);
        Cache = host.Services.GetRequiredKeyedService<LeaseCache<long, Item>>(entity.Name);
    }

    public LeaseCache<long, Item> Cache { get; }

    public Origin Origin { get; }

    public IServiceProvider Services => _host.Services;

    /// <summary>Starts nodes that share an entity.</summary>
    public static async Task<CacheNode[]> StartAsync(Servers servers, int count, LeaseScripts? scripts, params (string Key, string Value)[] settings)
    {
        var entity = $"item-{Guid.NewGuid():N}"[..24];
        return await Task.WhenAll(Enumerable.Range(0, count).Select(_ => StartOneAsync(servers, entity, scripts, settings)));
    }

    /// <summary>Reads a key.</summary>
    public async Task<Cached<Item>> GetAsync(long key, WalPosition atLeast = default) =>
        await Cache.GetAsync(key, (request, token) => Origin.OneAsync(key, request, token), new CacheRead(atLeast), TestContext.Current.CancellationToken);

    /// <summary>The key in Redis.</summary>
    public string RedisKey(long key) => _entity.RedisKey(key);

    /// <summary>Reads a key as a service does: from a replica, if that is far enough.</summary>
    public async Task<Cached<Item>> GetThroughReaderAsync(long key, string node)
    {
        var reader = Services.GetRequiredService<NodeReader>();
        return await Cache.GetAsync(
            key,
            async (request, token) =>
            {
                var read = await reader.ReadAsync(
                    request.FromPrimary ? NodeRead.Primary : new NodeRead(node, request.AtLeast),
                    batch => batch.BatchCommands.Add(new Npgsql.NpgsqlBatchCommand("SELECT text FROM items WHERE id = $1") { Parameters = { new() { Value = key } } }),
                    async (row, patience) => await row.ReadAsync(patience) ? new Item(key, row.GetString(0)) : null,
                    token);
                return new Filled<Item>(read.Value, read.Holds, read.Position);
            },
            cancellationToken: TestContext.Current.CancellationToken);
    }

    /// <summary>Reads keys.</summary>
    public async Task<Cached<Item>[]> GetManyAsync(IReadOnlyList<long> keys, WalPosition atLeast = default) =>
        await Cache.GetManyAsync(keys, Origin.ManyAsync, new CacheRead(atLeast), TestContext.Current.CancellationToken);

    /// <summary>Whether Redis answers, and it is known what in it to believe.</summary>
    public bool RedisAnswers => Services.GetRequiredService<LeaseCaches>().Figures.RedisAnswers;

    /// <summary>Hears no push from now on.</summary>
    public void StopListening() => Services.GetRequiredService<RedisLeaseStore>().Detach(Cache);

    /// <summary>Reads a key's text.</summary>
    public async Task<string?> TextAsync(long key, WalPosition atLeast = default) => (await GetAsync(key, atLeast)).Value?.Text;

    /// <summary>Dies without giving anything back.</summary>
    public async ValueTask DisposeAsync()
    {
        Origin.Release();
        await _host.StopAsync();
        _host.Dispose();
    }

    private static async Task<CacheNode> StartOneAsync(Servers servers, string entity, LeaseScripts? scripts, (string Key, string Value)[] settings)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(
        [
            new("ConnectionStrings:floodgate", servers.ConnectionTo("floodgate")),
            new("ConnectionStrings:replica-1", servers.ConnectionTo("replica-1")),
            new("ConnectionStrings:replica-2", servers.ConnectionTo("replica-2")),
            new("ConnectionStrings:redis", servers.Redis),
            new("Floodgate:Nodes:Replicas:0", "replica-1"),
            new("Floodgate:Nodes:Replicas:1", "replica-2"),
            .. settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)),
        ]);
        builder.Logging.ClearProviders();
        builder.AddPostgresNodes();
        builder.AddTopologyWatch();
        builder.AddRedisClient("redis", options => options.DisableHealthChecks = true);
        if (scripts is not null)
        {
            builder.Services.AddSingleton(scripts);
        }

        builder.AddLeaseCaches();
        builder.AddLeaseCache(ItemEntity.Of(entity));
        var host = builder.Build();
        await host.StartAsync();
        var generation = host.Services.GetRequiredService<RedisGeneration>();
        var view = host.Services.GetRequiredService<IOriginView>();
        await Until.Async(() => generation.Current is not null && view.BaseFloor is not null && view.History.Current != 0);
        return new CacheNode(host, ItemEntity.Of(entity), new Origin(servers));
    }
}
