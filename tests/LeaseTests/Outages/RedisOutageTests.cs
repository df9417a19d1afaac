using Floodgate.Leases;
using Floodgate.LeaseTests.Running;

namespace Floodgate.LeaseTests.Outages;

/// <summary>Redis away, hanging, started anew: reads go on, and nothing old comes back with it.</summary>
public sealed class RedisOutageTests(Servers servers)
{
    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_Redis_hangs_callers_of_a_process_share_queries_and_nothing_old_comes_back_with_it()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 2, ("Floodgate:Cache:AnnounceTimeout", "00:00:00.500"), ("Floodgate:Cache:KeepWithoutRedis", "00:00:20"));
        var key = servers.NewKey();
        await servers.WriteAsync(key, "old");
        await cluster.AllReadAsync(key, "old");
        CommittedWrite write;
        await using (await servers.HangRedisAsync())
        {
            write = await servers.WriteAsync(key, "new");
            Assert.Equal(Announcement.Disbelieved, await cluster[0].Cache.InvalidateAsync(key, write, Patience));

            var before = cluster.Calls;
            var values = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => cluster[i % 2].GetAsync(key, write.Position)));
            Assert.All(values, value => Assert.Equal("new", value.Value?.Text));
            Assert.InRange(cluster.Calls - before, 1, 4);
        }

        // Redis still has the old value, and no floor.
        await Until.Async(async () =>
        {
            Assert.Equal("new", await cluster[0].TextAsync(key, write.Position));
            Assert.Equal("new", await cluster[1].TextAsync(key, write.Position));
            return (await cluster[1].GetAsync(key)).Source == CacheSource.Hit;
        });
    }

    [Fact]
    public async Task After_Redis_was_started_anew_a_load_of_before_and_a_paused_replica_do_not_fill()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 2);
        var key = servers.NewKey();
        await servers.WriteAsync(key, "old");
        await using var paused = await servers.PauseAsync("replica-1");
        var loading = cluster[0].Origin.HoldAfterSnapshot();
        var before = cluster[0].GetAsync(key);
        await loading;
        var write = await servers.WriteAsync(key, "new");
        await cluster[0].Cache.InvalidateAsync(key, write, Patience);

        // The floor is lost with everything else.
        await servers.RestartRedisAsync();
        cluster[0].Origin.Release();
        await before;

        // While it is not known what to believe, reads go past Redis, as far as the caller's session demands.
        await Until.Async(() => cluster[0].RedisAnswers && cluster[1].RedisAnswers);
        Assert.Equal("new", (await cluster[1].GetThroughReaderAsync(key, "replica-1")).Value?.Text);
        await cluster.AllReadAsync(key, "new", write.Position);
    }

    [Fact]
    public async Task Without_Redis_the_database_gets_as_many_calls_as_it_may_have_and_the_others_an_error()
    {
        await using var cluster = await CacheCluster.StartAsync(
            servers, 1, ("Floodgate:Cache:OriginConcurrency", "2"), ("Floodgate:Cache:OriginQueue", "3"));
        var keys = Enumerable.Range(0, 20).Select(_ => servers.NewKey()).ToList();
        await using var hang = await servers.HangRedisAsync();
        await Until.Async(async () => (await cluster[0].GetAsync(servers.NewKey())).Source == CacheSource.WithoutRedis);
        _ = cluster[0].Origin.HoldAfterSnapshot();

        var reads = keys.ConvertAll(key => cluster[0].GetAsync(key));
        await Until.Async(() => reads.Count(read => read.IsFaulted) == 15);
        cluster[0].Origin.Release();

        var errors = await Task.WhenAll(reads.Where(read => read.IsFaulted).Select(read => Assert.ThrowsAsync<CacheUnavailableException>(() => read)));
        Assert.All(errors, error => Assert.Equal(CacheFailure.OriginBusy, error.Failure));
        await Until.Async(() => reads.Count(read => read.IsCompletedSuccessfully) == 5);
    }

    [Fact]
    public async Task What_cannot_be_told_to_anybody_is_left_to_the_outbox()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 1, ("Floodgate:Cache:AnnounceTimeout", "00:00:00.300"));
        var key = servers.NewKey();
        var write = await servers.WriteAsync(key, "value");
        await using var hang = await servers.HangRedisAsync();
        await using var locked = await servers.LockEpochAsync();

        Assert.Equal(Announcement.LeftToOutbox, await cluster[0].Cache.InvalidateAsync(key, write, Patience));
    }
}
