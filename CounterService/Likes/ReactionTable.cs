using Floodgate.CounterService.Hosting;
using Floodgate.Nodes;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Floodgate.CounterService.Likes;

/// <summary>The reactions as the primary has them.</summary>
internal sealed class ReactionTable(PostgresNodes nodes, IOptions<CounterOptions> options) : IReactionSource
{
    private const string Sql = """
        SELECT i.n, r.liked, r.version
        FROM unnest($1, $2) WITH ORDINALITY AS i (user_id, post_id, n)
        JOIN reactions r ON r.user_id = i.user_id AND r.post_id = i.post_id
        """;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<FlushedReaction>> ReadAsync(IReadOnlyList<Pair> pairs)
    {
        using var limit = new CancellationTokenSource(options.Value.LookupTimeout);
        await using var command = nodes.Primary.CreateCommand(Sql);
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
