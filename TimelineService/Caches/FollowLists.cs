using Floodgate.Leases;
using Floodgate.Leases.Origin;
using Floodgate.Nodes;
using Npgsql;

namespace Floodgate.TimelineService.Caches;

/// <summary>Whom each user follows, through the lease cache. A user who follows nobody, or does not exist, has none.</summary>
internal sealed class FollowLists([FromKeyedServices(FollowLists.EntityName)] LeaseCache<long, FollowList> cache, NodeReader reader)
{
    public const string EntityName = "follows";

    private const string Sql = "SELECT follower, array_agg(followee ORDER BY followee) FROM follows WHERE follower = ANY ($1) GROUP BY follower";

    public static CacheEntity<long, FollowList> Entity { get; } = new(EntityName, 1, CacheOfRows.TextOf, new FollowListCodec());

    /// <summary>The lists, by follower.</summary>
    public NodeCache<long, FollowList> Lists { get; } = CacheOfRows.Of(cache, reader, Sql, ReadAsync);

    private static async Task<Dictionary<long, FollowList>> ReadAsync(NpgsqlDataReader row, CancellationToken cancellationToken)
    {
        var lists = new Dictionary<long, FollowList>();
        while (await row.ReadAsync(cancellationToken))
        {
            lists.Add(row.GetInt64(0), new FollowList(row.GetFieldValue<long[]>(1)));
        }

        return lists;
    }
}
