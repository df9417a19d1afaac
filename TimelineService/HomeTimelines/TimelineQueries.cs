using System.Runtime.InteropServices;
using Floodgate.Nodes;
using Floodgate.TimelineService.Posts;
using Npgsql;

namespace Floodgate.TimelineService.HomeTimelines;

/// <summary>One candidate of a page.</summary>
/// <param name="Post">The post.</param>
/// <param name="Deleted">Whether it was deleted.</param>
/// <param name="Wanted">Whether the reader wrote it or follows its author.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Candidate(Post Post, bool Deleted, bool Wanted);

/// <summary>Home timelines in SQL: what defines them, and what the ids in Redis are checked against.</summary>
internal sealed class TimelineQueries(NodeReader reader)
{
    // The newest n posts are of the n authors whose newest posts are the newest: one look into the index for each author, and up to n posts of those only.
    private const string Newest = """
        SELECT p.id FROM (
            SELECT a.author FROM (SELECT $1::bigint AS author UNION ALL SELECT followee FROM follows WHERE follower = $1) a
            CROSS JOIN LATERAL (
                SELECT id FROM posts WHERE author = a.author AND deleted_at IS NULL AND id < $2 ORDER BY id DESC LIMIT 1) newest
            ORDER BY newest.id DESC LIMIT $3) a
        CROSS JOIN LATERAL (
            SELECT id FROM posts WHERE author = a.author AND deleted_at IS NULL AND id < $2 ORDER BY id DESC LIMIT $3) p
        ORDER BY p.id DESC LIMIT $3
        """;

    private const string NewestOfAuthor = "SELECT id FROM posts WHERE author = $1 AND deleted_at IS NULL ORDER BY id DESC LIMIT $2";

    private const string NewestPosts =
        $"SELECT {PostQueries.Columns} FROM posts p WHERE p.id IN ({Newest}) AND p.deleted_at IS NULL ORDER BY p.id DESC";

    private const string Candidates = $"""
        SELECT {PostQueries.Columns}, p.deleted_at IS NOT NULL,
            p.author = $1 OR EXISTS (SELECT 1 FROM follows f WHERE f.follower = $1 AND f.followee = p.author)
        FROM posts p WHERE p.id = ANY ($2)
        """;

    /// <summary>The ids of a home timeline below an id, newest first.</summary>
    public Task<ReadAt<List<long>>> IdsAsync(long user, long before, int count, NodeRead where, CancellationToken cancellationToken) =>
        reader.ReadAsync(
            where,
            batch => batch.BatchCommands.Add(Page(Newest, user, before, count)),
            ReadIdsAsync,
            cancellationToken);

    /// <summary>The newest ids of an author.</summary>
    public Task<ReadAt<List<long>>> OfAuthorAsync(long author, int count, NodeRead where, CancellationToken cancellationToken) =>
        reader.ReadAsync(
            where,
            batch => batch.BatchCommands.Add(new NpgsqlBatchCommand(NewestOfAuthor)
            {
                Parameters = { new NpgsqlParameter<long> { TypedValue = author }, new NpgsqlParameter<int> { TypedValue = count } },
            }),
            ReadIdsAsync,
            cancellationToken);

    public static async Task<List<long>> ReadIdsAsync(NpgsqlDataReader row, CancellationToken cancellationToken)
    {
        var ids = new List<long>();
        while (await row.ReadAsync(cancellationToken))
        {
            ids.Add(row.GetInt64(0));
        }

        return ids;
    }

    /// <summary>The posts of a home timeline below an id, newest first.</summary>
    public Task<ReadAt<List<Post>>> PostsAsync(long user, long before, int count, NodeRead where, CancellationToken cancellationToken) =>
        reader.ReadAsync(where, batch => batch.BatchCommands.Add(Page(NewestPosts, user, before, count)), PostQueries.ReadAllAsync, cancellationToken);

    /// <summary>The posts with these ids, as far as the node has them.</summary>
    public Task<ReadAt<Dictionary<long, Candidate>>> CandidatesAsync(long user, long[] ids, NodeRead where, CancellationToken cancellationToken) =>
        reader.ReadAsync(
            where,
            batch => batch.BatchCommands.Add(new NpgsqlBatchCommand(Candidates)
            {
                Parameters = { new NpgsqlParameter<long> { TypedValue = user }, new NpgsqlParameter<long[]> { TypedValue = ids } },
            }),
            async (row, token) =>
            {
                var found = new Dictionary<long, Candidate>(ids.Length);
                while (await row.ReadAsync(token))
                {
                    var post = PostQueries.Read(row);
                    found[post.Id] = new Candidate(post, row.GetBoolean(5), row.GetBoolean(6));
                }

                return found;
            },
            cancellationToken);

    private static NpgsqlBatchCommand Page(string sql, long user, long before, int count) => new(sql)
    {
        Parameters =
        {
            new NpgsqlParameter<long> { TypedValue = user },
            new NpgsqlParameter<long> { TypedValue = before },
            new NpgsqlParameter<int> { TypedValue = count },
        },
    };
}
