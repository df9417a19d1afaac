using System.Collections.Concurrent;
using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Lookups;
using Floodgate.Nodes;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Floodgate.CounterService.Likes;

/// <summary>
/// Whether a post exists: remembered for a short time if it does; else asked of a replica, many at once, and of the
/// primary what the replica does not have.
/// </summary>
internal sealed class PostLookup
{
    private const string Sql = "SELECT id FROM posts WHERE id = ANY ($1) AND deleted_at IS NULL";

    private readonly ConcurrentDictionary<long, long> _known = new();
    private readonly PostgresNodes _nodes;
    private readonly CounterOptions _options;
    private readonly TimeProvider _time;
    private readonly BatchedLookup<long, bool> _lookup;
    private int _turn;

    public PostLookup(PostgresNodes nodes, IOptions<CounterOptions> options, TimeProvider time)
    {
        _nodes = nodes;
        _options = options.Value;
        _time = time;
        _lookup = new BatchedLookup<long, bool>("posts", QueryAsync);
    }

    /// <summary>How many posts are remembered.</summary>
    public int Known => _known.Count;

    /// <summary>Whether a post exists and is not deleted.</summary>
    /// <exception cref="Exception">No node answers.</exception>
    public ValueTask<bool> ExistsAsync(long post) =>
        _known.TryGetValue(post, out var since) && _time.GetElapsedTime(since) < _options.KnownPostFor
            ? ValueTask.FromResult(true)
            : new ValueTask<bool>(_lookup.GetAsync(post));

    private async Task<IReadOnlyList<bool>> QueryAsync(IReadOnlyList<long> posts)
    {
        var found = new HashSet<long>();
        if (_nodes.Replicas is { Count: > 0 } replicas)
        {
            var turn = (uint)Interlocked.Increment(ref _turn);
            try
            {
                _nodes.TryGet(replicas[(int)(turn % (uint)replicas.Count)], out var replica);
                await FindAsync(replica!, posts, found);
            }
            catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException or TimeoutException or IOException)
            {
                // A replica that is down or replaying against us: the primary knows all.
            }
        }

        if (posts.Where(post => !found.Contains(post)).ToList() is { Count: > 0 } missing)
        {
            await FindAsync(_nodes.Primary, missing, found);
        }

        Remember(found);
        return [.. posts.Select(found.Contains)];
    }

    private async Task FindAsync(NpgsqlDataSource node, IReadOnlyList<long> posts, HashSet<long> found)
    {
        using var limit = new CancellationTokenSource(_options.LookupTimeout);
        try
        {
            await using var command = node.CreateCommand(Sql);
            command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. posts] });
            await using var reader = await command.ExecuteReaderAsync(limit.Token);
            while (await reader.ReadAsync(limit.Token))
            {
                found.Add(reader.GetInt64(0));
            }
        }
        catch (OperationCanceledException exception)
        {
            throw new TimeoutException($"No answer within {_options.LookupTimeout}.", exception);
        }
    }

    // Full: forgotten as a whole, which costs one query for what is asked next. No bookkeeping on the hot path.
    private void Remember(HashSet<long> posts)
    {
        if (_known.Count + posts.Count > _options.KnownPosts)
        {
            _known.Clear();
        }

        if (posts.Count <= _options.KnownPosts)
        {
            var now = _time.GetTimestamp();
            foreach (var post in posts)
            {
                _known[post] = now;
            }
        }
    }
}
