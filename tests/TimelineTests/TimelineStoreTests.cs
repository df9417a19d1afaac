using Floodgate.TimelineService.HomeTimelines;
using Floodgate.TimelineService.Input;

namespace Floodgate.TimelineTests;

/// <summary>The transitions of a timeline in Redis, in orders that chance would rarely give.</summary>
public sealed class TimelineStoreTests(Servers servers)
{
    [Fact]
    public async Task A_post_pushed_during_a_rebuild_is_kept()
    {
        await using var instance = await StartAsync();
        var (store, user) = (instance.Get<TimelineStore>(), servers.NewUser());

        Assert.True(await store.TryBeginAsync(user, "r"));
        await store.TryPushAsync(user, 9);
        Assert.Equal(TimelineState.Building, (await store.TryReadAsync(user, IdInput.End, 10)).State);
        Assert.True(await store.TryCompleteAsync(user, "r", floor: 0, [7, 5]));

        var slice = await store.TryReadAsync(user, IdInput.End, 10);
        Assert.Equal((TimelineState.Complete, 0L), (slice.State, slice.Floor));
        Assert.Equal([9, 7, 5], slice.Ids);
    }

    [Fact]
    public async Task A_rebuild_that_began_before_the_timeline_was_forgotten_does_not_write()
    {
        await using var instance = await StartAsync();
        var (store, user) = (instance.Get<TimelineStore>(), servers.NewUser());

        await store.TryBeginAsync(user, "old");
        await store.TryForgetAsync(user);
        Assert.True(await store.TryBeginAsync(user, "new"));

        Assert.False(await store.TryCompleteAsync(user, "old", floor: 0, [5]));
        await store.TryAbandonAsync(user, "old");
        Assert.True(await store.TryCompleteAsync(user, "new", floor: 0, [6]));
        var slice = await store.TryReadAsync(user, IdInput.End, 10);
        Assert.Equal([6], slice.Ids);
    }

    [Fact]
    public async Task Of_two_rebuilds_one_goes_on()
    {
        await using var instance = await StartAsync();
        var (store, user) = (instance.Get<TimelineStore>(), servers.NewUser());

        Assert.True(await store.TryBeginAsync(user, "a"));
        Assert.False(await store.TryBeginAsync(user, "b"));
        await store.TryCompleteAsync(user, "a", floor: 0, []);
        Assert.False(await store.TryBeginAsync(user, "b"));
    }

    [Fact]
    public async Task A_timeline_that_does_not_exist_is_not_made_by_a_push()
    {
        await using var instance = await StartAsync();
        var (store, user) = (instance.Get<TimelineStore>(), servers.NewUser());

        await store.TryPushAsync(user, 5);

        Assert.Equal(TimelineState.Missing, (await store.TryReadAsync(user, IdInput.End, 10)).State);
    }

    [Fact]
    public async Task A_push_below_the_floor_changes_nothing_and_the_largest_id_is_exact()
    {
        await using var instance = await StartAsync();
        var (store, user) = (instance.Get<TimelineStore>(), servers.NewUser());
        const long Largest = IdInput.End - 1;
        await store.TryBeginAsync(user, "r");
        await store.TryCompleteAsync(user, "r", floor: Largest - 2, [Largest - 2]);

        await store.TryPushAsync(user, Largest - 3);
        await store.TryPushAsync(user, Largest);
        await store.TryPushAsync(user, Largest);

        var slice = await store.TryReadAsync(user, IdInput.End, 10);
        Assert.Equal(Largest - 2, slice.Floor);
        Assert.Equal([Largest, Largest - 2], slice.Ids);
    }

    [Fact]
    public async Task A_trim_raises_the_floor_to_the_lowest_post_left()
    {
        await using var instance = await StartAsync(("Floodgate:Timelines:Cap", "20"), ("Floodgate:Timelines:TrimSlack", "2"));
        var (store, user) = (instance.Get<TimelineStore>(), servers.NewUser());
        await store.TryBeginAsync(user, "r");
        await store.TryCompleteAsync(user, "r", floor: 0, []);

        for (var id = 101; id <= 122; id++)
        {
            await store.TryPushAsync(user, id);
        }

        Assert.Equal((0L, 22), await FloorAndCountAsync(store, user));
        await store.TryPushAsync(user, 123);
        Assert.Equal((104L, 20), await FloorAndCountAsync(store, user));
        var slice = await store.TryReadAsync(user, 107, 50);
        Assert.Equal([106, 105, 104], slice.Ids);
    }

    [Fact]
    public async Task A_rebuild_keeps_no_more_than_the_cap_together_with_what_was_pushed()
    {
        await using var instance = await StartAsync(("Floodgate:Timelines:Cap", "20"));
        var (store, user) = (instance.Get<TimelineStore>(), servers.NewUser());
        await store.TryBeginAsync(user, "r");
        await store.TryPushAsync(user, 50);
        await store.TryPushAsync(user, 3);

        Assert.True(await store.TryCompleteAsync(user, "r", floor: 10, [.. Enumerable.Range(10, 20).Select(id => (long)id).Reverse()]));

        Assert.Equal((11L, 20), await FloorAndCountAsync(store, user));
    }

    private Task<TimelineInstance> StartAsync(params (string, string)[] settings) => TimelineInstance.StartAsync(servers, works: false, settings);

    private static async Task<(long, int)> FloorAndCountAsync(TimelineStore store, long user)
    {
        var slice = await store.TryReadAsync(user, IdInput.End, 100);
        return (slice.Floor, slice.Ids.Length);
    }
}
