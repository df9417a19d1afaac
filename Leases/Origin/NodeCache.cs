using System.Runtime.CompilerServices;
using Floodgate.Nodes;
using Floodgate.Sessions;

namespace Floodgate.Leases.Origin;

/// <summary>Loads the values of keys at a node, in one query; keys without a value are left out.</summary>
public delegate Task<ReadAt<Dictionary<TKey, TValue>>> LoadAtNode<TKey, TValue>(IReadOnlyList<TKey> keys, NodeRead where, CancellationToken cancellationToken)
    where TKey : notnull
    where TValue : class;

/// <summary>
/// A lease cache in front of the nodes: what it gives is read as <see cref="NodeReader"/> reads, with the node that answered, or <see cref="CacheNode"/>.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <param name="cache">The cache.</param>
/// <param name="load">Loads what it does not have.</param>
public sealed class NodeCache<TKey, TValue>(LeaseCache<TKey, TValue> cache, LoadAtNode<TKey, TValue> load)
    where TKey : notnull
    where TValue : class
{
    /// <summary>The node that an answer out of the cache names.</summary>
    public const string CacheNode = "cache";

    /// <summary>The reason that an answer out of the cache names.</summary>
    public const string Cached = "cached";

    /// <summary>The cache itself, to tell it of writes.</summary>
    public LeaseCache<TKey, TValue> Cache => cache;

    /// <summary>Finds a value; null where there is none.</summary>
    /// <param name="key">The key.</param>
    /// <param name="where">The node to load it from, what the caller has seen, and whether the cache may answer.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    /// <exception cref="CacheUnavailableException">It could not be had.</exception>
    /// <exception cref="NodeUnavailableException">It was to be read on the primary, which does not answer.</exception>
    public async ValueTask<ReadAt<TValue?>> GetAsync(TKey key, NodeRead where, CancellationToken cancellationToken)
    {
        if (where.PastCaches)
        {
            return Of(await load([key], where, cancellationToken), found => found.GetValueOrDefault(key));
        }

        StrongBox<ReadAt<Dictionary<TKey, TValue>>>? loaded = null;
        var read = await cache.GetAsync(
            key,
            async (request, token) =>
            {
                var filled = await load([key], At(request, where), token);
                loaded = new StrongBox<ReadAt<Dictionary<TKey, TValue>>>(filled);
                return new Filled<TValue>(filled.Value.GetValueOrDefault(key), filled.Holds, filled.Position);
            },
            ReadOf(where),
            cancellationToken);
        return Answer(read.Value, read.Position, loaded);
    }

    /// <summary>Finds a value as of a read index, if this process has it.</summary>
    /// <param name="index">The index.</param>
    /// <param name="key">The key.</param>
    /// <param name="where">What the caller has seen, and whether the cache may answer.</param>
    /// <param name="read">The value; null where there is none.</param>
    /// <returns>Whether this process has it: see <see cref="LeaseCache{TKey,TValue}.TryGetAt"/>.</returns>
    public bool TryGetAt(ReadIndex index, TKey key, NodeRead where, out ReadAt<TValue?> read)
    {
        if (where.PastCaches || !cache.TryGetAt(index, key, out var value))
        {
            read = default;
            return false;
        }

        read = Answer(value.Value, value.Position, loaded: null);
        return true;
    }

    /// <summary>Finds values as of a read index, in the order of their keys, if this process has all of them.</summary>
    /// <param name="index">The index.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="where">What the caller has seen, and whether the cache may answer.</param>
    /// <returns>The values; null where this process does not have them.</returns>
    public ReadAt<TValue?[]>? TryGetManyAt(ReadIndex index, IReadOnlyList<TKey> keys, NodeRead where) =>
        !where.PastCaches && cache.TryGetManyAt(index, keys) is { } read ? Answer(read, cache.History, loaded: null) : null;

    /// <summary>Finds values, in the order of their keys.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="where">The node to load them from, what the caller has seen, and whether the cache may answer.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    /// <exception cref="CacheUnavailableException">One could not be had.</exception>
    /// <exception cref="NodeUnavailableException">They were to be read on the primary, which does not answer.</exception>
    public async ValueTask<ReadAt<TValue?[]>> GetManyAsync(IReadOnlyList<TKey> keys, NodeRead where, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (where.PastCaches)
        {
            return Of(await load(keys, where, cancellationToken), found => keys.Select(key => found.GetValueOrDefault(key)).ToArray());
        }

        StrongBox<ReadAt<Dictionary<TKey, TValue>>>? loaded = null;
        var history = cache.History;
        return Answer(
            await GetEachAsync(keys, where, filled => loaded = new StrongBox<ReadAt<Dictionary<TKey, TValue>>>(filled), cancellationToken), history, loaded);
    }

    /// <summary>Finds values, each with its own position. The cache may always answer.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="where">The node to load them from, and what the caller has seen.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    /// <exception cref="CacheUnavailableException">One could not be had.</exception>
    public ValueTask<Cached<TValue>[]> GetEachAsync(IReadOnlyList<TKey> keys, NodeRead where, CancellationToken cancellationToken) =>
        GetEachAsync(keys, where, static _ => { }, cancellationToken);

    private ValueTask<Cached<TValue>[]> GetEachAsync(
        IReadOnlyList<TKey> keys, NodeRead where, Action<ReadAt<Dictionary<TKey, TValue>>> note, CancellationToken cancellationToken) =>
        cache.GetManyAsync(
            keys,
            async (missing, request, token) =>
            {
                var filled = await load(missing, At(request, where), token);
                note(filled);
                return new Filled<TKey, TValue>(filled.Value, filled.Holds, filled.Position);
            },
            ReadOf(where),
            cancellationToken);

    // Nobody named a node: what is there now.
    private static CacheRead ReadOf(NodeRead where) => new(where.AtLeast) { IsCurrent = where.Node is null };

    private static NodeRead At(FillRequest request, NodeRead where) =>
        request.FromPrimary ? NodeRead.Primary with { AtLeast = request.AtLeast } : where with { AtLeast = request.AtLeast };

    // A box, as a refresh that outlives the call may still write to it.
    private static ReadAt<T> Answer<T>(T value, WalPosition position, StrongBox<ReadAt<Dictionary<TKey, TValue>>>? loaded) =>
        loaded?.Value is { } filled
            ? new ReadAt<T>(value, filled.Node, position, filled.Reason) { FromPrimary = filled.FromPrimary }
            : new ReadAt<T>(value, CacheNode, position, Cached);

    private static ReadAt<TValue?[]> Answer(Cached<TValue>[] read, TimelineHistory history, StrongBox<ReadAt<Dictionary<TKey, TValue>>>? loaded)
    {
        var values = new TValue?[read.Length];
        var position = WalPosition.None;
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = read[i].Value;
            position = position == read[i].Position ? position : history.Furthest(position, read[i].Position);
        }

        return Answer(values, position, loaded);
    }

    private static ReadAt<T> Of<T>(ReadAt<Dictionary<TKey, TValue>> read, Func<Dictionary<TKey, TValue>, T> pick) =>
        new(pick(read.Value), read.Node, read.Position, read.Reason) { FromPrimary = read.FromPrimary, Holds = read.Holds };
}
