using System.Text.Json;
using Floodgate.Messaging.Counters;
using Floodgate.Redis;
using Floodgate.Redis.Tracking;
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
        await KeptAsync(Instance);
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

        // What has changed, and the list; on the connection of the copies whether likes have; else one has asked twice. Something of the instance's own may come
        // in between.
        await Eventually.BecomesAsync(async () =>
        {
            var before = Sent();
            Assert.Equal([(3, false), (0, false), (7, false)], await LikesAsync(isWhole: true));
            return Sent() - before == 2;
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

    [Fact]
    public async Task A_page_shows_what_was_changed_while_nobody_told_the_process()
    {
        await ShowAsync([0, 0, 0]);
        await FillAsync();
        for (var round = 1; round <= 5; round++)
        {
            await KeptAsync(Instance);
            Assert.Equal([(round - 1, false), (0, false), (0, false)], await LikesAsync(isWhole: true));
            await CutAsync(Instance);
            await LikeAsync(_posts[0]);
            Assert.Equal([(round, false), (0, false), (0, false)], await LikesAsync(isWhole: true));
        }
    }

    [Fact]
    public async Task A_service_that_keeps_nothing_reads_likes_each_time()
    {
        await ShowAsync([3, 0, 7]);
        await FillAsync(liked: _posts[0]);
        await using var other = await TimelineInstance.StartAsync(servers, works: false, ("Floodgate:Timelines:LikeCopies", "0"), ("Floodgate:Timelines:RedisTimeout", "00:00:05"));

        // Nobody says where the epoch was not heard of in time.
        await Eventually.BecomesAsync(async () => (await CountsAsync(other)).SequenceEqual([3, 0, 7]));

        Assert.False(other.Get<TrackedRedis>().IsKept);
    }

    [Fact]
    public async Task Nobody_sees_fewer_likes_than_were_acknowledged_or_shown_before_whatever_becomes_of_connections()
    {
        const int Likes = 1500;
        await ShowAsync([0, 0, 0]);
        await FillAsync();
        await using var other = await TimelineInstance.StartAsync(servers, works: false, settings: ("Floodgate:Timelines:RedisTimeout", "00:00:05"));
        await KeptAsync(other);
        var (known, chance, shown, ends) = (new long[_posts.Length], new Random(1), 0, 0);
        using var written = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(i => Task.Run(() => ReadAsync(i % 2 == 0 ? Instance : other))).ToArray();

        for (var i = 1; i <= Likes; i++)
        {
            var post = chance.Next(_posts.Length);
            Raise(post, await LikeAsync(_posts[post]));
            if (i % 300 == 0)
            {
                ends += await CutAsync(i % 600 == 0 ? Instance : other);
                await KeptAsync(Instance);
                await KeptAsync(other);
            }
        }

        await written.CancelAsync();
        await Task.WhenAll(readers);
        Assert.Equal(Likes, known.Sum());
        Assert.True(ends >= 5, $"{ends} connections were cut.");
        Assert.True(shown > 100, $"Likes were shown {shown} times only.");

        async Task ReadAsync(TimelineInstance instance)
        {
            while (!written.IsCancellationRequested)
            {
                var before = known.ToArray();
                var counts = await CountsAsync(instance);
                for (var i = 0; i < counts.Length; i++)
                {
                    // Nobody says where the epoch was not heard of in time.
                    if (counts[i] is { } count)
                    {
                        Assert.True(count >= before[i], $"{count} likes were shown after {before[i]}.");
                        Raise(i, count);
                        Interlocked.Increment(ref shown);
                    }
                }
            }
        }

        void Raise(int post, long to)
        {
            for (var seen = Interlocked.Read(ref known[post]); seen < to; seen = Interlocked.Read(ref known[post]))
            {
                Interlocked.CompareExchange(ref known[post], to, seen);
            }
        }
    }

    private static Task KeptAsync(TimelineInstance instance) => Eventually.BecomesAsync(() => Task.FromResult(instance.Get<TrackedRedis>().IsKept));

    /// <summary>Cuts the connection on which Redis says what is changed.</summary>
    /// <returns>How many there were, one at least: those of all instances here have one name.</returns>
    private static async Task<int> CutAsync(TimelineInstance instance)
    {
        var cut = 0;
        await Eventually.BecomesAsync(async () => (cut = await TryCutAsync(instance)) > 0);
        return cut;
    }

    private static async Task<int> TryCutAsync(TimelineInstance instance)
    {
        var clients = (string)(RedisValue)(await instance.Redis.ExecuteAsync("CLIENT", "LIST"))!;
        var cut = 0;
        foreach (var client in clients.Split('\n').Where(client => client.Contains($" name={instance.Get<TrackedRedis>().ClientName} ", StringComparison.Ordinal)))
        {
            cut += (int)await instance.Redis.ExecuteAsync("CLIENT", "KILL", "ID", client.Split(' ')[0]["id=".Length..]);
        }

        return cut;
    }

    private async Task<long> LikeAsync(long post) =>
        (await Counters.ApplyAsync(CounterId.Likes(post), new EnvelopeMark(new EnvelopeId(Guid.NewGuid(), 0, 1)), 1))!.Value;

    private async Task<long?[]> CountsAsync(TimelineInstance instance)
    {
        var page = await TimelineInstance.JsonAsync(await instance.SendAsync(HttpMethod.Get, "/timeline", _ann));
        var items = page.GetProperty("items").EnumerateArray().ToDictionary(post => post.GetProperty("id").GetInt64(), Of);
        return Array.ConvertAll(_posts, post => items[post]?.Item1);
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
