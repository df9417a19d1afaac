using System.Globalization;
using Floodgate.TimelineService.HomeTimelines;
using StackExchange.Redis;

namespace Floodgate.TimelineTests;

/// <summary>That Redis puts timelines in order as it would be written in C#, however disordered they are.</summary>
public sealed class SettlingTests(Servers servers)
{
    private const int Timelines = 40;
    private const int Cap = 300;
    private const string Mark = "m:test";

    // As ids are today: 15 digits, which a script must not round.
    private const long Today = 245_760_000_000_000;
    private static readonly int[] Lengths = [0, 1, 5, 50, 250, 300];
    private static readonly int[] Tails = [0, 1, 3, 30, 150, 250, 900];
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(1000);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task What_is_at_or_above_the_floor_stands_there_once_and_in_order_and_lives_as_long_as_before(int seed)
    {
        await using var instance = await TimelineInstance.StartAsync(servers, works: false);
        var database = instance.Redis;
        var random = new Random(seed);
        for (var i = 0; i < Timelines; i++)
        {
            var key = TimelineKeys.Of(servers.NewUser());
            var ordered = Ids(random, Lengths, 5000).Distinct().Order().ToList();
            var floor = random.Next(3) == 0 ? Today + random.Next(8000) : ordered.FirstOrDefault();
            ordered.RemoveAll(id => id < floor);
            var tail = Ids(random, Tails, 6000);
            await database.ListRightPushAsync(key, [Text(floor, "z"), .. ordered.Select(id => Text(id)), Mark, .. tail.Select(id => Text(id))]);
            await database.KeyExpireAsync(key, Life);

            Assert.Equal(2, (int)await TimelineScripts.Settle.RunAsync(database, key, [Mark, Cap]));

            var all = ordered.Concat(tail).Where(id => id >= floor).Distinct().Order().ToList();
            var kept = all.Skip(all.Count - Cap).ToList();
            var head = kept.Count < all.Count ? kept[0] : floor;
            RedisValue[] expected = [Text(head, "z"), .. kept.Select(id => Text(id)), Mark];
            Assert.Equal(expected, await database.ListRangeAsync(key));
            Assert.InRange((await database.KeyTimeToLiveAsync(key))!.Value, Life - TimeSpan.FromMinutes(1), Life);
        }
    }

    [Theory]
    [InlineData(Arrival.InOrder)]
    [InlineData(Arrival.NearlyInOrder)]
    [InlineData(Arrival.InBlocks)]
    [InlineData(Arrival.Twice)]
    [InlineData(Arrival.Anyhow)]
    public async Task However_posts_arrive_a_timeline_that_nobody_reads_stays_short_and_has_every_post_from_its_floor_on(object arrival)
    {
        const int Slack = 30;
        const int Posts = 1500;
        await using var instance = await TimelineInstance.StartAsync(servers, works: false);
        var database = instance.Redis;
        var key = TimelineKeys.Of(servers.NewUser());
        var pushed = new SortedSet<long>(Enumerable.Range(1, Cap - 25).Select(i => Today - Cap + i));
        await database.ListRightPushAsync(key, ["z0", .. pushed.Select(id => Text(id)), Mark]);
        await database.KeyExpireAsync(key, Life);
        var settled = 0;
        foreach (var group in Arriving(new Random(1), (Arrival)arrival, Posts).Chunk(7))
        {
            await TimelineScripts.Push.RunAsync(
                database, [key], [Mark, Cap, Cap + Slack + 2, 1, group.Length, .. group.Select(id => (RedisValue)id)]);
            pushed.UnionWith(group);

            var list = await database.ListRangeAsync(key);
            // What lies below the floor takes places and goes when the timeline is put in order: much only where posts come in no order at all.
            var least = (Arrival)arrival == Arrival.Anyhow ? 1 : Math.Min(pushed.Count, Cap * 2 / 3);
            Assert.InRange(list.Length, least, Cap + Slack + 2);
            Assert.Single(list, element => element == Mark);
            var floor = long.Parse(((string)list[0]!)[1..], CultureInfo.InvariantCulture);
            var ids = list.Skip(1).Where(element => element != Mark).Select(element => (long)element).Where(id => id >= floor).ToHashSet();
            Assert.Equal(pushed.Where(id => id >= floor), ids.Order());
            settled += list[^1] == Mark ? 1 : 0;
            Assert.InRange(ids.Count, least, Cap + Slack);
        }

        Assert.InRange((await database.KeyTimeToLiveAsync(key))!.Value, Life - TimeSpan.FromMinutes(1), Life);
        Assert.Equal((Arrival)arrival == Arrival.Anyhow, settled > 0);
    }

    [Fact]
    public async Task Own_posts_that_stand_in_the_timeline_twice_are_taken_out_where_they_would_make_a_page_short()
    {
        await using var instance = await TimelineInstance.StartAsync(servers, works: true);
        var (ann, bob) = (servers.NewUser(), servers.NewUser());
        await instance.CreateUserAsync(ann, bob);
        await instance.FollowAsync(ann, bob);
        for (var i = 0; i < 30; i++)
        {
            await instance.PostAsync(bob);
        }

        await instance.DrainAsync();
        await instance.PageAsync(ann);
        for (var i = 0; i < 12; i++)
        {
            await instance.PostAsync(ann);
        }

        await instance.DrainAsync();
        var before = await instance.Redis.ListRangeAsync(TimelineKeys.Of(ann));
        Assert.Equal(before.Distinct().Count() + 12, before.Length);

        Assert.Equal((await instance.OracleAsync(ann)).Take(20), (await instance.PageAsync(ann)).Ids);

        var after = await instance.Redis.ListRangeAsync(TimelineKeys.Of(ann));
        Assert.Equal(after.Distinct(), after);
    }

    // In which order posts come.
    internal enum Arrival
    {
        InOrder,
        NearlyInOrder,
        InBlocks,
        Twice,
        Anyhow,
    }

    private static IEnumerable<long> Arriving(Random random, Arrival arrival, int count)
    {
        var ids = Enumerable.Range(1, count).Select(i => Today + i);
        return arrival switch
        {
            Arrival.NearlyInOrder => ids.OrderBy(id => id + random.Next(30)),
            Arrival.InBlocks => ids.Chunk(20).Chunk(2).SelectMany(two => two.Reverse().SelectMany(block => block)),
            Arrival.Twice => ids.SelectMany(id => random.Next(3) == 0 ? new[] { id, id } : [id]),
            Arrival.Anyhow => ids.OrderBy(_ => random.Next()),
            _ => ids,
        };
    }

    private static List<long> Ids(Random random, int[] lengths, int most)
    {
        var ids = new List<long>();
        for (var left = lengths[random.Next(lengths.Length)]; left > 0; left--)
        {
            ids.Add(Today + random.Next(1, most));
        }

        return ids;
    }

    private static RedisValue Text(long id, string before = "") => before + id.ToString(CultureInfo.InvariantCulture);
}
