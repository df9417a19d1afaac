using Floodgate.Nodes;
using Npgsql;

namespace Floodgate.TimelineService.Oracle;

/// <summary>
/// What home timelines are by definition, in plain SQL that shares nothing with what serves them, and what PostgreSQL knows to be on its way.
/// </summary>
internal sealed class TimelineTruth(NodeReader reader)
{
    // The start of ids, and their form: Schema/Migrations/001_users_follows_posts.sql.
    private const string Now = "SELECT (floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - 1735689600000) << 12";

    // For each author out of the index; the lower bound keeps it to the stretch that is compared.
    private const string Timeline = """
        WITH author AS (SELECT $1::bigint AS id UNION SELECT followee FROM follows WHERE follower = $1)
        SELECT post.id FROM author CROSS JOIN LATERAL (
            SELECT p.id FROM posts p WHERE p.author = author.id AND p.deleted_at IS NULL AND p.id >= $2 AND p.id < $3 ORDER BY p.id DESC LIMIT $4) AS post
        ORDER BY post.id DESC LIMIT $4
        """;

    private const string OnTheirWay = """
        SELECT o.post_id, p.id FROM outbox o LEFT JOIN posts p ON o.kind IN ('pull', 'backfill') AND p.author = o.user_id AND p.id = ANY ($1)
        WHERE o.post_id = ANY ($1) OR (o.kind = 'follow' AND o.user_id = $2) OR p.id IS NOT NULL
        """;

    /// <summary>
    /// The primary's clock as a post's id: posts created from now on have no smaller one. <see cref="ReadAt{T}.Holds"/> is the primary's position before it.
    /// </summary>
    /// <exception cref="NodeUnavailableException">The primary does not answer.</exception>
    public async Task<ReadAt<long>> NowAsync(CancellationToken cancellationToken)
    {
        var read = await reader.ReadAsync(
            NodeRead.Primary,
            batch => batch.BatchCommands.Add(new NpgsqlBatchCommand(Now)),
            async (row, token) => await row.ReadAsync(token) ? row.GetInt64(0) : 0,
            cancellationToken);
        return read.FromPrimary ? read : throw new NodeUnavailableException(read.Node, "It does not take writes.");
    }

    /// <summary>The newest ids of a home timeline from one id on and below another one.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="from">The lowest id.</param>
    /// <param name="below">One more than the largest id.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="where">The node, and how far it must be.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    public Task<ReadAt<TrueTimeline>> ReadAsync(long user, long from, long below, int limit, NodeRead where, CancellationToken cancellationToken) =>
        reader.ReadAsync(
            where,
            batch => batch.BatchCommands.Add(new NpgsqlBatchCommand(Timeline)
            {
                Parameters =
                {
                    new NpgsqlParameter<long> { TypedValue = user },
                    new NpgsqlParameter<long> { TypedValue = from },
                    new NpgsqlParameter<long> { TypedValue = below },
                    new NpgsqlParameter<int> { TypedValue = limit },
                },
            }),
            async (row, token) =>
            {
                var ids = new List<long>();
                while (await row.ReadAsync(token))
                {
                    ids.Add(row.GetInt64(0));
                }

                return new TrueTimeline(ids, ids.Count < limit);
            },
            cancellationToken);

    /// <summary>
    /// Of these posts those that the outbox still speaks of, or of how their authors' posts reach readers; all, where it speaks of whom the user follows.
    /// </summary>
    /// <exception cref="NodeUnavailableException">The primary does not answer.</exception>
    public async Task<HashSet<long>> OnTheirWayAsync(long user, long[] posts, CancellationToken cancellationToken)
    {
        var read = await reader.ReadAsync(
            NodeRead.Primary,
            batch => batch.BatchCommands.Add(new NpgsqlBatchCommand(OnTheirWay)
            {
                Parameters = { new NpgsqlParameter<long[]> { TypedValue = posts }, new NpgsqlParameter<long> { TypedValue = user } },
            }),
            async (row, token) =>
            {
                var found = new HashSet<long>();
                while (await row.ReadAsync(token))
                {
                    if (row.IsDBNull(0) && row.IsDBNull(1))
                    {
                        found.UnionWith(posts);
                    }
                    else
                    {
                        found.Add(row.GetInt64(row.IsDBNull(1) ? 0 : 1));
                    }
                }

                return found;
            },
            cancellationToken);
        return read.Value;
    }
}
