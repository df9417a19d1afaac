using System.Globalization;
using StackExchange.Redis;

namespace Floodgate.TimelineService.FanOut;

/// <summary>
/// Which chunks of large audiences are done, so that a redelivery and a plan that is made again do not repeat them. It is in the same Redis as the timelines:
/// with it they are lost too, and a chunk it does not name is done once more, which changes nothing.
/// </summary>
internal sealed class ChunkLedger(RedisGate redis)
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);
    private static readonly TimeSpan RedisTimeout = TimeSpan.FromSeconds(5);

    /// <summary>For which posts of a chunk it is not done.</summary>
    /// <exception cref="TimeoutException">Redis does not answer.</exception>
    public async Task<long[]> LeftAsync(FanOutJob job)
    {
        var (database, member, posts) = (redis.Database, MemberOf(job), job.Posts);
        var done = await Task.WhenAll(Array.ConvertAll(posts, post => database.SetContainsAsync(KeyOf(post), member))).WaitAsync(RedisTimeout);
        return [.. posts.Where((_, i) => !done[i])];
    }

    /// <summary>A chunk is done for all its posts.</summary>
    /// <exception cref="TimeoutException">Redis does not answer.</exception>
    public Task DoneAsync(FanOutJob job)
    {
        var (database, member) = (redis.Database, MemberOf(job));
        return Task.WhenAll(job.Posts.SelectMany(
            post => new Task[] { database.SetAddAsync(KeyOf(post), member), database.KeyExpireAsync(KeyOf(post), Kept) })).WaitAsync(RedisTimeout);
    }

    // Where a plan is made again its chunks may end elsewhere, as followers have come and gone.
    private static RedisValue MemberOf(FanOutJob job) => string.Create(CultureInfo.InvariantCulture, $"{job.After}-{job.Until}");

    private static RedisKey KeyOf(long post) => string.Create(CultureInfo.InvariantCulture, $"fanout:done:{post}");
}
