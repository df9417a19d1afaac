using System.Text.Json;
using Floodgate.Messaging.Counters;
using Floodgate.Redis;
using Floodgate.TimelineService;
using Floodgate.VisibleValues;
using Floodgate.VisibleValues.Reactions;
using StackExchange.Redis;

namespace Floodgate.TimelineTests;

/// <summary>Likes that Redis shows, where there is no CounterService to ask: what CounterService would write there the tests write, with its own classes.</summary>
public sealed class ShownLikesTests(Servers servers) : IAsyncLifetime
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private TimelineInstance? _started;
    private long _ann;
    private long[] _posts = [];

    private TimelineInstance Instance => _started!;

    private CounterHash Counters => new(Instance.Get<IConnectionMultiplexer>(), Instance.Get<RedisGeneration>(), Lifetime);

    private ReactionHash Reactions => new(Instance.Get<IConnectionMultiplexer>(), Instance.Get<RedisGeneration>(), Lifetime);

    public async ValueTask InitializeAsync()
    {
        _started = await TimelineInstance.StartAsync(servers, settings: ("Floodgate:Timelines:RedisTimeout", "00:00:05"));
        _ann = servers.NewUser();
        await Instance.CreateUserAsync(_ann);
        _posts = [await Instance.PostAsync(_ann), await Instance.PostAsync(_ann), await Instance.PostAsync(_ann)];
        await Eventually.BecomesAsync(() => Task.FromResult(Instance.Get<RedisGeneration>().Current is not null));
        await FreshAsync();

        // Nothing of it is to be on its way for the oracle of other tests.
        await Instance.DrainAsync();
    }

    public ValueTask DisposeAsync() => Instance.DisposeAsync();

    [Fact]
    public async Task A_page_whose_likes_Redis_shows_asks_nobody_for_them()
    {
        await ShowAsync([3, 0, 7]);
        await FillAsync(liked: _posts[0]);

        Assert.Equal([(3, true), (0, false), (7, false)], await LikesAsync(isWhole: true));
    }

    [Fact]
    public async Task Who_asks_for_nobody_needs_no_pairs()
    {
        await ShowAsync([3, 0, 7]);

        using var read = await Instance.SendAsync(HttpMethod.Get, $"/posts/{_posts[2]}");

        Assert.False(read.Headers.Contains(Degraded.Header));
        Assert.Equal((7, false), Of(await TimelineInstance.JsonAsync(read)));
    }

    [Fact]
    public async Task A_like_in_flight_is_not_guessed_at_and_a_settled_one_is_seen_at_once()
    {
        await ShowAsync([3, 0, 7]);
        await FillAsync();

        var intent = await Reactions.IntendAsync(_ann, _posts[1], liked: true, atLeast: 1);
        Assert.Equal([(3, false), null, (7, false)], await LikesAsync(isWhole: false));

        await Counters.ApplyAsync(CounterId.Likes(_posts[1]), new EnvelopeMark(new EnvelopeId(Guid.NewGuid(), 0, 1)), 1);
        await Reactions.SettleAsync(new Reaction(_ann, _posts[1], true, intent.Version));
        Assert.Equal([(3, false), (1, true), (7, false)], await LikesAsync(isWhole: true));
    }

    [Fact]
    public async Task Of_a_state_of_the_past_and_a_counter_that_is_not_loaded_CounterService_is_asked_and_of_no_other()
    {
        await ShowAsync([3, 0]);
        await FillAsync();

        // Redis had lost the pair when it heard that it is durable.
        await Reactions.SettleAsync(new Reaction(_ann, _posts[1], true, 1));

        Assert.Equal([(3, false), null, null], await LikesAsync(isWhole: false));
    }

    [Fact]
    public async Task Nothing_of_an_older_epoch_is_believed()
    {
        await ShowAsync([3, 0, 7]);
        await FillAsync(liked: _posts[0]);
        Assert.Equal([(3, true), (0, false), (7, false)], await LikesAsync(isWhole: true));

        await Instance.Get<IRedisEpoch>().RaiseAsync(TestContext.Current.CancellationToken);
        Assert.Equal([null, null, null], await LikesAsync(isWhole: false));

        await ShowAsync([4, 0, 7]);
        await FillAsync(liked: _posts[0]);
        Assert.Equal([(4, true), (0, false), (7, false)], await LikesAsync(isWhole: true));
    }

    [Fact]
    public async Task A_page_that_is_looked_at_again_takes_one_round_trip_and_shows_what_happened_meanwhile_at_once()
    {
        await ShowAsync([3, 0, 7]);
        await FillAsync();
        await LikesAsync(isWhole: true);
        await LikesAsync(isWhole: true);

        // What has changed, the list, the pairs, and beside them whether a counter has; else one has asked twice. Something of the instance's own may come in between.
        await Eventually.BecomesAsync(async () =>
        {
            var before = Sent();
            Assert.Equal([(3, false), (0, false), (7, false)], await LikesAsync(isWhole: true));
            return Sent() - before == 3;
        });

        var intent = await Reactions.IntendAsync(_ann, _posts[1], liked: true, atLeast: 1);
        await Counters.ApplyAsync(CounterId.Likes(_posts[1]), new EnvelopeMark(new EnvelopeId(Guid.NewGuid(), 0, 1)), 1);
        await Reactions.SettleAsync(new Reaction(_ann, _posts[1], true, intent.Version));
        Assert.Equal([(3, false), (1, true), (7, false)], await LikesAsync(isWhole: true));

        await using (var other = await TimelineInstance.StartAsync(servers, works: false))
        {
            (await other.SendAsync(HttpMethod.Patch, $"/posts/{_posts[0]}", _ann, new { text = "edited" })).EnsureSuccessStatusCode();
            Assert.Equal("edited", (await ItemsAsync())[^1].GetProperty("text").GetString());

            (await other.SendAsync(HttpMethod.Delete, $"/posts/{_posts[2]}", _ann)).EnsureSuccessStatusCode();
            Assert.Equal([_posts[1], _posts[0]], (await ItemsAsync()).Select(post => post.GetProperty("id").GetInt64()));

            var post = await other.PostAsync(_ann);
            Assert.Equal([post, _posts[1], _posts[0]], (await ItemsAsync()).Select(post => post.GetProperty("id").GetInt64()));
            await Instance.DrainAsync();
        }

        long Sent() => Instance.Get<IConnectionMultiplexer>().GetCounters().Interactive.OperationCount;

        async Task<List<JsonElement>> ItemsAsync() =>
            [.. (await TimelineInstance.JsonAsync(await Instance.SendAsync(HttpMethod.Get, "/timeline", _ann))).GetProperty("items").EnumerateArray()];
    }

    private Task FreshAsync() => Eventually.BecomesAsync(() => Task.FromResult(Instance.Get<RedisGeneration>().IsEpochFresh));

    private static (long, bool)? Of(JsonElement post) =>
        post.TryGetProperty("likes", out var likes) ? (likes.GetInt64(), post.GetProperty("liked").GetBoolean()) : null;

    // As SlotLookup loads counters.
    private async Task ShowAsync(long[] likes)
    {
        for (var i = 0; i < likes.Length; i++)
        {
            var counter = CounterId.Likes(_posts[i]);
            var mark = await Counters.BeginLoadAsync(counter, $"{Guid.NewGuid():N}");
            Assert.Equal(likes[i], await Counters.LoadAsync(counter, mark, [new CounterSlot(0, likes[i], 1)]));
        }
    }

    // As ReactionFill fills the pairs of a user.
    private async Task FillAsync(params long[] liked)
    {
        await Reactions.MarkAsync(_ann, "mark");
        await Reactions.CompleteAsync(_ann, "mark", new StoredReactions(0, [.. liked.Select(post => new StoredReaction(post, Liked: true, 1))]));
    }

    /// <summary>What the home page says of the posts, in their order; null where it does not say.</summary>
    /// <param name="isWhole">Whether it says that nothing is missing.</param>
    private async Task<(long, bool)?[]> LikesAsync(bool isWhole)
    {
        await FreshAsync();
        var page = await Instance.SendAsync(HttpMethod.Get, "/timeline", _ann);
        page.EnsureSuccessStatusCode();
        Assert.Equal(isWhole, !page.Headers.Contains(Degraded.Header));
        var items = (await TimelineInstance.JsonAsync(page)).GetProperty("items").EnumerateArray().ToDictionary(post => post.GetProperty("id").GetInt64(), Of);
        return Array.ConvertAll(_posts, post => items[post]);
    }
}
