using Floodgate.Leases.Store;
using Floodgate.Sessions;

namespace Floodgate.LeaseTests.Running;

/// <summary>Nodes that share an entity.</summary>
internal sealed class CacheCluster : IAsyncDisposable
{
    private readonly Servers _servers;
    private readonly CacheNode[] _nodes;
    private readonly bool _owns;

    private CacheCluster(Servers servers, CacheNode[] nodes, bool owns) => (_servers, _nodes, _owns) = (servers, nodes, owns);

    /// <summary>How often the nodes have asked their origins.</summary>
    public int Calls => _nodes.Sum(node => node.Origin.Calls);

    public int Count => _nodes.Length;

    public CacheNode this[int index] => _nodes[index];

    public CacheCluster this[Range range] => new(_servers, _nodes[range], owns: false);

    public static async Task<CacheCluster> StartAsync(Servers servers, int count, params (string Key, string Value)[] settings) =>
        new(servers, await CacheNode.StartAsync(servers, count, scripts: null, settings), owns: true);

    /// <summary>Starts nodes whose scripts are not those of the library.</summary>
    public static async Task<CacheCluster> StartChangedAsync(Servers servers, int count, Func<string, string> change) =>
        new(servers, await CacheNode.StartAsync(servers, count, new LeaseScripts(change)), owns: true);

    /// <summary>Every node reads a value, twice.</summary>
    public async Task AllReadAsync(long key, string? text, WalPosition atLeast = default)
    {
        for (var round = 0; round < 2; round++)
        {
            foreach (var node in _nodes)
                Assert.Equal(text, await node.TextAsync(key, atLeast));
        }
    }

    /// <summary>What a lease that has run out looks like: the holder was away for too long.</summary>
    public async Task TakeLeaseAwayAsync(long key)
    {
        using var redis = await _servers.ConnectRedisAsync();
        await redis.GetDatabase().HashSetAsync(_nodes[0].RedisKey(key), "l", $"{Guid.NewGuid():N} 0");
    }

    public async ValueTask DisposeAsync()
    {
        if (_owns)
        {
            foreach (var node in _nodes)
                await node.DisposeAsync();
        }
    }
}
