using Floodgate.Nodes;
using Floodgate.TimelineService.FanOut;
using Floodgate.TimelineService.PullRanges;

namespace Floodgate.TimelineTests;

/// <summary>Authors who are merged at read, and the way there and back.</summary>
public sealed class PullTests(Servers servers)
{
    private static readonly (string, string)[] ThreeAreMany =
    [
        ("Floodgate:Timelines:Threshold", "3"), ("Floodgate:Timelines:ThresholdBack", "2"), ("Floodgate:Timelines:AudienceLifetime", "00:00:00"),
        ("Floodgate:Timelines:PullCheck", "00:00:00.100"),
    ];

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_famous_authors_posts_are_not_pushed_and_every_follower_sees_them()
    {
        await using var instance = await TimelineInstance.StartAsync(servers, works: true, ThreeAreMany);
        var (author, followers) = await AudienceAsync(instance, 4);
        await instance.PageAsync(followers[0]);

        var first = await instance.PostAsync(author);
        await instance.DrainAsync();
        var second = await instance.PostAsync(author);
        await instance.DrainAsync();

        Assert.Empty(await instance.StoredAsync(followers[0]));
        Assert.Equal([second, first], (await instance.PageAsync(followers[0])).Ids);
        Assert.Equal([second, first], await instance.WalkAsync(followers[0], 1));
        Assert.Equal([second, first], (await instance.PageAsync(author)).Ids);
    }

    [Fact]
    public async Task A_post_of_a_famous_author_is_there_at_once()
    {
        await using var instance = await TimelineInstance.StartAsync(servers, works: true, ThreeAreMany);
        var (author, followers) = await AudienceAsync(instance, 4);
        await instance.PostAsync(author);
        await instance.DrainAsync();
        await instance.PageAsync(followers[0]);

        var post = await instance.PostAsync(author);

        Assert.Equal(post, (await instance.PageAsync(followers[0])).Ids[0]);
    }

    [Fact]
    public async Task Crossing_the_threshold_in_both_directions_loses_and_doubles_nothing()
    {
        await using var instance = await TimelineInstance.StartAsync(servers, works: true, ThreeAreMany);
        var (author, followers) = await AudienceAsync(instance, 2);
        var late = servers.NewUser();
        await instance.CreateUserAsync(late);
        foreach (var reader in followers)
        {
            await instance.PageAsync(reader);
        }

        var pushed = await instance.PostAsync(author);
        await instance.DrainAsync();
        Assert.Equal([pushed], await instance.StoredAsync(followers[0]));

        await instance.FollowAsync(late, author);
        var pulled = await instance.PostAsync(author);
        await instance.DrainAsync();
        Assert.Equal([pushed], await instance.StoredAsync(followers[0]));
        Assert.Equal([pulled, pushed], (await instance.PageAsync(followers[0])).Ids);

        // Two followers are not yet few enough: the way back has a threshold of its own.
        await instance.UnfollowAsync(late, author);
        await instance.Get<PullRangeWatch>().CloseAsync(Patience);
        var stillPulled = await instance.PostAsync(author);
        await instance.DrainAsync();
        Assert.Equal([pushed], await instance.StoredAsync(followers[0]));

        await instance.UnfollowAsync(followers[1], author);
        await Eventually.BecomesAsync(async () => await RangesAsync(instance, author) == 0);
        var again = await instance.PostAsync(author);
        await instance.DrainAsync();
        Assert.Equal([again, stillPulled, pulled, pushed], await instance.StoredAsync(followers[0]));
        Assert.Equal([again, stillPulled, pulled, pushed], await instance.WalkAsync(followers[0], 2));
    }

    [Fact]
    public async Task Older_posts_of_a_famous_author_than_the_cache_holds_come_from_SQL()
    {
        await using var instance = await TimelineInstance.StartAsync(servers, works: true, ThreeAreMany);
        var (author, followers) = await AudienceAsync(instance, 3);
        await instance.PageAsync(followers[0]);
        var posts = new List<long>();
        for (var i = 0; i < 115; i++)
        {
            posts.Insert(0, await instance.PostAsync(author));
        }

        await instance.DrainAsync();

        Assert.Equal(posts, await instance.WalkAsync(followers[0], 17));
    }

    [Fact]
    public async Task While_fan_out_is_behind_large_posts_are_merged_and_afterwards_pushed()
    {
        (string, string)[] settings =
        [
            ("Floodgate:Timelines:Threshold", "4"), ("Floodgate:Timelines:ThresholdBack", "3"), ("Floodgate:Timelines:ChunkSize", "1"),
            ("Floodgate:Timelines:AudienceLifetime", "00:00:00"), ("Floodgate:Timelines:ShedStep", "00:00:00.100"), ("Floodgate:Timelines:ShedUntil", "00:00:00.050"),
            ("Floodgate:Timelines:ShedAfter", "00:00:00.100"), ("Floodgate:Timelines:PullCheck", "00:00:00.100"),
        ];
        await using var instance = await TimelineInstance.StartAsync(servers, works: true, settings);
        var (author, followers) = await AudienceAsync(instance, 2);
        await instance.PageAsync(followers[0]);
        var shedding = instance.Get<Shedding>();
        shedding.Observe(TimeSpan.FromMinutes(1));
        Assert.Equal(2, shedding.Threshold);

        var shed = await instance.PostAsync(author);

        await instance.DrainAsync();
        Assert.Equal([shed], (await instance.PageAsync(followers[0])).Ids);

        await Eventually.BecomesAsync(async () => await RangesAsync(instance, author) == 0);
        Assert.False(shedding.IsShedding);
        Assert.Equal([shed], await instance.StoredAsync(followers[0]));
        Assert.Equal([shed], (await instance.PageAsync(followers[0])).Ids);
    }

    [Fact]
    public async Task A_backfill_that_is_done_again_changes_nothing()
    {
        await using var instance = await TimelineInstance.StartAsync(servers, works: true, ThreeAreMany);
        var (author, followers) = await AudienceAsync(instance, 3);
        await instance.PageAsync(followers[0]);
        var post = await instance.PostAsync(author);
        await instance.DrainAsync();
        var range = Assert.Single(await instance.Get<PullRangeStore>().ListOpenAsync(0, 100_000, Patience), range => range.Author == author);
        await instance.Get<PullRangeStore>().CloseAsync(range.Id, Patience);
        await instance.DrainAsync();

        await instance.Get<FanOutWorker>().DoAsync(
            new FanOutJob(range.Id, author, await instance.PositionAsync(), After: 0, Kind: FanOutKind.Backfill), _ => { }, Patience);

        Assert.Equal([post], await instance.StoredAsync(followers[0]));
        Assert.Equal([post], await instance.WalkAsync(followers[0]));
    }

    private static async Task<long> RangesAsync(TimelineInstance instance, long author)
    {
        await using var command = instance.Get<PostgresNodes>().Primary.CreateCommand($"SELECT count(*) FROM pull_ranges WHERE author = {author}");
        return (long)(await command.ExecuteScalarAsync(Patience))!;
    }

    private async Task<(long Author, List<long> Followers)> AudienceAsync(TimelineInstance instance, int count)
    {
        var author = servers.NewUser();
        var followers = Enumerable.Range(0, count).Select(_ => servers.NewUser()).ToList();
        await instance.CreateUserAsync([author, .. followers]);
        foreach (var follower in followers)
        {
            await instance.FollowAsync(follower, author);
        }

        return (author, followers);
    }
}
