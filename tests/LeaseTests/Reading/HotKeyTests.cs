using Floodgate.Leases;
using Floodgate.LeaseTests.Running;

namespace Floodgate.LeaseTests.Reading;

public sealed class HotKeyTests(Servers servers)
{
    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hot_key_is_served_from_the_process()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 1, ("Floodgate:Cache:HotRate", "1"));
        var key = servers.NewKey();
        await servers.WriteAsync(key, "hot");

        await WarmAsync(cluster[0], key);

        Assert.Equal("hot", await cluster[0].TextAsync(key));
        Assert.True(cluster[0].Cache.Figures.InProcessBytes > 0);
        Assert.Equal($"{key}", cluster[0].Cache.Figures.Hottest[0].Key);
    }

    [Fact]
    public async Task A_write_of_a_hot_key_is_acknowledged_when_no_process_serves_the_old_value_any_more()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 2, ("Floodgate:Cache:HotRate", "1"), ("Floodgate:Cache:HoldFor", "00:00:01"));
        var key = servers.NewKey();
        await servers.WriteAsync(key, "old");
        for (var round = 0; round < 3; round++)
        {
            await WarmAsync(cluster[1], key);
            var text = $"new {round}";
            var write = await servers.WriteAsync(key, text);

            await cluster[0].Cache.InvalidateAsync(key, write, Patience);

            // Not even a push that was lost makes a difference: the memory is asked as it is.
            Assert.Equal(text, await cluster[1].TextAsync(key, write.Position));
        }
    }

    [Fact]
    public async Task A_process_that_hears_no_push_stops_serving_by_itself_before_the_write_is_acknowledged()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 2, ("Floodgate:Cache:HotRate", "1"), ("Floodgate:Cache:HoldFor", "00:00:01"));
        var key = servers.NewKey();
        await servers.WriteAsync(key, "old");
        cluster[1].StopListening();
        await WarmAsync(cluster[1], key);
        var write = await servers.WriteAsync(key, "new");

        var telling = cluster[0].Cache.InvalidateAsync(key, write, Patience);
        var servedOld = false;
        while (!telling.IsCompleted)
            servedOld |= await cluster[1].TextAsync(key) == "old";

        await telling;
        Assert.True(servedOld);
        Assert.Equal("new", await cluster[1].TextAsync(key, write.Position));
    }

    private static Task WarmAsync(CacheNode node, long key) =>
        Until.Async(async () => (await node.GetAsync(key)).Source == CacheSource.InProcess);
}
