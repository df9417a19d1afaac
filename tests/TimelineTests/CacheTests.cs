using Floodgate.Leases.Origin;
using Floodgate.Posts;
using Floodgate.Sessions;

namespace Floodgate.TimelineTests;

/// <summary>What the service reads through its caches, and that they learn of writes.</summary>
public sealed class CacheTests(Servers servers)
{
    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_post_is_read_from_the_cache_from_its_creation_on()
    {
        await using var instance = await TimelineInstance.StartAsync(servers);
        var ann = servers.NewUser();
        await instance.CreateUserAsync(ann);
        await instance.KnowsFloorAsync();
        var (post, edits) = (0L, 0);

        // On a busy machine the relay may tell of a write before its request does, and then the value is left to the next reader: not as a rule.
        await Eventually.BecomesAsync(async () =>
        {
            post = await instance.PostAsync(ann, "first");
            var read = await ReadAsync(instance, $"/posts/{post}");
            Assert.Equal("first", read.Text);
            return read.Node == NodeCache<long, StoredPost>.CacheNode;
        });
        await Eventually.BecomesAsync(async () =>
        {
            var text = $"edit {++edits}";
            (await instance.SendAsync(HttpMethod.Patch, $"/posts/{post}", ann, new { text })).EnsureSuccessStatusCode();
            var edited = await ReadAsync(instance, $"/posts/{post}");
            Assert.Equal(text, edited.Text);
            return edited.Node == NodeCache<long, StoredPost>.CacheNode;
        });
    }

    [Fact]
    public async Task A_strong_read_is_one_of_the_primary()
    {
        // A relay would tell the cache of the post once more.
        await using var instance = await TimelineInstance.StartAsync(servers, works: false);
        var ann = servers.NewUser();
        await instance.CreateUserAsync(ann);
        await instance.KnowsFloorAsync();
        var post = await instance.PostAsync(ann, "text");

        // Nobody told the cache of this.
        await ExecuteAsync($"UPDATE posts SET text = 'changed' WHERE id = {post}");

        Assert.Equal("text", (await ReadAsync(instance, $"/posts/{post}")).Text);
        var strong = await ReadAsync(instance, $"/posts/{post}", (InternalHeaders.Node, "primary"), (InternalHeaders.PastCaches, "1"));
        Assert.Equal(("changed", "primary"), (strong.Text, strong.Node));
    }

    [Theory]
    [InlineData("edit")]
    [InlineData("user")]
    public async Task What_an_instance_that_died_could_not_tell_another_one_does(string kind)
    {
        await using var instance = await TimelineInstance.StartAsync(servers);
        var ann = servers.NewUser();
        await instance.CreateUserAsync(ann);
        var post = await instance.PostAsync(ann, "before");
        var path = kind == "edit" ? $"/posts/{post}" : $"/users/{ann}";
        await ReadAsync(instance, path);

        await ExecuteAsync(kind == "edit"
            ? $"WITH c AS (UPDATE posts SET text = 'after' WHERE id = {post}) INSERT INTO outbox (kind, user_id, post_id, created_at) VALUES ('edit', {ann}, {post}, now() - interval '1 hour')"
            : $"WITH c AS (UPDATE users SET name = 'after' WHERE id = {ann}) INSERT INTO outbox (kind, user_id, created_at) VALUES ('user', {ann}, now() - interval '1 hour')");
        await instance.DrainAsync();

        Assert.Equal("after", (await ReadAsync(instance, path)).Text);
    }

    [Fact]
    public async Task A_follow_shows_on_both_users_at_once()
    {
        await using var instance = await TimelineInstance.StartAsync(servers);
        var (ann, bob) = (servers.NewUser(), servers.NewUser());
        await instance.CreateUserAsync(ann, bob);
        await CountsAsync(instance, ann);
        await CountsAsync(instance, bob);

        await instance.FollowAsync(ann, bob);

        Assert.Equal((0, 1), await CountsAsync(instance, ann));
        Assert.Equal((1, 0), await CountsAsync(instance, bob));
        await instance.UnfollowAsync(ann, bob);
        Assert.Equal((0, 0), await CountsAsync(instance, ann));
        Assert.Equal((0, 0), await CountsAsync(instance, bob));
    }

    [Fact]
    public async Task The_newest_posts_of_an_author_come_from_the_cache_and_the_older_ones_from_SQL()
    {
        await using var instance = await TimelineInstance.StartAsync(servers);
        var ann = servers.NewUser();
        await instance.CreateUserAsync(ann);
        await ExecuteAsync($"INSERT INTO posts (author, text) SELECT {ann}, 'text ' || i FROM generate_series(1, 150) i");
        var newest = await instance.PostAsync(ann, "newest");

        var ids = new List<long>();
        string? next = null;
        do
        {
            var response = await instance.SendAsync(HttpMethod.Get, $"/users/{ann}/posts?limit=40{(next is null ? "" : $"&before={next}")}", ann);
            var page = await TimelineInstance.JsonAsync(response);
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetInt64()));
            next = page.GetProperty("next").GetString();
        }
        while (next is not null);

        Assert.Equal(151, ids.Distinct().Count());
        Assert.Equal(newest, ids[0]);
        Assert.Equal(ids.OrderDescending(), ids);
    }

    [Fact]
    public async Task The_caches_are_part_of_the_status()
    {
        await using var instance = await TimelineInstance.StartAsync(servers);
        var ann = servers.NewUser();
        await instance.CreateUserAsync(ann);
        await ReadAsync(instance, $"/users/{ann}");

        var caches = (await TimelineInstance.JsonAsync(await instance.SendAsync(HttpMethod.Get, "/internal/status"))).GetProperty("caches");

        Assert.True(caches.GetProperty("redisAnswers").GetBoolean());
        var user = caches.GetProperty("entities").EnumerateArray().Single(entity => entity.GetProperty("entity").GetString() == "user");
        Assert.True(user.GetProperty("originCalls").GetInt64() >= 1);
    }

    private static async Task<(string? Text, string? Node)> ReadAsync(TimelineInstance instance, string path, params (string, string)[] headers)
    {
        var response = await instance.SendAsync(HttpMethod.Get, path, user: 1, body: null, headers);
        response.EnsureSuccessStatusCode();
        var value = await TimelineInstance.JsonAsync(response);
        var text = value.TryGetProperty("text", out var of) ? of : value.GetProperty("name");
        return (text.GetString(), response.Headers.TryGetValues(InternalHeaders.Node, out var nodes) ? nodes.Single() : null);
    }

    private static async Task<(long Followers, long Following)> CountsAsync(TimelineInstance instance, long user)
    {
        var value = await TimelineInstance.JsonAsync(await instance.SendAsync(HttpMethod.Get, $"/users/{user}", user));
        return (value.GetProperty("followers").GetInt64(), value.GetProperty("following").GetInt64());
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new Npgsql.NpgsqlConnection(servers.Primary);
        await connection.OpenAsync(Patience);
        await using var command = new Npgsql.NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Patience);
    }
}
