using System.Text.Json;
using Floodgate.SystemTests.Running;

namespace Floodgate.SystemTests;

/// <summary>What a newcomer does first, through the gateway.</summary>
public sealed class FirstDayTests(RunningSystem system)
{
    private static readonly TimeSpan FanOutLimit = TimeSpan.FromSeconds(15);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_post_reaches_a_follower_and_a_like_counts_once()
    {
        var (ann, bob) = (await system.NewUserAsync(Cancel), await system.NewUserAsync(Cancel));
        await bob.FollowAsync(ann, Cancel);
        Assert.Empty(await bob.TimelineAsync(Cancel));

        var post = await ann.PostAsync("hello", Cancel);
        Assert.Equal([post], await ann.TimelineAsync(Cancel));
        await Eventually.HoldsAsync(() => bob.TimelineAsync(Cancel), ids => ids is [var only] && only == post, FanOutLimit, Cancel);

        var first = await bob.LikeAsync(post, Cancel);
        var second = await bob.LikeAsync(post, Cancel);
        Assert.Equal((1, true), LikesOf(first));
        Assert.Equal((1, true), LikesOf(second));
        Assert.Equal((1, true), LikesOf(await bob.GetAsync($"/posts/{post}", Cancel)));
        Assert.Equal((1, false), LikesOf(await ann.GetAsync($"/posts/{post}", Cancel)));

        Assert.Equal((0, false), LikesOf(await bob.CallAsync(HttpMethod.Delete, $"/posts/{post}/like", null, Cancel)));
        Assert.Equal((0, false), LikesOf(await bob.GetAsync($"/posts/{post}", Cancel)));
    }

    [Fact]
    public async Task A_user_is_shown_with_its_followers()
    {
        var (ann, bob) = (await system.NewUserAsync(Cancel), await system.NewUserAsync(Cancel));
        await bob.FollowAsync(ann, Cancel);
        await bob.FollowAsync(ann, Cancel);
        var shown = await bob.GetAsync($"/users/{ann.Id}", Cancel);
        Assert.Equal(ann.Id, shown.GetProperty("id").GetInt64());
        Assert.Equal($"user {ann.Id}", shown.GetProperty("name").GetString());
        Assert.Equal(1, shown.GetProperty("followers").GetInt64());
        Assert.Equal(0, shown.GetProperty("following").GetInt64());

        await bob.CallAsync(HttpMethod.Delete, $"/users/{bob.Id}/following/{ann.Id}", null, Cancel);
        Assert.Equal(0, (await bob.GetAsync($"/users/{ann.Id}", Cancel)).GetProperty("followers").GetInt64());
    }

    [Fact]
    public async Task A_follow_an_unfollow_an_edit_and_a_delete_take_effect_on_the_next_read()
    {
        var (ann, bob) = (await system.NewUserAsync(Cancel), await system.NewUserAsync(Cancel));
        var (first, second) = (await ann.PostAsync("first", Cancel), await ann.PostAsync("second", Cancel));
        Assert.Empty(await bob.TimelineAsync(Cancel));

        await bob.FollowAsync(ann, Cancel);
        Assert.Equal([second, first], await bob.TimelineAsync(Cancel));

        var edited = await ann.CallAsync(HttpMethod.Patch, $"/posts/{first}", new { text = "better" }, Cancel);
        Assert.Equal("better", edited.GetProperty("text").GetString());
        Assert.Equal("better", (await ann.GetAsync($"/posts/{first}", Cancel)).GetProperty("text").GetString());

        await ann.CallAsync(HttpMethod.Delete, $"/posts/{second}", null, Cancel);
        Assert.Equal([first], await ann.TimelineAsync(Cancel));
        using var gone = await ann.SendAsync(HttpMethod.Get, $"/posts/{second}", null, Cancel);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);

        await bob.CallAsync(HttpMethod.Delete, $"/users/{bob.Id}/following/{ann.Id}", null, Cancel);
        Assert.Empty(await bob.TimelineAsync(Cancel));
    }

    [Fact]
    public async Task Pages_follow_each_other_without_a_gap_or_a_repeat_while_new_posts_arrive()
    {
        var ann = await system.NewUserAsync(Cancel);
        var posts = new List<long>();
        for (var i = 0; i < 25; i++)
        {
            posts.Add(await ann.PostAsync($"post {i}", Cancel));
        }

        var (read, cursor) = (new List<long>(), (string?)null);
        do
        {
            var page = await ann.GetAsync(cursor is null ? "/timeline?limit=10" : $"/timeline?limit=10&before={cursor}", Cancel);
            read.AddRange(page.GetProperty("items").EnumerateArray().Select(post => post.GetProperty("id").GetInt64()));
            cursor = page.GetProperty("next").GetString();
            await ann.PostAsync("meanwhile", Cancel);
        }
        while (cursor is not null);

        posts.Reverse();
        Assert.Equal(posts, read);
    }

    [Fact]
    public async Task A_counter_counts_and_many_are_read_at_once()
    {
        var ann = await system.NewUserAsync(Cancel);
        var key = $"page-{ann.Id}";
        using var answer = await ann.SendAsync(HttpMethod.Post, $"/counters/views/{key}", new { by = 3 }, Cancel);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        await ann.CallAsync(HttpMethod.Post, $"/counters/views/{key}", new { by = -1 }, Cancel);
        var read = await ann.GetAsync($"/counters/views?keys={key},nothing-{ann.Id}", Cancel);
        Assert.Equal(2, read.GetProperty(key).GetInt64());
        Assert.Equal(0, read.GetProperty($"nothing-{ann.Id}").GetInt64());
    }

    [Fact]
    public async Task The_status_shows_every_node_with_its_lag()
    {
        using var gateway = system.Gateway();
        var status = await Eventually.HoldsAsync(
            async () => JsonSerializer.Deserialize<JsonElement>(await gateway.GetStringAsync("/status", Cancel)),
            status => status.GetProperty("nodes").EnumerateArray().Count(node => node.GetProperty("health").GetString() == "healthy") == 3,
            TimeSpan.FromSeconds(10),
            Cancel);
        var names = status.GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("name").GetString()).Order(StringComparer.Ordinal);
        Assert.Equal("primary replica-1 replica-2", string.Join(' ', names));
    }

    private static (long Likes, bool Liked) LikesOf(JsonElement post) =>
        (post.GetProperty("likes").GetInt64(), post.GetProperty("liked").GetBoolean());
}
