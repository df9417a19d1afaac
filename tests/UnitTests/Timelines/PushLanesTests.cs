using System.Runtime.CompilerServices;
using Floodgate.TimelineService.HomeTimelines;
using StackExchange.Redis;

namespace Floodgate.UnitTests.Timelines;

public sealed class PushLanesTests
{
    private readonly TaskCompletionSource _first = new();

    [Fact]
    public async Task Where_Redis_hangs_who_waits_is_told_at_once()
    {
        var lanes = new PushLanes(async (_, _) =>
        {
            await _first.Task;
            throw new TimeoutException();
        });
        Task<int>[] pushes = [.. Enumerable.Range(0, 3).Select(i => lanes.PushAsync([i * TimelineKeys.Buckets], [i]))];
        _first.SetResult();

        foreach (var push in pushes)
        {
            await Assert.ThrowsAsync<TimeoutException>(() => push);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_server_says_of_one_key_fails_nobody_else(bool gathered)
    {
        var malformed = TimelineKeys.Of(0);
        var lanes = new PushLanes(async (keys, _) =>
        {
            await _first.Task;
            return keys.Contains(malformed) ? throw Refused() : [.. keys.Select(_ => 1)];
        });

        // The first is under way by itself; the others wait, and go together.
        long[] users = gathered ? [TimelineKeys.Buckets, 0, 2 * TimelineKeys.Buckets] : [0, TimelineKeys.Buckets, 2 * TimelineKeys.Buckets];
        var pushes = users.ToDictionary(user => user, user => lanes.PushAsync([user], [1]));
        _first.SetResult();

        await Assert.ThrowsAsync<RedisServerException>(() => pushes[0]);
        Assert.Equal((1, 1), (await pushes[TimelineKeys.Buckets], await pushes[2 * TimelineKeys.Buckets]));
    }

    // Only the client can make one.
    private static RedisServerException Refused() => (RedisServerException)RuntimeHelpers.GetUninitializedObject(typeof(RedisServerException));
}
