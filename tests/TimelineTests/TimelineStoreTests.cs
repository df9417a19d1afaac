using Floodgate.TimelineService.HomeTimelines;
using Floodgate.TimelineService.Input;
using StackExchange.Redis;

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

    [Fact]
    public async Task Pushes_at_the_same_time_all_arrive_and_each_is_told_how_many_entries_it_made()
    {
        await using var instance = await StartAsync();
        var store = instance.Get<TimelineStore>();
        var users = Enumerable.Range(0, 200).Select(_ => servers.NewUser()).ToArray();
        var living = users.Where((_, i) => i % 3 != 0).ToHashSet();
        foreach (var user in living)
        {
            await store.TryBeginAsync(user, "r");
            await store.TryCompleteAsync(user, "r", floor: 0, []);
        }

        // Audiences that overlap, with one post and with several, each larger than the one before.
        var pushes = Enumerable.Range(0, 90).Select(i => (
            Users: users.Where((_, at) => at % 5 == i % 5 || at < 20).ToArray(), Posts: Enumerable.Range(0, 1 + (i % 4)).Select(of => 1 + (10L * i) + of).ToArray())).ToArray();
        var made = await Task.WhenAll(pushes.Select(push => Task.Run(() => store.PushAsync(push.Users, push.Posts))));

        Assert.Equal(pushes.Select(push => push.Users.Count(living.Contains) * push.Posts.Length), made);
        foreach (var user in users)
        {
            var expected = pushes.Where(push => living.Contains(user) && push.Users.Contains(user)).SelectMany(push => push.Posts).OrderDescending();
            Assert.Equal(expected, (await store.TryReadAsync(user, IdInput.End, 500)).Ids);
        }
    }

    private Task<TimelineInstance> StartAsync(params (string, string)[] settings) => TimelineInstance.StartAsync(servers, works: false, settings);

    private static async Task<(long, int)> FloorAndCountAsync(TimelineStore store, long user)
    {
        var slice = await store.TryReadAsync(user, IdInput.End, 100);
        return (slice.Floor, slice.Ids.Length);
    }

    [Fact]
    public async Task A_key_that_is_no_list_fails_who_pushes_to_it_and_nobody_whose_pushes_gathered_with_it()
    {
        await using var instance = await TimelineInstance.StartAsync(servers, works: false);
        var store = instance.Get<TimelineStore>();
        long[] users = [.. Enumerable.Range(0, 8 * TimelineKeys.Buckets).Select(_ => servers.NewUser()).Where(user => user % TimelineKeys.Buckets == 0)];
        foreach (var user in users)
        {
            await instance.Redis.ListRightPushAsync(TimelineKeys.Of(user), 1);
        }

        var malformed = users[3];
        await instance.Redis.StringSetAsync(TimelineKeys.Of(malformed), "no list");

        // The first is under way when the others come, which share the next script.
        var pushes = users.ToDictionary(user => user, user => store.PushAsync([user], 2));

        await Assert.ThrowsAsync<RedisServerException>(() => pushes[malformed]);
        foreach (var user in users.Where(user => user != malformed))
        {
            Assert.Equal(1, await pushes[user]);
            Assert.Contains(2, (await instance.Redis.ListRangeAsync(TimelineKeys.Of(user))).Select(element => (long)element));
        }
    }
}
