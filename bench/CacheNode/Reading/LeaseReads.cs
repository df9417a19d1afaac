using Floodgate.Bench.CacheNode.Items;
using Floodgate.Bench.CacheNode.Messages;
using Floodgate.Leases;
using Floodgate.Nodes;

namespace Floodgate.Bench.CacheNode.Reading;

/// <summary>Floodgate's cache with leases, filled as a service fills it.</summary>
internal sealed class LeaseReads(
    [FromKeyedServices(Item.Lasting)] LeaseCache<long, Item> lasting, [FromKeyedServices(Item.Brief)] LeaseCache<long, Item> brief,
    ItemOrigin origin, PostgresNodes nodes) : IReadMode
{
    /// <summary>What <see cref="ReadAsync"/> calls a value that was had without Redis.</summary>
    public const string WithoutRedis = "without-redis";

    /// <inheritdoc/>
    public string Name => ModeName.Leases;

    /// <inheritdoc/>
    public async ValueTask<(Item? Item, string Source)> ReadAsync(long id, Wish wish, CancellationToken cancellationToken)
    {
        var read = await Of(wish.Brief).GetAsync(id, (request, token) => FillAsync(id, request, wish.OriginTime, token), new CacheRead(wish.AtLeast), cancellationToken);
        return (read.Value, NameOf(read.Source));
    }

    /// <summary>Reads several items at once.</summary>
    public async ValueTask<Cached<Item>[]> ReadManyAsync(IReadOnlyList<long> ids, Wish wish, CancellationToken cancellationToken) =>
        await Of(wish.Brief).GetManyAsync(ids, (keys, request, token) => FillAsync(keys, request, wish.OriginTime, token), new CacheRead(wish.AtLeast), cancellationToken);

    /// <inheritdoc/>
    public async Task WarmAsync(IReadOnlyList<long> ids, bool isBrief, CancellationToken cancellationToken) =>
        await ReadManyAsync(ids, new Wish(isBrief, TimeSpan.Zero, default), cancellationToken);

    /// <inheritdoc/>
    public Task WrittenAsync(IReadOnlyList<long> ids, bool isBrief, CommittedWrite write, CancellationToken cancellationToken) =>
        Task.WhenAll(ids.Select(id => Of(isBrief).InvalidateAsync(id, write, cancellationToken)));

    /// <inheritdoc/>
    public void Forget()
    {
        // What it keeps in the process is gone within LeaseCacheOptions.HoldFor.
    }

    private LeaseCache<long, Item> Of(bool isBrief) => isBrief ? brief : lasting;

    private async Task<Filled<Item>> FillAsync(long id, FillRequest request, TimeSpan originTime, CancellationToken cancellationToken)
    {
        var read = await origin.LoadAsync([id], Where(request), originTime, cancellationToken);
        return new Filled<Item>(read.Value.GetValueOrDefault(id), read.Holds, read.Position);
    }

    private async Task<Filled<long, Item>> FillAsync(
        IReadOnlyList<long> ids, FillRequest request, TimeSpan originTime, CancellationToken cancellationToken)
    {
        var read = await origin.LoadAsync(ids, Where(request), originTime, cancellationToken);
        return new Filled<long, Item>(read.Value, read.Holds, read.Position);
    }

    private NodeRead Where(FillRequest request) =>
        request.FromPrimary ? NodeRead.Primary with { AtLeast = request.AtLeast } : new NodeRead(nodes.NextReplica(), request.AtLeast);

    private static string NameOf(CacheSource source) => source switch
    {
        CacheSource.Hit => "hit",
        CacheSource.InProcess => "in-process",
        CacheSource.Stale => "stale",
        CacheSource.Filled => "filled",
        CacheSource.Waited => "waited",
        _ => WithoutRedis,
    };
}
