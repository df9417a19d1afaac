using Floodgate.Nodes;
using Npgsql;

namespace Floodgate.TimelineService.Posts;

/// <summary>Reads posts.</summary>
internal sealed class PostQueries(NodeReader reader)
{
    /// <summary>The columns that <see cref="Read"/> reads, in order, of a table named p.</summary>
    public const string Columns = "p.id, p.author, p.text, p.created_at, p.edited_at";

    private const string OfAuthor =
        $"SELECT {Columns} FROM posts p WHERE p.author = $1 AND p.deleted_at IS NULL AND p.id < $2 ORDER BY p.id DESC LIMIT $3";

    private const string UserExists = "SELECT 1 FROM users WHERE id = $1";

    /// <summary>A user's posts below an id, newest first; null where there is no such user.</summary>
    public Task<ReadAt<List<Post>?>> OfAuthorAsync(long author, long before, int count, NodeRead where, CancellationToken cancellationToken) =>
        reader.ReadAsync(
            where,
            batch =>
            {
                batch.BatchCommands.Add(new NpgsqlBatchCommand(UserExists) { Parameters = { new NpgsqlParameter<long> { TypedValue = author } } });
                batch.BatchCommands.Add(new NpgsqlBatchCommand(OfAuthor)
                {
                    Parameters =
                    {
                        new NpgsqlParameter<long> { TypedValue = author },
                        new NpgsqlParameter<long> { TypedValue = before },
                        new NpgsqlParameter<int> { TypedValue = count },
                    },
                });
            },
            async (row, token) =>
            {
                if (!await row.ReadAsync(token))
                {
                    return null;
                }

                await row.NextResultAsync(token);
                return await ReadAllAsync(row, token);
            },
            cancellationToken);

    public static Post Read(NpgsqlDataReader row) =>
        new(row.GetInt64(0), row.GetInt64(1), row.GetString(2), row.GetDateTime(3), row.IsDBNull(4) ? null : row.GetDateTime(4));

    public static async Task<List<Post>> ReadAllAsync(NpgsqlDataReader row, CancellationToken cancellationToken)
    {
        var posts = new List<Post>();
        while (await row.ReadAsync(cancellationToken))
        {
            posts.Add(Read(row));
        }

        return posts;
    }
}
