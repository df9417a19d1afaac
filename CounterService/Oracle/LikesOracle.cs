using System.Globalization;
using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Reading;
using Floodgate.Messaging.Counters;
using Floodgate.Nodes;
using Floodgate.Problems;
using Npgsql;

namespace Floodgate.CounterService.Oracle;

/// <summary>Three answers to one question: the rows that are liked, the sum of the flushed slots, and what a reader is shown.</summary>
internal sealed record LikesCheck(long Reactions, long Slots, long Visible);

/// <summary><c>GET /internal/oracle/likes?posts=1,2,3</c>: compares the likes of posts, in one snapshot of the primary.</summary>
internal sealed class LikesOracle(PostgresNodes nodes, ValueReader values)
{
    private const int MostPosts = 500;
    private const string Sql = """
        SELECT i.post_id,
            (SELECT count(*) FROM reactions r WHERE r.post_id = i.post_id AND r.liked),
            (SELECT coalesce(sum(s.value), 0)::bigint FROM counter_slots s WHERE s.name = $2 AND s.key = i.post_id::text)
        FROM unnest($1) AS i (post_id)
        """;

    /// <summary>Answers the call.</summary>
    public async Task<IResult> CheckAsync(string? posts, CancellationToken cancellationToken)
    {
        if (Ids.ParseList(posts, MostPosts) is not { } ids)
        {
            return Problem.Invalid("posts", $"These are 1 to {MostPosts} ids with commas between.");
        }

        await using var command = nodes.Primary.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. ids] });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = CounterId.LikesName });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var flushed = new Dictionary<long, (long Reactions, long Slots)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            flushed[reader.GetInt64(0)] = (reader.GetInt64(1), reader.GetInt64(2));
        }

        var visible = await values.ReadAsync([.. ids.Select(CounterId.Likes)]);
        var answer = new Dictionary<string, LikesCheck>(ids.Count, StringComparer.Ordinal);
        for (var i = 0; i < ids.Count; i++)
        {
            var (reactions, slots) = flushed[ids[i]];
            answer.Add(ids[i].ToString(CultureInfo.InvariantCulture), new LikesCheck(reactions, slots, visible[i]));
        }

        return TypedResults.Json(answer, CounterJson.Default.DictionaryStringLikesCheck);
    }
}
