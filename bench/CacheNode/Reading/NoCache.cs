using Floodgate.Bench.CacheNode.Items;
using Floodgate.Bench.CacheNode.Messages;
using Floodgate.Leases;
using Floodgate.Nodes;

namespace Floodgate.Bench.CacheNode.Reading;

/// <summary>Each read is a query on a replica, one after the other of them.</summary>
internal sealed class NoCache(ItemOrigin origin, PostgresNodes nodes) : IReadMode
{
    /// <inheritdoc/>
    public string Name => ModeName.NoCache;

    /// <inheritdoc/>
    public async ValueTask<(Item? Item, string Source)> ReadAsync(long id, Wish wish, CancellationToken cancellationToken)
    {
        var read = await origin.LoadAsync([id], new NodeRead(nodes.NextReplica(), wish.AtLeast), wish.OriginTime, cancellationToken);
        return (read.Value.GetValueOrDefault(id), read.Node);
    }

    /// <inheritdoc/>
    public Task WarmAsync(IReadOnlyList<long> ids, bool brief, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task WrittenAsync(IReadOnlyList<long> ids, bool brief, CommittedWrite write, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Forget()
    {
    }
}
