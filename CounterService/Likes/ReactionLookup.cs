using System.Runtime.InteropServices;
using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Lookups;
using Floodgate.Nodes;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Floodgate.CounterService.Likes;

/// <summary>A (user, post) pair.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Pair(long User, long Post);

/// <summary>A pair as the flush left it; version 0 where it never was.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FlushedReaction(bool Liked, long Version);

/// <summary>Looks up pairs that Redis does not know, many in one query. Such a pair was not written for long, so any node will do.</summary>
internal sealed class ReactionLookup
{
    private const string Sql = """
        SELECT i.n, r.liked, r.version
        FROM unnest($1, $2) WITH ORDINALITY AS i (user_id, post_id, n)
        JOIN reactions r ON r.user_id = i.user_id AND r.post_id = i.post_id
        """;

    private readonly PostgresNodes _nodes;
    private readonly TimeSpan _timeout;
    private readonly BatchedLookup<Pair, FlushedReaction> _lookup;

    public ReactionLookup(PostgresNodes nodes, IOptions<CounterOptions> options)
    {
        _nodes = nodes;
        _timeout = options.Value.LookupTimeout;
        _lookup = new BatchedLookup<Pair, FlushedReaction>("reactions", QueryAsync);
    }

    /// <summary>Looks up a pair.</summary>
    /// <exception cref="Exception">The primary does not answer in time.</exception>
    public Task<FlushedReaction> GetAsync(long user, long post) => _lookup.GetAsync(new Pair(user, post));

    private async Task<IReadOnlyList<FlushedReaction>> QueryAsync(IReadOnlyList<Pair> pairs)
    {
        using var limit = new CancellationTokenSource(_timeout);
        await using var command = _nodes.Primary.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. pairs.Select(pair => pair.User)] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. pairs.Select(pair => pair.Post)] });
        await using var reader = await command.ExecuteReaderAsync(limit.Token);
        var found = new FlushedReaction[pairs.Count];
        while (await reader.ReadAsync(limit.Token))
        {
            found[reader.GetInt64(0) - 1] = new FlushedReaction(reader.GetBoolean(1), reader.GetInt64(2));
        }

        return found;
    }
}
