using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Likes;
using Floodgate.CounterTests.Running;
using Floodgate.Messaging.Counters;
using Floodgate.Nodes;
using Floodgate.VisibleValues.Reactions;
using Microsoft.Extensions.Options;

namespace Floodgate.CounterTests.Flushing;

/// <summary>That a hash which was filled from the database lacks nothing that was acknowledged.</summary>
public sealed class FilledReactionTests(Servers servers)
{
    private const string Mark = "0:test:1";

    [Fact]
    public async Task A_filled_hash_knows_of_every_other_post_that_it_is_not_liked()
    {
        await using var bench = new FlushBench(servers);
        var (user, post) = (FlushBench.NewPost(), FlushBench.NewPost());
        await bench.FlushAsync(bench.React(new Reaction(user, post, Liked: true, VersionOf(TimeSpan.Zero)), new Reaction(user, post + 1, Liked: false, VersionOf(TimeSpan.Zero))));

        await FillAsync(bench, user);

        Assert.Equal((Reliance.Full, true), await StateAsync(bench, user, post));
        Assert.Equal((Reliance.Full, false), await StateAsync(bench, user, post + 1));
        Assert.Equal((Reliance.Full, false), await StateAsync(bench, user, post + 2));
    }

    [Fact]
    public async Task Beyond_the_most_pairs_only_newer_posts_are_known()
    {
        await using var bench = new FlushBench(servers);
        var (user, post) = (FlushBench.NewPost(), FlushBench.NewPost());
        await bench.FlushAsync(bench.React([.. Enumerable.Range(0, 5).Select(i => new Reaction(user, post + i, Liked: true, VersionOf(TimeSpan.Zero)))]));

        await FillAsync(bench, user, most: 3);

        Assert.Equal((Reliance.Full, true), await StateAsync(bench, user, post + 2));
        Assert.Equal((Reliance.None, false), await StateAsync(bench, user, post + 1));
        Assert.Equal((Reliance.Full, false), await StateAsync(bench, user, post + 5));
    }

    [Fact]
    public async Task A_like_that_Redis_forgot_and_that_is_flushed_late_reaches_a_hash_that_was_filled_without_it()
    {
        await using var bench = new FlushBench(servers);
        var (user, post) = (FlushBench.NewPost(), FlushBench.NewPost());
        var late = bench.React(new Reaction(user, post, Liked: true, VersionOf(TimeSpan.FromSeconds(30))));
        await FillAsync(bench, user);
        Assert.Equal((Reliance.Full, false), await StateAsync(bench, user, post));

        await bench.FlushAsync(late);

        Assert.Equal((Reliance.Past, true), await StateAsync(bench, user, post));
    }

    [Fact]
    public async Task The_same_like_flushed_between_the_mark_and_the_fill_is_not_lost_though_the_fill_read_before_it()
    {
        await using var bench = new FlushBench(servers);
        var (user, post) = (FlushBench.NewPost(), FlushBench.NewPost());
        await bench.Reactions.MarkAsync(user, Mark);
        var before = await StoredAsync(user, 1000);
        await bench.FlushAsync(bench.React(new Reaction(user, post, Liked: true, VersionOf(TimeSpan.FromSeconds(30)))));

        await bench.Reactions.CompleteAsync(user, Mark, before);

        Assert.Equal((Reliance.Past, true), await StateAsync(bench, user, post));
    }

    [Fact]
    public async Task What_is_flushed_late_again_after_its_acknowledgement_was_lost_does_not_bring_an_unliked_post_back()
    {
        await using var bench = new FlushBench(servers);
        var (user, post) = (FlushBench.NewPost(), FlushBench.NewPost());
        var like = bench.React(new Reaction(user, post, Liked: true, VersionOf(TimeSpan.FromSeconds(30))));
        await bench.FlushAsync(like);
        await bench.FlushAsync(bench.React(new Reaction(user, post, Liked: false, VersionOf(TimeSpan.Zero))));
        await FillAsync(bench, user);

        await bench.FlushAsync(like);

        Assert.False((await StateAsync(bench, user, post)).Liked);
    }

    [Fact]
    public async Task Nothing_is_told_to_a_hash_that_does_not_say_that_it_has_everything()
    {
        await using var bench = new FlushBench(servers);
        var (user, post) = (FlushBench.NewPost(), FlushBench.NewPost());

        await bench.FlushAsync(bench.React(new Reaction(user, post, Liked: true, VersionOf(TimeSpan.FromSeconds(30)))));

        Assert.False(await servers.Redis.GetDatabase().KeyExistsAsync(ReactionHash.KeyOf(user)));
    }

    [Fact]
    public async Task A_hash_that_Redis_lost_since_its_mark_is_not_filled()
    {
        await using var bench = new FlushBench(servers);
        var (user, post) = (FlushBench.NewPost(), FlushBench.NewPost());
        await bench.Reactions.MarkAsync(user, Mark);
        var before = await StoredAsync(user, 1000);
        await servers.Redis.GetDatabase().KeyDeleteAsync(ReactionHash.KeyOf(user));

        await bench.Reactions.CompleteAsync(user, Mark, before);

        Assert.Equal((Reliance.None, false), await StateAsync(bench, user, post));
    }

    [Fact]
    public async Task After_the_epoch_was_raised_what_was_settled_is_remembered_as_of_the_past()
    {
        await using var bench = new FlushBench(servers);
        var (user, post) = (FlushBench.NewPost(), FlushBench.NewPost());
        var intent = await bench.Reactions.IntendAsync(user, post, liked: true, VersionOf(TimeSpan.Zero));
        await bench.Reactions.SettleAsync(new Reaction(user, post, Liked: true, intent.Version));
        await FillAsync(bench, user);

        await bench.RaiseAsync(FlushBench.Token);
        var past = (await bench.Reactions.ReadAsync(user, [post, post + 1])).Pairs;
        Assert.Equal([new RememberedPair(Reliance.Past, true, intent.Version), default], past);

        // Also once somebody has written to the hash under the new epoch.
        await bench.Reactions.IntendAsync(user, post + 1, liked: true, VersionOf(TimeSpan.Zero));
        Assert.Equal(past, (await bench.Reactions.ReadAsync(user, [post, post + 1])).Pairs);
    }

    [Fact]
    public async Task A_like_of_somebody_with_thousands_of_pairs_outlives_the_epoch_too()
    {
        await using var bench = new FlushBench(servers);
        var (user, post) = (FlushBench.NewPost(), FlushBench.NewPost());
        await bench.FlushAsync(bench.React([.. Enumerable.Range(1, 3000).Select(i => new Reaction(user, post + i, Liked: true, VersionOf(TimeSpan.Zero)))]));
        await FillAsync(bench, user, most: 3000);
        var intent = await bench.Reactions.IntendAsync(user, post, liked: true, VersionOf(TimeSpan.Zero));
        await bench.Reactions.SettleAsync(new Reaction(user, post, Liked: true, intent.Version));

        await bench.RaiseAsync(FlushBench.Token);
        await bench.Reactions.MarkAsync(user, Mark);

        Assert.Equal((Reliance.Past, true), await StateAsync(bench, user, post));
        Assert.Equal((Reliance.Past, true), await StateAsync(bench, user, post + 3000));
    }

    [Fact]
    public async Task A_repeat_in_flight_does_not_hide_the_like()
    {
        await using var bench = new FlushBench(servers);
        var (user, post) = (FlushBench.NewPost(), FlushBench.NewPost());
        var intent = await bench.Reactions.IntendAsync(user, post, liked: true, VersionOf(TimeSpan.Zero));
        await bench.Reactions.SettleAsync(new Reaction(user, post, Liked: true, intent.Version));

        for (var i = 0; i < 2; i++)
        {
            Assert.True((await bench.Reactions.IntendAsync(user, post, liked: true, VersionOf(TimeSpan.Zero))).Before);
            Assert.Equal((Reliance.Past, true), await StateAsync(bench, user, post));
        }

        await bench.RaiseAsync(FlushBench.Token);
        await bench.Reactions.MarkAsync(user, Mark);
        Assert.Equal((Reliance.Past, true), await StateAsync(bench, user, post));
    }

    [Fact]
    public async Task A_like_that_is_settled_after_Redis_lost_its_announcement_is_remembered_as_of_the_past()
    {
        await using var bench = new FlushBench(servers);
        var (user, post) = (FlushBench.NewPost(), FlushBench.NewPost());
        var intent = await bench.Reactions.IntendAsync(user, post, liked: true, VersionOf(TimeSpan.Zero));
        await servers.Redis.GetDatabase().KeyDeleteAsync(ReactionHash.KeyOf(user));

        await bench.Reactions.SettleAsync(new Reaction(user, post, Liked: true, intent.Version));

        Assert.Equal((Reliance.Past, true), await StateAsync(bench, user, post));
    }

    private async Task FillAsync(FlushBench bench, long user, int most = 1000)
    {
        await bench.Reactions.MarkAsync(user, Mark);
        await bench.Reactions.CompleteAsync(user, Mark, await StoredAsync(user, most));
    }

    private async Task<StoredReactions> StoredAsync(long user, int most) =>
        (await new StoredReactionTable(new PostgresNodes(servers.Postgres), Options.Create(new CounterOptions { FilledPairs = most })).ReadAsync([user]))[0];

    private static async Task<(Reliance Reliance, bool Liked)> StateAsync(FlushBench bench, long user, long post)
    {
        var pair = (await bench.Reactions.ReadAsync(user, [post])).Pairs[0];
        return (pair.Reliance, pair.Liked);
    }

    // As VersionClock issued it so long ago.
    private static long VersionOf(TimeSpan age) => ReactionVersion.At(DateTimeOffset.UtcNow - age);
}
