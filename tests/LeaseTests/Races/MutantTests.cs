using Floodgate.LeaseTests.Running;

namespace Floodgate.LeaseTests.Races;

/// <summary>The races are lost by a cache that leaves something out: so the tests that win them can fail.</summary>
public sealed class MutantTests(Servers servers)
{
    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_floors_a_paused_replica_fills_after_a_write()
    {
        await using var cluster = await CacheCluster.StartChangedAsync(
            servers, 2, text => Replace(text, "local function passes(holds, floor, history)\n", "local function passes(holds, floor, history)\n    if true then return true end\n"));
        var key = servers.NewKey();
        await servers.WriteAsync(key, "old");
        await using var paused = await servers.PauseAsync("replica-1");
        var write = await servers.WriteAsync(key, "new");
        await cluster[1].Cache.InvalidateAsync(key, write, Patience);
        cluster[0].Origin.Node = "replica-1";
        await cluster[0].GetAsync(key);

        Assert.Equal("old", await cluster[1].TextAsync(key, write.Position));
    }

    [Fact]
    public async Task Without_voiding_the_lease_and_floors_a_load_of_before_the_write_fills()
    {
        await using var cluster = await CacheCluster.StartChangedAsync(
            servers, 2, text => Replace(
                Replace(text, "    if raise_floor(position, write, history) then\n        redis.call('HDEL', key, 'l')\n", "    if raise_floor(position, write, history) then\n"),
                "local function passes(holds, floor, history)\n", "local function passes(holds, floor, history)\n    if true then return true end\n"));
        var key = servers.NewKey();
        await servers.WriteAsync(key, "old");
        var loading = cluster[0].Origin.HoldAfterSnapshot();
        var before = cluster[0].GetAsync(key);
        await loading;
        var write = await servers.WriteAsync(key, "new");
        await cluster[1].Cache.InvalidateAsync(key, write, Patience);
        cluster[0].Origin.Release();
        await before;

        Assert.Equal("old", await cluster[1].TextAsync(key, write.Position));
    }

    private static string Replace(string text, string what, string by)
    {
        Assert.Contains(what, text, StringComparison.Ordinal);
        return text.Replace(what, by, StringComparison.Ordinal);
    }
}
