using Floodgate.Leases;
using Floodgate.LeaseTests.Running;
using Floodgate.Sessions;

namespace Floodgate.LeaseTests.Races;

/// <summary>A write, and a load of the old value, in every order that matters: afterwards every process reads the new value.</summary>
public sealed class InvalidationRaces(Servers servers)
{
    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("floodgate")]
    [InlineData("replica-1")]
    public async Task A_value_read_before_a_write_does_not_fill_after_it(string node)
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 3);
        var key = servers.NewKey();
        await servers.WriteAsync(key, "old");
        await servers.CatchUpAsync();
        cluster[0].Origin.Node = node;
        var loading = cluster[0].Origin.HoldAfterSnapshot();
        var before = cluster[0].GetAsync(key);
        await loading;

        var write = await servers.WriteAsync(key, "new");
        await cluster[1].Cache.InvalidateAsync(key, write, Patience);
        cluster[0].Origin.Release();

        Assert.Equal("old", (await before).Value?.Text);
        cluster[0].Origin.Node = "floodgate";
        await cluster.AllReadAsync(key, "new", write.Position);
    }

    [Fact]
    public async Task A_paused_replica_cannot_fill_after_a_write_although_it_has_the_lease()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 3);
        var key = servers.NewKey();
        await servers.WriteAsync(key, "old");
        await using var paused = await servers.PauseAsync("replica-1");
        var write = await servers.WriteAsync(key, "new");
        await cluster[1].Cache.InvalidateAsync(key, write, Patience);

        // A fill that reads where it was not told to, with a lease that was given after the write.
        cluster[0].Origin.Node = "replica-1";
        await cluster[0].GetAsync(key);

        Assert.Equal(write.Position, cluster[0].Origin.Asked.AtLeast);
        Assert.Equal(1, cluster[0].Cache.Figures.FillsBelowFloor);
        await cluster[1..].AllReadAsync(key, "new", write.Position);
    }

    [Fact]
    public async Task A_paused_replica_is_not_read_for_a_fill_by_a_service()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 2);
        var key = servers.NewKey();
        await servers.WriteAsync(key, "old");
        await using var paused = await servers.PauseAsync("replica-1");
        var write = await servers.WriteAsync(key, "new");
        await cluster[0].Cache.InvalidateAsync(key, write, Patience);

        var read = await cluster[1].GetThroughReaderAsync(key, "replica-1");

        Assert.Equal("new", read.Value?.Text);
    }

    [Fact]
    public async Task A_stale_value_is_served_to_whoever_has_not_seen_the_write_and_to_nobody_else()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 2);
        var key = servers.NewKey();
        var first = await servers.WriteAsync(key, "old");
        await cluster[0].GetAsync(key);
        var write = await servers.WriteAsync(key, "new");
        await cluster[0].Cache.InvalidateAsync(key, write, Patience);
        var refreshing = cluster[1].Origin.HoldAfterSnapshot();

        var anybody = await cluster[1].GetAsync(key);
        var whoSawTheFirst = await cluster[1].GetAsync(key, first.Position);
        var writer = cluster[1].GetAsync(key, write.Position);
        await refreshing;

        Assert.Equal((CacheSource.Stale, "old"), (anybody.Source, anybody.Value?.Text));
        Assert.Equal("old", whoSawTheFirst.Value?.Text);
        Assert.False(writer.IsCompleted);
        cluster[1].Origin.Release();
        Assert.Equal("new", (await writer).Value?.Text);
        Assert.Equal(1, cluster[1].Origin.Calls);
    }

    [Fact]
    public async Task Of_several_writes_the_first_that_a_value_lacks_decides_who_may_have_it()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 2);
        var key = servers.NewKey();
        await servers.WriteAsync(key, "old");
        await cluster[0].GetAsync(key);
        var first = await servers.WriteAsync(key, "new");
        var second = await servers.WriteAsync(key, "newest");

        // The later one is told first.
        await cluster[0].Cache.InvalidateAsync(key, second, Patience);
        await cluster[0].Cache.InvalidateAsync(key, first, Patience);

        Assert.Equal("newest", await cluster[1].TextAsync(key, first.Position));
    }

    [Fact]
    public async Task A_deletion_is_seen_by_all()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 3);
        var key = servers.NewKey();
        await servers.WriteAsync(key, "here");
        await cluster.AllReadAsync(key, "here");

        var write = await servers.WriteAsync(key, null);
        await cluster[0].Cache.UpdateAsync(key, null, write, Patience);

        await cluster.AllReadAsync(key, null, write.Position);
        Assert.Equal(1, cluster.Calls);
    }

    [Fact]
    public async Task Telling_a_write_again_costs_no_load()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 2);
        var key = servers.NewKey();
        var write = await servers.WriteAsync(key, "value", id: 42);
        await cluster[0].Cache.InvalidateAsync(key, write, Patience);
        await cluster[0].GetAsync(key, write.Position);

        // The outbox knows the write, and the position only roughly.
        var later = await servers.WriteAsync(servers.NewKey(), "something else");
        await cluster[1].Cache.InvalidateAsync(key, write with { Position = later.Position }, Patience);
        await cluster[1].GetAsync(key, later.Position);

        Assert.Equal(1, cluster.Calls);
    }

    [Fact]
    public async Task A_page_shows_nothing_without_what_was_written_before_it()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 2);
        var (one, other) = (servers.NewKey(), servers.NewKey());
        await servers.WriteAsync(one, "one, old");
        await servers.WriteAsync(other, "other, old");
        await cluster[0].GetManyAsync([one, other]);
        var first = await servers.WriteAsync(one, "one, new");
        await cluster[0].Cache.InvalidateAsync(one, first, Patience);
        var second = await servers.WriteAsync(other, "other, new");
        await cluster[0].Cache.InvalidateAsync(other, second, Patience);
        await cluster[0].GetAsync(other, second.Position);

        // A caller without a session could have either; but not the second write without the first.
        var page = await cluster[1].GetManyAsync([one, other]);

        Assert.Equal("other, new", page[1].Value?.Text);
        Assert.Equal("one, new", page[0].Value?.Text);
    }

    [Fact]
    public async Task A_floor_of_a_timeline_that_was_left_locks_no_key()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 1);
        var key = servers.NewKey();
        var write = await servers.WriteAsync(key, "value");

        // As of a promotion this was lost: nobody will ever be at it.
        var lost = write with { Position = new WalPosition(0, new Lsn(ulong.MaxValue / 2)) };
        await cluster[0].Cache.InvalidateAsync(key, lost, Patience);

        Assert.Equal("value", await cluster[0].TextAsync(key));
        Assert.Equal("value", await cluster[0].TextAsync(key));
        Assert.Equal(1, cluster.Calls);
    }
}
