using System.Text.Json.Serialization;
using Floodgate.Leases;
using Floodgate.Leases.Origin;
using Floodgate.Nodes;
using Npgsql;

namespace Floodgate.TimelineService.Caches;

/// <summary>The newest posts of an author.</summary>
/// <param name="Ids">Their ids, newest first.</param>
/// <param name="Whole">Whether there are no others.</param>
internal sealed record AuthorPage([property: JsonPropertyName("i")] long[] Ids, [property: JsonPropertyName("w")] bool Whole);

[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(AuthorPage))]
internal sealed partial class AuthorPageJson : JsonSerializerContext;

/// <summary>The newest posts of each author, through the lease cache; older ones come from SQL. A user who does not exist has none.</summary>
internal sealed class AuthorPages([FromKeyedServices(AuthorPages.EntityName)] LeaseCache<long, AuthorPage> cache, NodeReader reader)
{
    public const string EntityName = "author-posts";

    // The largest page, and one more to know whether there is another.
    private const int Most = 101;

    private static readonly string Sql = $"""
        SELECT u.id, array(SELECT p.id FROM posts p WHERE p.author = u.id AND p.deleted_at IS NULL ORDER BY p.id DESC LIMIT {Most})
        FROM users u WHERE u.id = ANY ($1)
        """;

    public static CacheEntity<long, AuthorPage> Entity { get; } =
        new(EntityName, 1, CacheOfRows.TextOf, new JsonCacheCodec<AuthorPage>(AuthorPageJson.Default.AuthorPage));

    /// <summary>The pages, by author.</summary>
    public NodeCache<long, AuthorPage> Pages { get; } = CacheOfRows.Of(cache, reader, Sql, ReadAsync);

    private static async Task<Dictionary<long, AuthorPage>> ReadAsync(NpgsqlDataReader row, CancellationToken cancellationToken)
    {
        var pages = new Dictionary<long, AuthorPage>();
        while (await row.ReadAsync(cancellationToken))
        {
            var ids = row.GetFieldValue<long[]>(1);
            pages.Add(row.GetInt64(0), new AuthorPage(ids, ids.Length < Most));
        }

        return pages;
    }
}
