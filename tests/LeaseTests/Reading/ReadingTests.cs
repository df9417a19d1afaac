using Floodgate.Leases;
using Floodgate.LeaseTests.Running;

namespace Floodgate.LeaseTests.Reading;

public sealed class ReadingTests(Servers servers)
{
    [Fact]
    public async Task What_one_process_loaded_another_reads_from_Redis()
    {
        await using var nodes = await CacheCluster.StartAsync(servers, 2);
        var key = servers.NewKey();
        await servers.WriteAsync(key, "one");

        var loaded = await nodes[0].GetAsync(key);
        var read = await nodes[1].GetAsync(key);

        Assert.Equal((CacheSource.Filled, "one"), (loaded.Source, loaded.Value?.Text));
        Assert.Equal((CacheSource.Hit, "one"), (read.Source, read.Value?.Text));
        Assert.Equal(loaded.Position, read.Position);
        Assert.Equal(0, nodes[1].Origin.Calls);
    }

    [Fact]
    public async Task Keys_that_nobody_has_are_loaded_in_one_query()
    {
        await using var nodes = await CacheCluster.StartAsync(servers, 1);
        var keys = Enumerable.Range(0, 20).Select(_ => servers.NewKey()).ToList();
        foreach (var key in keys)
            await servers.WriteAsync(key, $"text {key}");
        await nodes[0].GetAsync(keys[3]);

        var found = await nodes[0].GetManyAsync([.. keys, keys[0]]);

        Assert.Equal(keys.Append(keys[0]).Select(key => $"text {key}").ToArray(), found.Select(one => one.Value!.Text).ToArray());
        Assert.Equal(2, nodes[0].Origin.Calls);
        Assert.Equal(CacheSource.Hit, found[3].Source);
    }

    [Fact]
    public async Task That_there_is_none_is_remembered_too()
    {
        await using var nodes = await CacheCluster.StartAsync(servers, 2);
        var key = servers.NewKey();

        Assert.Null((await nodes[0].GetAsync(key)).Value);
        Assert.Null((await nodes[1].GetAsync(key)).Value);
        Assert.Equal(0, nodes[1].Origin.Calls);

        var write = await servers.WriteAsync(key, "now there is one");
        Assert.Equal(Announcement.Done, await nodes[0].Cache.InvalidateAsync(key, write, TestContext.Current.CancellationToken));

        Assert.Equal("now there is one", await nodes[1].TextAsync(key, write.Position));
    }

    [Fact]
    public async Task Callers_of_several_processes_share_one_query_and_are_woken()
    {
        await using var nodes = await CacheCluster.StartAsync(servers, 3);
        var key = servers.NewKey();
        await servers.WriteAsync(key, "shared");
        var loading = nodes[0].Origin.HoldAfterSnapshot();

        var callers = new List<Task<Cached<Item>>> { nodes[0].GetAsync(key) };
        await loading;
        callers.AddRange(Enumerable.Range(0, 150).Select(i => nodes[i % 3].GetAsync(key)));
        nodes[0].Origin.Release();
        var values = await Task.WhenAll(callers);

        Assert.All(values, value => Assert.Equal("shared", value.Value?.Text));
        Assert.Equal(1, nodes.Calls);
    }

    [Fact]
    public async Task Past_its_soft_expiry_a_value_is_served_at_once_while_one_process_refreshes_it()
    {
        await using var nodes = await CacheCluster.StartAsync(servers, 2, ("Floodgate:Cache:SoftExpiry", "00:00:00.200"), ("Floodgate:Cache:Beta", "0"));
        var key = servers.NewKey();
        await servers.WriteAsync(key, "old");
        await nodes[0].GetAsync(key);
        await servers.WriteAsync(key, "changed without a word");
        var refreshing = nodes[0].Origin.HoldAfterSnapshot();
        var other = nodes[1].Origin.HoldAfterSnapshot();

        await Until.Async(async () =>
        {
            Assert.Equal("old", (await nodes[0].GetAsync(key)).Value?.Text);
            Assert.Equal("old", (await nodes[1].GetAsync(key)).Value?.Text);
            return refreshing.IsCompleted || other.IsCompleted;
        });
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => nodes[i % 2].GetAsync(key)));

        Assert.Equal(2, nodes.Calls);
        nodes[0].Origin.Release();
        nodes[1].Origin.Release();
        await Until.Async(async () => await nodes[1].TextAsync(key) == "changed without a word");
    }

    [Fact]
    public async Task A_failure_reaches_all_who_wait_and_nobody_asks_again_for_a_moment()
    {
        await using var nodes = await CacheCluster.StartAsync(servers, 2, ("Floodgate:Cache:FailureRest", "00:00:10"));
        var key = servers.NewKey();
        nodes[0].Origin.Fails = nodes[1].Origin.Fails = true;

        var callers = Enumerable.Range(0, 40).Select(i => Assert.ThrowsAsync<CacheUnavailableException>(() => nodes[i % 2].GetAsync(key)));
        var errors = await Task.WhenAll(callers);
        await Assert.ThrowsAsync<CacheUnavailableException>(() => nodes[1].GetAsync(key));

        Assert.All(errors, error => Assert.Equal(CacheFailure.OriginFailed, error.Failure));
        Assert.Equal(1, nodes.Calls);
    }

    [Fact]
    public async Task The_lease_of_a_process_that_died_is_taken_over()
    {
        await using var nodes = await CacheCluster.StartAsync(servers, 2, ("Floodgate:Cache:Lease", "00:00:00.300"));
        var key = servers.NewKey();
        await servers.WriteAsync(key, "value");
        using (var redis = await servers.ConnectRedisAsync())
        {
            // What a process that was killed after it won the lease has left behind.
            await LeaseLeftBehindAsync(nodes[0], redis, key);
        }

        Assert.Equal("value", await nodes[1].TextAsync(key));
        Assert.Equal(1, nodes[1].Cache.Figures.LeasesTakenOver);
    }

    [Fact]
    public async Task A_fill_that_takes_longer_than_the_lease_keeps_it()
    {
        await using var nodes = await CacheCluster.StartAsync(servers, 2, ("Floodgate:Cache:Lease", "00:00:01"));
        var key = servers.NewKey();
        await servers.WriteAsync(key, "slow");
        var loading = nodes[0].Origin.HoldAfterSnapshot();
        var first = nodes[0].GetAsync(key);
        await loading;
        var second = nodes[1].GetAsync(key);

        using (var redis = await servers.ConnectRedisAsync())
        {
            var field = (RedisKey: nodes[0].RedisKey(key), Name: "l");
            var seen = new HashSet<string?>(StringComparer.Ordinal);
            await Until.Async(async () => seen.Add(await redis.GetDatabase().HashGetAsync(field.RedisKey, field.Name)) && seen.Count >= 5);
        }

        nodes[0].Origin.Release();
        Assert.Equal("slow", (await first).Value?.Text);
        Assert.Equal("slow", (await second).Value?.Text);
        Assert.Equal(0, nodes[1].Origin.Calls);
    }

    private static Task<bool> LeaseLeftBehindAsync(CacheNode node, StackExchange.Redis.ConnectionMultiplexer redis, long key)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        return redis.GetDatabase().HashSetAsync(node.RedisKey(key), "l", $"{Guid.NewGuid():N} {now + 300}");
    }
}
