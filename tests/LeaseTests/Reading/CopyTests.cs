using System.Globalization;
using Floodgate.Leases;
using Floodgate.Leases.Store;
using Floodgate.LeaseTests.Running;

namespace Floodgate.LeaseTests.Reading;

/// <summary>Copies of values that processes have: Redis says each time whether they are current.</summary>
public sealed class CopyTests(Servers servers)
{
    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_value_that_is_current_is_not_read_out_of_Redis_again()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 1);
        var keys = await WriteAsync(5, "first");
        await CopyAsync(cluster, keys);
        using var redis = await servers.ConnectRedisAsync();
        foreach (var key in keys)
            await redis.GetDatabase().HashSetAsync(cluster[0].RedisKey(key), "v", "what nobody reads");

        Assert.Equal("first", await cluster[0].TextAsync(keys[0]));
        Assert.All(await cluster[0].GetManyAsync(keys), one => Assert.Equal(("first", CacheSource.Hit), (one.Value!.Text, one.Source)));
    }

    [Fact]
    public async Task With_no_room_for_copies_every_value_is_read_out_of_Redis()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 1, ("Floodgate:Cache:CopyBytes", "0"));
        var keys = await WriteAsync(1, "first");
        await CopyAsync(cluster, keys);
        using var redis = await servers.ConnectRedisAsync();
        await redis.GetDatabase().HashSetAsync(cluster[0].RedisKey(keys[0]), "v", $$"""{"Id":{{keys[0]}},"Text":"second"}""");

        Assert.Equal("second", await cluster[0].TextAsync(keys[0]));
    }

    [Theory]
    [InlineData(false, "new")]
    [InlineData(true, "new")]
    [InlineData(true, null)]
    public async Task What_one_process_writes_another_reads_at_once_although_both_have_copies(bool updates, string? text)
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 2);
        var keys = await WriteAsync(5, "old");
        for (var round = 0; round < 3; round++)
        {
            await CopyAsync(cluster, keys);
            var key = keys[round];
            var write = await servers.WriteAsync(key, text);
            if (updates)
                await cluster[0].Cache.UpdateAsync(key, text is null ? null : new Item(key, text), write, Patience);
            else
                await cluster[0].Cache.InvalidateAsync(key, write, Patience);

            for (var node = 0; node < 2; node++)
            {
                var found = await cluster[node].GetManyAsync(keys, write.Position);
                Assert.Equal(text, found[round].Value?.Text);
                Assert.Equal("old", found[4].Value?.Text);
                Assert.Equal(text, await cluster[node].TextAsync(key, write.Position));
            }
        }
    }

    [Theory]
    [InlineData("n")]
    [InlineData("m")]
    [InlineData("s")]
    public async Task A_copy_is_of_one_version_and_no_other(string field)
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 1);
        var keys = await WriteAsync(4, "old");
        await CopyAsync(cluster, keys);
        foreach (var key in keys)
            await servers.WriteAsync(key, "new");
        using var redis = await servers.ConnectRedisAsync();
        foreach (var key in keys)
        {
            var (name, database) = (cluster[0].RedisKey(key), redis.GetDatabase());
            await database.HashSetAsync(name, "v", $$"""{"Id":{{key}},"Text":"new"}""");
            var was = (string?)await database.HashGetAsync(name, field);
            // Another fill of the very same position at the very same time; another position; a write that was announced.
            await database.HashSetAsync(name, field, field switch
            {
                "n" => "another",
                "m" => was![..26] + "00000001/7FFFFFFFFFFFFFFF" + was[51..],
                _ => "00000000/0000000000000001",
            });
        }

        // None of it was logged; without the log each version is looked at.
        await redis.GetDatabase().KeyDeleteAsync(ChangeFeed.Keys[0]);
        Assert.All(await cluster[0].GetManyAsync(keys, (await servers.WriteAsync(servers.NewKey(), "later")).Position), one => Assert.Equal("new", one.Value!.Text));
    }

    [Fact]
    public async Task A_copy_of_another_run_of_Redis_is_not_served()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 2);
        var keys = await WriteAsync(4, "old");
        await CopyAsync(cluster, keys);

        await servers.RestartRedisAsync();
        foreach (var key in keys)
            await servers.WriteAsync(key, "new");
        await Until.Async(() => cluster[0].RedisAnswers && cluster[1].RedisAnswers);

        for (var node = 0; node < 2; node++)
            Assert.All(await cluster[node].GetManyAsync(keys), one => Assert.Equal("new", one.Value!.Text));
    }

    [Fact]
    public async Task A_write_that_Redis_could_not_be_told_of_is_seen_although_processes_have_copies()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 2, ("Floodgate:Cache:AnnounceTimeout", "00:00:00.500"));
        var keys = await WriteAsync(4, "old");
        await CopyAsync(cluster, keys);
        CommittedWrite write;
        await using (await servers.HangRedisAsync())
        {
            write = await servers.WriteAsync(keys[2], "new");
            Assert.Equal(Announcement.Disbelieved, await cluster[0].Cache.InvalidateAsync(keys[2], write, Patience));
        }

        // Redis still has the old value, and the copies are of its version.
        await Until.Async(async () =>
        {
            for (var node = 0; node < 2; node++)
                Assert.Equal("new", (await cluster[node].GetManyAsync(keys, write.Position))[2].Value!.Text);
            return (await cluster[1].GetManyAsync(keys, write.Position))[2].Source == CacheSource.Hit;
        });
    }

    [Fact]
    public async Task Who_is_shown_a_write_is_shown_what_was_written_before_it_whatever_changes_while_it_is_read()
    {
        const int Writes = 150;
        await using var cluster = await CacheCluster.StartAsync(servers, 3, ("Floodgate:Cache:HotRate", "1000000"));
        var keys = await WriteAsync(5, "0");
        await CopyAsync(cluster, keys);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Patience);
        var reading = Task.WhenAll(Enumerable.Range(0, 2).Select(node => Task.Run(() => ReadAsync(cluster[node]), Patience)));
        for (var number = 1; number <= Writes; number++)
        {
            // The last of the keys first: whoever sees a number at one of them must see at least that at all after it.
            for (var i = keys.Length - 1; i >= 0; i--)
            {
                var text = number.ToString(CultureInfo.InvariantCulture);
                var write = await servers.WriteAsync(keys[i], text);
                await (number % 2 == 0 ? cluster[2].Cache.InvalidateAsync(keys[i], write, Patience) : cluster[2].Cache.UpdateAsync(keys[i], new Item(keys[i], text), write, Patience));
            }
        }

        await ended.CancelAsync();
        Assert.True((await reading).Sum() > Writes);

        async Task<int> ReadAsync(CacheNode node)
        {
            var reads = 0;
            for (var position = default(Sessions.WalPosition); !ended.IsCancellationRequested; reads++)
            {
                var found = await node.GetManyAsync(keys, position);
                position = found.Select(one => one.Position).Append(position).Max();
                var numbers = found.Select(one => int.Parse(one.Value!.Text, CultureInfo.InvariantCulture)).ToArray();
                // What had to do without Redis may be older than what is beside it, unless all of it is of one snapshot.
                Assert.True(
                    (found.Any(one => one.Source == CacheSource.WithoutRedis) && found.Select(one => one.Position).Distinct().Count() > 1) || numbers.Zip(numbers.Skip(1)).All(pair => pair.First <= pair.Second),
                    string.Join(", ", found.Select(one => $"{one.Value!.Text} {one.Source} {one.Position}")));
            }

            return reads;
        }
    }

    private async Task<long[]> WriteAsync(int count, string text)
    {
        var keys = Enumerable.Range(0, count).Select(_ => servers.NewKey()).ToArray();
        foreach (var key in keys)
            await servers.WriteAsync(key, text);
        return keys;
    }

    // Loaded, read out of Redis, and read by the copy.
    private static async Task CopyAsync(CacheCluster cluster, long[] keys)
    {
        for (var node = 0; node < 2 && node < cluster.Count; node++)
        {
            for (var round = 0; round < 3; round++)
                await cluster[node].GetManyAsync(keys);
        }
    }
}
