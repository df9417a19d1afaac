using System.Collections.Concurrent;
using Floodgate.Bench.CacheNode.Items;
using Floodgate.Bench.CacheNode.Messages;
using Floodgate.Leases;
using Floodgate.Nodes;

namespace Floodgate.Bench.CacheNode.Reading;

/// <summary>
/// What a cache in the process gives that has no second level: values are kept for a time, callers who miss share one query, and a write is known in the
/// process that made it. Of what the other processes keep it knows nothing.
/// </summary>
/// <param name="origin">The items.</param>
/// <param name="nodes">Where to read.</param>
/// <param name="expiries">How long values are kept: as long as the lease cache takes them for fresh.</param>
/// <param name="time">The clock.</param>
internal sealed class InProcessMemory(ItemOrigin origin, PostgresNodes nodes, Expiries expiries, TimeProvider time) : IReadMode
{
    // More than the bench ever reads of; beyond it nothing is kept.
    private const int Most = 2_000_000;

    private readonly ConcurrentDictionary<(long Id, bool Brief), Kept> _kept = new();
    private readonly ConcurrentDictionary<(long Id, bool Brief), Task<Item?>> _flights = new();
    private int _count;

    /// <inheritdoc/>
    public string Name => ModeName.InProcess;

    /// <inheritdoc/>
    public ValueTask<(Item? Item, string Source)> ReadAsync(long id, Wish wish, CancellationToken cancellationToken) =>
        _kept.TryGetValue((id, wish.Brief), out var kept) && time.GetElapsedTime(kept.Since) < expiries.Of(wish.Brief)
            ? ValueTask.FromResult((kept.Item, "kept"))
            : new ValueTask<(Item?, string)>(ShareAsync(id, wish, cancellationToken));

    /// <inheritdoc/>
    public async Task WarmAsync(IReadOnlyList<long> ids, bool brief, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var read = await origin.LoadAsync(ids, new NodeRead(nodes.NextReplica(), default), TimeSpan.Zero, cancellationToken);
        foreach (var id in ids) Keep((id, brief), read.Value.GetValueOrDefault(id), began);
    }

    /// <inheritdoc/>
    public Task WrittenAsync(IReadOnlyList<long> ids, bool brief, CommittedWrite write, CancellationToken cancellationToken)
    {
        foreach (var id in ids) Remove((id, brief));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Forget()
    {
        _kept.Clear();
        Volatile.Write(ref _count, 0);
    }

    private async Task<(Item? Item, string Source)> ShareAsync(long id, Wish wish, CancellationToken cancellationToken)
    {
        var key = (id, wish.Brief);
        var flight = new TaskCompletionSource<Item?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var shared = _flights.GetOrAdd(key, flight.Task);
        if (shared == flight.Task) _ = LoadAsync(key, wish, flight);
        return (await shared.WaitAsync(cancellationToken), shared == flight.Task ? "filled" : "waited");
    }

    private async Task LoadAsync((long Id, bool Brief) key, Wish wish, TaskCompletionSource<Item?> flight)
    {
        try
        {
            var began = time.GetTimestamp();
            var read = await origin.LoadAsync([key.Id], new NodeRead(nodes.NextReplica(), wish.AtLeast), wish.OriginTime, CancellationToken.None);
            var item = read.Value.GetValueOrDefault(key.Id);
            Keep(key, item, began);
            _flights.TryRemove(key, out _);
            flight.SetResult(item);
        }
        catch (Exception exception)
        {
            _flights.TryRemove(key, out _);
            flight.SetException(exception);
        }
    }

    private void Keep((long Id, bool Brief) key, Item? item, long began)
    {
        var kept = new Kept(item, began);
        if (_kept.TryGetValue(key, out var old))
        {
            _kept.TryUpdate(key, kept, old);
        }
        else if (Volatile.Read(ref _count) < Most && _kept.TryAdd(key, kept))
        {
            Interlocked.Increment(ref _count);
        }
    }

    private void Remove((long Id, bool Brief) key)
    {
        if (_kept.TryRemove(key, out _)) Interlocked.Decrement(ref _count);
    }

    private sealed record Kept(Item? Item, long Since);
}
