using Floodgate.LeaseTests.Running;

namespace Floodgate.LeaseTests.Races;

/// <summary>Updates and loads against each other: the newest value stays, whatever the order of arrival.</summary>
public sealed class FillRaces(Servers servers)
{
    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_update_is_kept_and_an_older_load_does_not_replace_it()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 3);
        var key = servers.NewKey();
        await servers.WriteAsync(key, "old");
        var loading = cluster[0].Origin.HoldAfterSnapshot();
        var before = cluster[0].GetAsync(key);
        await loading;

        var write = await servers.WriteAsync(key, "new");
        await cluster[1].Cache.UpdateAsync(key, new Item(key, "new"), write, Patience);
        cluster[0].Origin.Release();
        await before;

        await cluster.AllReadAsync(key, "new", write.Position);
        Assert.Equal(1, cluster.Calls);
    }

    [Fact]
    public async Task Of_two_updates_the_one_whose_transaction_was_later_stays_although_the_other_is_told_later()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 2);
        var key = servers.NewKey();
        var first = await servers.WriteAsync(key, "first");
        var second = await servers.WriteAsync(key, "second");

        // The first writer was slow to ask for its position after the commit.
        var slow = first with { Position = (await servers.WriteAsync(servers.NewKey(), "something else")).Position };
        await cluster[1].Cache.UpdateAsync(key, new Item(key, "second"), second, Patience);
        await cluster[0].Cache.UpdateAsync(key, new Item(key, "first"), slow, Patience);

        await cluster.AllReadAsync(key, "second", slow.Position);
    }

    [Fact]
    public async Task An_update_does_not_replace_a_load_that_has_a_later_write()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 2);
        var key = servers.NewKey();
        var first = await servers.WriteAsync(key, "first");
        await servers.WriteAsync(key, "second, told by nobody yet");
        await cluster[0].GetAsync(key);

        await cluster[1].Cache.UpdateAsync(key, new Item(key, "first"), first, Patience);

        await cluster.AllReadAsync(key, "second, told by nobody yet", first.Position);
    }

    [Fact]
    public async Task A_load_whose_lease_was_taken_over_does_not_replace_a_newer_one()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 3);
        var key = servers.NewKey();
        await servers.WriteAsync(key, "old");
        var loading = cluster[0].Origin.HoldAfterSnapshot();
        var before = cluster[0].GetAsync(key);
        await loading;
        await servers.WriteAsync(key, "new");
        await cluster.TakeLeaseAwayAsync(key);

        Assert.Equal("new", await cluster[1].TextAsync(key));
        cluster[0].Origin.Release();
        await before;

        Assert.Equal("new", await cluster[2].TextAsync(key));
        Assert.Equal(2, cluster.Calls);
    }

    [Fact]
    public async Task A_refresh_from_a_node_behind_what_was_shown_is_rejected()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 2, ("Floodgate:Cache:SoftExpiry", "00:00:00.100"), ("Floodgate:Cache:Beta", "0"));
        var key = servers.NewKey();
        await servers.WriteAsync(key, "old");
        await using var paused = await servers.PauseAsync("replica-1");
        await servers.WriteAsync(key, "new");
        Assert.Equal("new", await cluster[0].TextAsync(key));
        cluster[1].Origin.Node = "replica-1";

        // Nobody told the write: only that somebody was shown it keeps the replica out.
        await Until.Async(async () =>
        {
            Assert.Equal("new", await cluster[1].TextAsync(key));
            return cluster[1].Cache.Figures.FillsBelowFloor > 0;
        });
        Assert.Equal("new", await cluster[1].TextAsync(key));
    }

    [Fact]
    public async Task A_caller_does_not_share_a_load_that_began_before_its_own_write()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 1);
        var key = servers.NewKey();
        await servers.WriteAsync(key, "old");
        var loading = cluster[0].Origin.HoldAfterSnapshot();
        var before = cluster[0].GetAsync(key);
        await loading;
        var write = await servers.WriteAsync(key, "new");
        await cluster[0].Cache.InvalidateAsync(key, write, Patience);

        var after = cluster[0].GetAsync(key, write.Position);
        cluster[0].Origin.Release();

        Assert.Equal("old", (await before).Value?.Text);
        Assert.Equal("new", (await after).Value?.Text);
    }
}
