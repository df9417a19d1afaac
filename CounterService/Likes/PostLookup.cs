using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Lookups;
using Floodgate.Leases;
using Floodgate.Nodes;
using Floodgate.Posts;
using Floodgate.Sessions;
using Microsoft.Extensions.Options;

namespace Floodgate.CounterService.Likes;

/// <summary>
/// Whether a post exists: remembered for a moment if it does; else asked of the cache of posts, many at once. A post is remembered with the position it was seen at: who likes it has seen
/// it, and must not meet a replica later that does not have it yet.
/// </summary>
internal sealed class PostLookup
{
    // Redis, a replica and the primary are asked one after the other, where each leaves the answer to the next.
    private const int Servers = 3;

    private readonly ConcurrentDictionary<long, Sighting> _known = new();
    private readonly PostCache _posts;
    private readonly PostgresNodes _nodes;
    private readonly CounterOptions _options;
    private readonly TimeProvider _time;
    private readonly BatchedLookup<long, WalPosition?> _lookup;

    public PostLookup(PostCache posts, PostgresNodes nodes, IOptions<CounterOptions> options, TimeProvider time)
    {
        _posts = posts;
        _nodes = nodes;
        _options = options.Value;
        _time = time;
        _lookup = new BatchedLookup<long, WalPosition?>("posts", QueryAsync);
    }

    /// <summary>How many posts are remembered.</summary>
    public int Known => _known.Count;

    /// <summary>Finds a post that is not deleted.</summary>
    /// <returns>The position it was seen at; null where there is no such post.</returns>
    /// <exception cref="Exception">No node answers.</exception>
    public ValueTask<WalPosition?> FindAsync(long post) =>
        _known.TryGetValue(post, out var seen) && _time.GetElapsedTime(seen.Since) < _options.KnownPostFor
            ? ValueTask.FromResult<WalPosition?>(seen.At)
            : new ValueTask<WalPosition?>(LookUpAsync(post));

    // While no node answers, what was seen before is taken to be there still.
    private async Task<WalPosition?> LookUpAsync(long post)
    {
        Sighting seen = default;
        try
        {
            return await _lookup.GetAsync(post);
        }
        catch (Exception) when (_known.TryGetValue(post, out seen))
        {
            return seen.At;
        }
    }

    private async Task<IReadOnlyList<WalPosition?>> QueryAsync(IReadOnlyList<long> posts)
    {
        var patience = _options.LookupTimeout * Servers;
        using var limit = new CancellationTokenSource(patience, _time);
        try
        {
            var read = await _posts.Posts.GetEachAsync(posts, new NodeRead(_nodes.NextReplica(), WalPosition.None), limit.Token);
            var found = Array.ConvertAll(read, post => post.Value is { Deleted: false } ? post.Position : (WalPosition?)null);
            await AskPrimaryAsync(posts, read, found, limit.Token);
            Remember(posts, found);
            return found;
        }
        catch (OperationCanceledException exception)
        {
            throw new TimeoutException($"No answer within {patience}.", exception);
        }
    }

    // While Redis is away nobody says how far a replica must be, and "there is none" may be of before: what is not there may be on its way.
    private async Task AskPrimaryAsync(IReadOnlyList<long> posts, Cached<StoredPost>[] read, WalPosition?[] found, CancellationToken cancellationToken)
    {
        var missing = Enumerable.Range(0, read.Length).Where(i => read[i] is { Value: null, Source: CacheSource.WithoutRedis or CacheSource.Stale }).ToList();
        if (missing.Count == 0)
        {
            return;
        }

        var there = await _posts.Posts.GetManyAsync(missing.ConvertAll(i => posts[i]), NodeRead.Primary with { PastCaches = true }, cancellationToken);
        for (var i = 0; i < missing.Count; i++)
        {
            found[missing[i]] = there.Value[i] is { Deleted: false } ? there.Position : null;
        }
    }

    // Full: forgotten as a whole, which costs one query for what is asked next. No bookkeeping on the hot path.
    private void Remember(IReadOnlyList<long> posts, WalPosition?[] found)
    {
        if (_known.Count + posts.Count > _options.KnownPosts)
        {
            _known.Clear();
        }

        var now = _time.GetTimestamp();
        for (var i = 0; i < found.Length && i < _options.KnownPosts; i++)
        {
            if (found[i] is { } at)
            {
                _known[posts[i]] = new Sighting(now, at);
            }
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Sighting(long Since, WalPosition At);
}
