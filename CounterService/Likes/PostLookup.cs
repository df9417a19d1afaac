using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Lookups;
using Floodgate.Nodes;
using Floodgate.Sessions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Floodgate.CounterService.Likes;

/// <summary>
/// Whether a post exists: remembered for a short time if it does; else asked of a replica, many at once, and of the
/// primary what the replica does not have. A post is remembered with the position it was seen at: who likes it has seen
/// it, and must not meet a replica later that does not have it yet.
/// </summary>
internal sealed class PostLookup
{
    private const string Sql = "SELECT id FROM posts WHERE id = ANY ($1) AND deleted_at IS NULL";

    private readonly ConcurrentDictionary<long, Sighting> _known = new();
    private readonly NodeReader _reader;
    private readonly PostgresNodes _nodes;
    private readonly CounterOptions _options;
    private readonly TimeProvider _time;
    private readonly BatchedLookup<long, WalPosition?> _lookup;

    public PostLookup(NodeReader reader, PostgresNodes nodes, IOptions<CounterOptions> options, TimeProvider time)
    {
        _reader = reader;
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
        var found = new Dictionary<long, WalPosition>(posts.Count);
        if (_nodes.NextReplica() is { } replica)
        {
            try
            {
                await FindOnAsync(replica, posts, found, _options.LookupTimeout / 2);
            }
            catch (Exception exception) when (exception is TimeoutException or NodeUnavailableException)
            {
                // A replica that hangs has found nothing: the primary is asked for all.
            }
        }

        if (posts.Where(post => !found.ContainsKey(post)).ToList() is { Count: > 0 } missing)
        {
            await FindOnAsync(null, missing, found, _options.LookupTimeout);
        }

        Remember(found);
        return [.. posts.Select(post => found.TryGetValue(post, out var at) ? at : (WalPosition?)null)];
    }

    // A replica that is down or replaying against us: the reader goes to the primary, which knows all.
    private async Task FindOnAsync(string? node, IReadOnlyList<long> posts, Dictionary<long, WalPosition> found, TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        try
        {
            var read = await _reader.ReadAsync(
                new NodeRead(node, WalPosition.None),
                batch => batch.BatchCommands.Add(new NpgsqlBatchCommand(Sql)
                {
                    Parameters = { new NpgsqlParameter<long[]> { TypedValue = [.. posts] } },
                }),
                ReadIdsAsync,
                limit.Token);
            foreach (var post in read.Value)
            {
                found[post] = read.Position;
            }
        }
        catch (OperationCanceledException exception)
        {
            throw new TimeoutException($"No answer within {patience}.", exception);
        }
    }

    private static async Task<List<long>> ReadIdsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var ids = new List<long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            ids.Add(reader.GetInt64(0));
        }

        return ids;
    }

    // Full: forgotten as a whole, which costs one query for what is asked next. No bookkeeping on the hot path.
    private void Remember(Dictionary<long, WalPosition> posts)
    {
        if (_known.Count + posts.Count > _options.KnownPosts)
        {
            _known.Clear();
        }

        if (posts.Count <= _options.KnownPosts)
        {
            var now = _time.GetTimestamp();
            foreach (var (post, at) in posts)
            {
                _known[post] = new Sighting(now, at);
            }
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Sighting(long Since, WalPosition At);
}
