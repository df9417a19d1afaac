using Floodgate.CounterService.Hosting;
using Floodgate.Nodes;
using Floodgate.VisibleValues.Reactions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Floodgate.CounterService.Likes;

/// <summary>The pairs of users, as the primary has them.</summary>
internal sealed class StoredReactionTable(PostgresNodes nodes, IOptions<CounterOptions> options) : IStoredReactionSource
{
    // One more than is filled in shows whether there are older ones.
    private const string Sql = """
        SELECT i.n, r.post_id, r.liked, r.version
        FROM unnest($1) WITH ORDINALITY AS i (user_id, n)
        CROSS JOIN LATERAL (
            SELECT post_id, liked, version FROM reactions WHERE user_id = i.user_id ORDER BY post_id DESC LIMIT $2 + 1) AS r
        ORDER BY i.n, r.post_id DESC
        """;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredReactions>> ReadAsync(IReadOnlyList<long> users)
    {
        using var limit = new CancellationTokenSource(options.Value.LookupTimeout);
        await using var command = nodes.Primary.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. users] });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = options.Value.FilledPairs });
        await using var reader = await command.ExecuteReaderAsync(limit.Token);
        var found = users.Select(_ => new List<StoredReaction>()).ToArray();
        while (await reader.ReadAsync(limit.Token))
        {
            found[reader.GetInt64(0) - 1].Add(new StoredReaction(reader.GetInt64(1), reader.GetBoolean(2), reader.GetInt64(3)));
        }

        return Array.ConvertAll(found, Of);
    }

    private StoredReactions Of(List<StoredReaction> pairs)
    {
        var most = options.Value.FilledPairs;
        return pairs.Count <= most ? new StoredReactions(0, pairs) : new StoredReactions(pairs[most - 1].Post, pairs.GetRange(0, most));
    }
}
