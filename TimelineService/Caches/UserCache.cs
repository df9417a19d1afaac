using System.Text.Json.Serialization;
using Floodgate.Leases;
using Floodgate.Leases.Origin;
using Floodgate.Nodes;
using Floodgate.TimelineService.Users;
using Npgsql;

namespace Floodgate.TimelineService.Caches;

[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(User))]
internal sealed partial class UserJson : JsonSerializerContext;

/// <summary>Users with how many follow them and whom they follow, through the lease cache: however many ask, the follows are counted once.</summary>
internal sealed class UserCache([FromKeyedServices(UserCache.EntityName)] LeaseCache<long, User> cache, NodeReader reader)
{
    public const string EntityName = "user";

    private const string Sql = """
        SELECT u.id, u.name,
            (SELECT count(*) FROM follows f WHERE f.followee = u.id),
            (SELECT count(*) FROM follows f WHERE f.follower = u.id)
        FROM users u WHERE u.id = ANY ($1)
        """;

    public static CacheEntity<long, User> Entity { get; } = new(EntityName, 1, CacheOfRows.TextOf, new JsonCacheCodec<User>(UserJson.Default.User));

    /// <summary>The users, by id.</summary>
    public NodeCache<long, User> Users { get; } = CacheOfRows.Of(cache, reader, Sql, ReadAsync);

    private static async Task<Dictionary<long, User>> ReadAsync(NpgsqlDataReader row, CancellationToken cancellationToken)
    {
        var users = new Dictionary<long, User>();
        while (await row.ReadAsync(cancellationToken))
        {
            users.Add(row.GetInt64(0), new User(row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3)));
        }

        return users;
    }
}
