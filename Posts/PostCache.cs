using Floodgate.Leases;
using Floodgate.Leases.Origin;
using Floodgate.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Floodgate.Posts;

/// <summary>Posts, through the lease cache: TimelineService shows them, CounterService asks whether they are there.</summary>
/// <param name="cache">The cache of the entity.</param>
/// <param name="reader">Reads at nodes.</param>
public sealed class PostCache([FromKeyedServices(PostCache.EntityName)] LeaseCache<long, StoredPost> cache, NodeReader reader)
{
    /// <summary>The name of the entity.</summary>
    public const string EntityName = "post";

    private const string Sql = "SELECT id, author, text, created_at, edited_at, deleted_at IS NOT NULL FROM posts WHERE id = ANY ($1)";

    /// <summary>How posts are kept in Redis.</summary>
    public static CacheEntity<long, StoredPost> Entity { get; } =
        new(EntityName, 1, CacheOfRows.TextOf, new JsonCacheCodec<StoredPost>(StoredPostJson.Default.StoredPost));

    /// <summary>The posts, by id; also those that were deleted.</summary>
    public NodeCache<long, StoredPost> Posts { get; } = CacheOfRows.Of(cache, reader, Sql, ReadAsync);

    private static async Task<Dictionary<long, StoredPost>> ReadAsync(NpgsqlDataReader row, CancellationToken cancellationToken)
    {
        var posts = new Dictionary<long, StoredPost>();
        while (await row.ReadAsync(cancellationToken))
        {
            var deleted = row.GetBoolean(5);
            posts.Add(row.GetInt64(0), new StoredPost(
                row.GetInt64(0), row.GetInt64(1), deleted ? "" : row.GetString(2), row.GetDateTime(3), row.IsDBNull(4) ? null : row.GetDateTime(4), deleted));
        }

        return posts;
    }
}
