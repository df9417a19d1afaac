using System.Globalization;
using System.Net;
using Floodgate.CounterTests.Killing;
using Floodgate.CounterTests.Running;

namespace Floodgate.CounterTests.Outages;

/// <summary>Redis forgets, all or what came after a snapshot: readers see right values one flush interval later.</summary>
public sealed class RedisLossTests(Servers servers)
{
    private const int Users = 24;

    private static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(1);
    private static readonly long[] Posts = [.. Enumerable.Range(101, 25).Select(i => (long)i)];

    [Fact]
    public async Task FLUSHALL_during_load_ends_with_right_values_within_one_flush_interval()
    {
        await using var services = await TwoServices.StartAsync(servers);
        var load = new LikeLoad([services.Http], Users, firstUser: 710_000, Posts);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = load.RunAsync(stop.Token);
        for (var i = 0; i < 3; i++)
        {
            await GoesOnAsync(load, 500);
            await servers.FlushRedisAsync();
        }

        await GoesOnAsync(load, 200);
        await servers.FlushRedisAsync();
        await stop.CancelAsync();
        await running;

        await CheckAsync(services.Http, load);
        await TurnAllAsync(services.Http, load);
        await CheckAsync(services.Http, load);
    }

    // Fails as long as what an older snapshot says is taken for the truth: a settled state that was turned round since makes
    // an acknowledged like that is never written, and a counter that nobody writes stays as it was.
    [Fact]
    public async Task A_Redis_restarted_with_an_older_snapshot_ends_with_right_values_within_one_flush_interval()
    {
        await using var services = await TwoServices.StartAsync(servers);
        await using var snapshot = new RedisSnapshot(servers);
        var http = services.Http;
        var quiet = Guid.NewGuid().ToString("N");
        var load = new LikeLoad([http], Users, firstUser: 720_000, Posts);
        await http.AddAsync(7, $"test/{quiet}", 5).JsonAsync(HttpStatusCode.Accepted);
        await load.SetAsync(http, user: 729_001, Posts[0], liked: true);
        await load.SetAsync(http, user: 729_002, Posts[0], liked: false);
        await http.DrainAsync();

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = load.RunAsync(stop.Token);
        await GoesOnAsync(load, 500);
        await snapshot.TakeAsync();
        await http.AddAsync(7, $"test/{quiet}", 7).JsonAsync(HttpStatusCode.Accepted);
        await load.SetAsync(http, user: 729_001, Posts[0], liked: false);
        await load.SetAsync(http, user: 729_002, Posts[0], liked: true);
        await GoesOnAsync(load, 1000);
        await Wait.UntilAsync(() => servers.ScalarAsync<bool>($"""
            SELECT (SELECT sum(value) FROM counter_slots WHERE name = 'test' AND key = '{quiet}') = 12
                AND (SELECT array_agg(liked ORDER BY user_id) FROM reactions WHERE user_id IN (729001, 729002)) = '{"{f,t}"}'
            """), "what came after the snapshot is flushed");
        await snapshot.ComeBackWithItAsync();
        await Wait.UntilAsync(
            async () => (await http.AddAsync(7, $"test/{Guid.NewGuid():N}", 1).JsonAsync(HttpStatusCode.Accepted)).TryGetProperty("value", out _),
            "CounterService uses Redis again");

        // What the snapshot says of these two is the state that is asked for now: they must be written all the same.
        await load.SetAsync(http, user: 729_001, Posts[0], liked: true);
        await load.SetAsync(http, user: 729_002, Posts[0], liked: false);
        await GoesOnAsync(load, 100);
        await stop.CancelAsync();
        await running;

        await CheckAsync(http, load);
        await TurnAllAsync(http, load);
        await CheckAsync(http, load);
        Assert.Equal(12, (await http.GetJsonAsync($"/counters/test?keys={quiet}")).GetProperty(quiet).GetInt64());
    }

    private static async Task GoesOnAsync(LikeLoad load, int calls)
    {
        var enough = load.Acknowledged + calls;
        await Wait.UntilAsync(() => Task.FromResult(load.Acknowledged >= enough), "likes go on", seconds: 60);
    }

    // Turns every pair round. None is in the wanted state, so none may be answered as if it were.
    private static async Task TurnAllAsync(HttpClient http, LikeLoad load) => await Parallel.ForEachAsync(
        load.Known.ToList(), new ParallelOptions { MaxDegreeOfParallelism = 16 },
        async (pair, _) => await load.SetAsync(http, pair.User, pair.Post, !pair.Liked));

    private async Task CheckAsync(HttpClient http, LikeLoad load)
    {
        await http.DrainAsync();
        await load.CheckAsync(servers);
        foreach (var post in Posts)
        {
            await RightWithinAsync(
                async () => await http.LikesAsync(post), of => of.Reactions == of.Slots && of.Reactions == of.Visible, $"the likes of post {post}");
        }

        var liked = load.Known.ToLookup(pair => pair.User);
        foreach (var pairs in liked)
        {
            await RightWithinAsync(
                () => WrongAsync(http, pairs.Key, [.. pairs]), wrong => wrong.Count == 0, $"what user {pairs.Key} likes", wrong => string.Join(", ", wrong));
        }
    }

    private static async Task<List<long>> WrongAsync(HttpClient http, long user, (long User, long Post, bool Liked)[] pairs)
    {
        var page = await http.GetJsonAsync($"/internal/likes?posts={string.Join(',', pairs.Select(pair => pair.Post))}", user);
        return [.. pairs
            .Where(pair => page.GetProperty(pair.Post.ToString(CultureInfo.InvariantCulture)).GetProperty("liked").GetBoolean() != pair.Liked)
            .Select(pair => pair.Post)];
    }

    private static async Task RightWithinAsync<T>(Func<Task<T>> ask, Func<T, bool> right, string what, Func<T, string>? show = null)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var seen = await ask();
            if (right(seen))
            {
                return;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(began) < FlushInterval, $"Drained, and a flush interval later {what} is wrong: {(show is null ? seen : show(seen))}");
        }
    }
}
