using Floodgate.TimelineService;
using Floodgate.TimelineService.HomeTimelines;

namespace Floodgate.TimelineTests;

public sealed class HomeTimelineTests(Servers servers)
{
    private static readonly (string, string) SmallCap = ("Floodgate:Timelines:Cap", "20");
    private static readonly (string, string) SmallSlack = ("Floodgate:Timelines:TrimSlack", "5");

    [Fact]
    public async Task A_follow_brings_the_posts_of_before_and_a_post_arrives_by_fan_out()
    {
        await using var instance = await TimelineInstance.StartAsync(servers);
        var (ann, bob) = await TwoUsersAsync(instance);
        var old = await instance.PostAsync(bob);
        Assert.Empty((await instance.PageAsync(ann)).Ids);

        await instance.FollowAsync(ann, bob);
        Assert.Equal([old], (await instance.PageAsync(ann)).Ids);

        var fresh = await instance.PostAsync(bob);
        await instance.DrainAsync();
        Assert.Equal([fresh, old], await instance.StoredAsync(ann));
        Assert.Equal([fresh, old], (await instance.PageAsync(ann)).Ids);
    }

    [Fact]
    public async Task An_own_post_is_there_at_once_without_any_fan_out()
    {
        await using var instance = await TimelineInstance.StartAsync(servers, works: false);
        var (ann, _) = await TwoUsersAsync(instance);
        await instance.PageAsync(ann);

        var post = await instance.PostAsync(ann);

        Assert.Equal([post], (await instance.PageAsync(ann)).Ids);
    }

    [Fact]
    public async Task Pages_go_on_past_the_cap_until_the_very_first_post()
    {
        await using var instance = await TimelineInstance.StartAsync(servers, works: true, SmallCap, SmallSlack);
        var (ann, bob) = await TwoUsersAsync(instance);
        await instance.FollowAsync(ann, bob);
        await instance.PageAsync(ann);
        for (var i = 0; i < 70; i++)
        {
            await instance.PostAsync(i % 3 == 0 ? ann : bob);
        }

        await instance.DrainAsync();

        // Own posts are pushed twice, and count as two until the timeline is settled; several of them may come again together.
        Assert.InRange((await instance.StoredAsync(ann)).Count, 10, 25);
        var oracle = await instance.OracleAsync(ann);
        Assert.Equal(70, oracle.Count);
        foreach (var limit in new[] { 1, 7, 10, 35, 100 })
        {
            Assert.Equal(oracle, await instance.WalkAsync(ann, limit));
        }
    }

    [Fact]
    public async Task A_rebuilt_timeline_that_holds_less_than_there_is_goes_on_in_SQL()
    {
        await using var instance = await TimelineInstance.StartAsync(servers, works: false, SmallCap);
        var (ann, bob) = await TwoUsersAsync(instance);
        for (var i = 0; i < 45; i++)
        {
            await instance.PostAsync(bob);
        }

        await instance.FollowAsync(ann, bob);

        Assert.Equal(await instance.OracleAsync(ann), await instance.WalkAsync(ann, 8));
        Assert.Equal(20, (await instance.StoredAsync(ann)).Count);
    }

    [Fact]
    public async Task A_cursor_is_not_moved_by_new_posts()
    {
        await using var instance = await TimelineInstance.StartAsync(servers);
        var (ann, bob) = await TwoUsersAsync(instance);
        await instance.FollowAsync(ann, bob);
        for (var i = 0; i < 9; i++)
        {
            await instance.PostAsync(bob);
        }

        await instance.DrainAsync();
        var expected = await instance.OracleAsync(ann);
        var seen = new List<long>();
        string? next = null;
        do
        {
            var page = await instance.PageAsync(ann, 2, next);
            seen.AddRange(page.Ids);
            next = page.Next;
            await instance.PostAsync(bob);
            await instance.PostAsync(ann);
        }
        while (next is not null);

        Assert.Equal(expected, seen);
    }

    [Fact]
    public async Task What_was_unfollowed_or_deleted_is_gone_on_the_next_read_and_pages_stay_full()
    {
        await using var instance = await TimelineInstance.StartAsync(servers);
        var (ann, bob) = await TwoUsersAsync(instance);
        var eve = servers.NewUser();
        await instance.CreateUserAsync(eve);
        await instance.FollowAsync(ann, bob);
        await instance.FollowAsync(ann, eve);
        await instance.PageAsync(ann);
        var ofBob = new List<long>();
        for (var i = 0; i < 12; i++)
        {
            ofBob.Add(await instance.PostAsync(bob));
            await instance.PostAsync(eve);
            await instance.PostAsync(eve);
        }

        await instance.DrainAsync();
        (await instance.SendAsync(HttpMethod.Delete, $"/posts/{ofBob[^1]}", bob)).EnsureSuccessStatusCode();
        Assert.DoesNotContain(ofBob[^1], await instance.WalkAsync(ann, 5));

        // As if the unfollow had committed and its instance had died before it told the caches and forgot the timeline: another one finds its row.
        await ExecuteAsync($"""
            WITH changed AS (DELETE FROM follows WHERE follower = {ann} AND followee = {eve} RETURNING follower, followee)
            INSERT INTO outbox (kind, user_id, other_id, created_at) SELECT 'follow', follower, followee, now() - interval '1 hour' FROM changed
            """);
        await instance.DrainAsync();
        ofBob.Reverse();
        Assert.Equal(ofBob[1..], await instance.WalkAsync(ann, 5));
        Assert.Equal(5, (await instance.PageAsync(ann, 5)).Ids.Count);

        await instance.UnfollowAsync(ann, bob);
        Assert.Empty((await instance.PageAsync(ann)).Ids);
    }

    [Fact]
    public async Task A_follow_takes_effect_while_a_rebuild_is_under_way()
    {
        await using var instance = await TimelineInstance.StartAsync(servers, works: true, ("Floodgate:Timelines:RebuildPatience", "00:00:10"));
        var (ann, bob) = await TwoUsersAsync(instance);
        var post = await instance.PostAsync(bob);
        await instance.DrainAsync();
        await using var connection = new Npgsql.NpgsqlConnection(servers.Primary);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        Task<(List<long>, string?, HttpResponseMessage)> reading;
        Task following;
        await using (var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken))
        {
            // The rebuild stands still at its read of the posts.
            await using var command = new Npgsql.NpgsqlCommand("LOCK TABLE posts IN ACCESS EXCLUSIVE MODE", connection, transaction);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            reading = instance.PageAsync(ann);
            await Eventually.BecomesAsync(() => instance.Redis.KeyExistsAsync(TimelineKeys.Of(ann)));
            following = instance.FollowAsync(ann, bob);
            await BecomesTrueAsync(connection, $"SELECT EXISTS (SELECT 1 FROM follows WHERE follower = {ann})");
        }

        await reading;
        await following;
        Assert.Equal([post], (await instance.PageAsync(ann)).Ids);
        Assert.Equal([post], await instance.StoredAsync(ann));
    }

    [Fact]
    public async Task A_push_ahead_of_the_replica_is_found_in_the_cache()
    {
        await using var instance = await TimelineInstance.StartAsync(servers);
        var (ann, bob) = await TwoUsersAsync(instance);
        await instance.FollowAsync(ann, bob);
        await instance.PageAsync(ann);
        await instance.KnowsFloorAsync();
        await using var replica = new Npgsql.NpgsqlConnection(servers.Replicas[0]);
        await replica.OpenAsync(TestContext.Current.CancellationToken);
        await new Npgsql.NpgsqlCommand("SELECT pg_wal_replay_pause()", replica).ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        try
        {
            // Now and then the relay is first to tell the cache of a post: then its text is read where it is, which is the primary.
            var posted = new List<long>();
            await Eventually.BecomesAsync(async () =>
            {
                posted.Insert(0, await instance.PostAsync(bob));
                await instance.DrainAsync();

                var page = await instance.PageAsync(ann, node: "replica-1");

                Assert.Equal(posted, page.Ids);
                return Assert.Single(page.Response.Headers.GetValues("Floodgate-Internal-Reason")) == "cached";
            });
        }
        finally
        {
            await new Npgsql.NpgsqlCommand("SELECT pg_wal_replay_resume()", replica).ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_page_with_a_push_ahead_of_the_replica_shows_every_post_as_the_primary_has_it()
    {
        await using var instance = await TimelineInstance.StartAsync(servers);
        var (ann, bob) = await TwoUsersAsync(instance);
        await instance.FollowAsync(ann, bob);
        await instance.PageAsync(ann);
        var first = await instance.PostAsync(bob, "before");
        await instance.DrainAsync();
        await using var replica = new Npgsql.NpgsqlConnection(servers.Replicas[0]);
        await replica.OpenAsync(TestContext.Current.CancellationToken);
        await BecomesTrueAsync(replica, $"SELECT EXISTS (SELECT 1 FROM posts WHERE id = {first})");
        await new Npgsql.NpgsqlCommand("SELECT pg_wal_replay_pause()", replica).ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        try
        {
            await BecomesTrueAsync(replica, "SELECT pg_get_wal_replay_pause_state() = 'paused'");
            (await instance.SendAsync(HttpMethod.Patch, $"/posts/{first}", bob, new { text = "after" })).EnsureSuccessStatusCode();
            var second = await instance.PostAsync(bob);
            await instance.DrainAsync();

            // Whoever sees the second post sees the edit that its author made before it.
            var page = await instance.SendAsync(HttpMethod.Get, "/timeline", ann, body: null, ("Floodgate-Internal-Node", "replica-1"));
            var items = (await TimelineInstance.JsonAsync(page)).GetProperty("items");

            Assert.Equal([second, first], items.EnumerateArray().Select(item => item.GetProperty("id").GetInt64()));
            Assert.Equal("after", items[1].GetProperty("text").GetString());
        }
        finally
        {
            await new Npgsql.NpgsqlCommand("SELECT pg_wal_replay_resume()", replica).ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Without_Redis_pages_come_from_SQL_and_say_so_and_posts_arrive_once_it_is_back()
    {
        await using var gate = new TcpGate(PortOf(servers.Redis));
        var settings = ("ConnectionStrings:redis", servers.Redis.Replace($":{PortOf(servers.Redis)}", $":{gate.Port}", StringComparison.Ordinal) + ",connectTimeout=1000");
        await using var instance = await TimelineInstance.StartAsync(servers, works: true, settings);
        var (ann, bob) = await TwoUsersAsync(instance);
        await instance.FollowAsync(ann, bob);
        await instance.PageAsync(ann);
        gate.Cut();

        var post = await instance.PostAsync(bob);
        var page = await instance.PageAsync(ann);
        Assert.Equal([post], page.Ids);
        Assert.Contains(Degraded.Timelines, page.Response.Headers.GetValues(Degraded.Header), StringComparer.Ordinal);

        gate.Mend();
        await instance.DrainAsync();
        Assert.Equal([post], await instance.StoredAsync(ann));
    }

    private async Task<(long, long)> TwoUsersAsync(TimelineInstance instance)
    {
        var (ann, bob) = (servers.NewUser(), servers.NewUser());
        await instance.CreateUserAsync(ann, bob);
        return (ann, bob);
    }

    private static Task BecomesTrueAsync(Npgsql.NpgsqlConnection connection, string sql) => Eventually.BecomesAsync(async () =>
    {
        await using var command = new Npgsql.NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken) is true;
    });

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new Npgsql.NpgsqlConnection(servers.Primary);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new Npgsql.NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private static int PortOf(string redis) => int.Parse(redis.Split(',')[0].Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
}
