using Floodgate.SystemTests.Running;
using StackExchange.Redis;

namespace Floodgate.SystemTests;

/// <summary>A post to a large audience, in the middle of which TimelineService dies.</summary>
public sealed class LargeFanOutTests(RunningSystem system)
{
    private const int Followers = 14_000;
    private const int EveryOne = 70;
    private const long FirstFollower = 20_000_000;
    private const int MostPosts = 5;
    private const int AtOnce = 8;

    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(60);
    private static readonly RedisKey OpenJobs = "fanout:jobs";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_post_to_14_000_followers_arrives_once_although_TimelineService_is_killed_while_it_is_fanned_out()
    {
        var ann = await system.NewUserAsync(Cancel);
        await ImportFollowersAsync(ann.Id);
        using var gateway = system.Gateway();
        var readers = await ReadersAsync(gateway);
        using var connection = await system.RedisAsync(Cancel);
        var redis = connection.GetDatabase();

        // Who reads gets a post before the chunks: these have all gone.
        await redis.KeyDeleteAsync("presence:readers");

        // Where fan-out was done before the process was dead, another post will do.
        var posts = new List<long>();
        bool inTheMiddle;
        do
        {
            Assert.True(posts.Count < MostPosts, $"TimelineService was quicker than its end {MostPosts} times.");
            posts.Insert(0, await ann.PostAsync("to all", Cancel));
            await WaitForTheFirstAsync(redis, readers, posts[0]);
            var killed = system.Kill("timeline");
            Assert.Equal(2, killed.Count);
            inTheMiddle = await redis.SortedSetLengthAsync(OpenJobs) > 0 && await CountAsync(redis, readers, posts[0]) < readers.Count;
            await system.RestartedAsync(killed, Cancel);
        }
        while (!inTheMiddle);

        await Eventually.HoldsAsync(() => redis.SortedSetLengthAsync(OpenJobs), open => open == 0, Recovery, Cancel);
        await Parallel.ForEachAsync(readers, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Cancel }, async (reader, token) =>
            Assert.Equal(posts, await reader.TimelineAsync(token)));
        Assert.Equal(readers.Count, await CountAsync(redis, readers, posts[0]));
    }

    private async Task ImportFollowersAsync(long author)
    {
        var ids = Enumerable.Range(0, Followers).Select(i => FirstFollower + i).ToList();
        using var timeline = system.Service("timeline");
        await ImportAsync("users", ids.Select(id => $"{id} follower {id}"));
        await ImportAsync("follows", ids.Select(id => $"{id} {author}"));

        async Task ImportAsync(string what, IEnumerable<string> lines)
        {
            using var content = new StringContent(string.Join('\n', lines));
            using var answer = await timeline.PostAsync($"/internal/import/{what}", content, Cancel);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    // Some of all chunks, each with a timeline that lives.
    private static async Task<List<UserSession>> ReadersAsync(HttpClient gateway)
    {
        var readers = new UserSession[Followers / EveryOne];
        await Parallel.ForAsync(0, readers.Length, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Cancel }, async (i, token) =>
        {
            readers[i] = await UserSession.SignInAsync(gateway, FirstFollower + (i * EveryOne), token);
            Assert.Empty(await readers[i].TimelineAsync(token));
        });
        return [.. readers];
    }

    private static async Task WaitForTheFirstAsync(IDatabase redis, List<UserSession> readers, long post)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Recovery);
        while (await CountAsync(redis, readers, post) == 0)
        {
            limit.Token.ThrowIfCancellationRequested();
        }
    }

    // In how many timelines it is.
    private static async Task<int> CountAsync(IDatabase redis, List<UserSession> readers, long post)
    {
        var newest = await Task.WhenAll(readers.Select(reader => redis.ListRangeAsync($"tl:{{{reader.Id % 32}}}:{reader.Id}", -1)));
        return newest.Count(ids => ids is [var last] && last == post);
    }
}
