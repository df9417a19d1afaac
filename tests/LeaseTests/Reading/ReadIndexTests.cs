using System.Globalization;
using Floodgate.Leases;
using Floodgate.LeaseTests.Running;
using Floodgate.Sessions;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Floodgate.LeaseTests.Reading;

/// <summary>What is read as of an index is what it was at that moment, and what goes behind the question was read after it.</summary>
public sealed class ReadIndexTests(Servers servers)
{
    private WalPosition _written;

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_read_before_is_read_as_of_an_index_out_of_memory()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 1);
        long[] keys = [await WriteAsync("a"), await WriteAsync("b"), servers.NewKey()];
        await CopyAsync(cluster[0], keys);
        using var redis = await servers.ConnectRedisAsync();
        foreach (var key in keys)
            await redis.GetDatabase().HashSetAsync(cluster[0].RedisKey(key), "v", "what nobody reads");

        await ReadAsOfNextAsync(cluster[0], keys[0]);
        var index = await IndexAsync(cluster[0]);

        Assert.Equal(["a", "b", null], cluster[0].Cache.TryGetManyAt(index, keys)!.Select(one => one.Value?.Text), StringComparer.Ordinal);
        Assert.True(cluster[0].Cache.TryGetAt(index, keys[1], out var found));
        Assert.Equal(("b", CacheSource.Hit), (found.Value!.Text, found.Source));
        Assert.False(cluster[0].Cache.TryGetAt(ReadIndex.None, keys[1], out _));
        Assert.Null(cluster[0].Cache.TryGetManyAt(index, [keys[0], servers.NewKey()]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_another_process_announced_before_the_index_is_read_anew(bool isHot)
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 2, ("Floodgate:Cache:HotRate", isHot ? "1" : "1000000"));
        var key = await WriteAsync("old");
        await CopyAsync(cluster[0], [key]);
        var write = await servers.WriteAsync(key, "new");
        await cluster[1].Cache.InvalidateAsync(key, write, Patience);

        Assert.False(cluster[0].Cache.TryGetAt(await IndexAsync(cluster[0]), key, out _));
        await CopyAsync(cluster[0], [key], write.Position);

        Assert.Equal("new", (await ReadAsOfNextAsync(cluster[0], key)).Value!.Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_came_after_the_index_is_not_read_as_of_it(bool isHot)
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 1, ("Floodgate:Cache:HotRate", isHot ? "1" : "1000000"));
        var key = await WriteAsync("text");
        if (isHot)
            await Until.Async(async () => (await cluster[0].GetAsync(key)).Source == CacheSource.InProcess);
        await cluster[0].Cache.InvalidateAsync(key, await servers.WriteAsync(key, "later"), Patience);
        var index = await IndexAsync(cluster[0]);
        await Until.Async(async () => (await cluster[0].GetAsync(key)).Source == (isHot ? CacheSource.InProcess : CacheSource.Hit));

        Assert.False(cluster[0].Cache.TryGetAt(index, key, out _));
        Assert.Null(cluster[0].Cache.TryGetManyAt(index, [key]));
        await ReadAsOfNextAsync(cluster[0], key);
    }

    // As timelines rely on it: posts are in a list before it is known that they are to be looked for there, and what they need is known before they are.
    [Fact]
    public async Task What_goes_behind_the_question_is_read_after_what_is_read_as_of_it()
    {
        const int Writes = 200;
        await using var cluster = await CacheCluster.StartAsync(servers, 2, ("Floodgate:Cache:HotRate", "1000000"));
        var (key, before, after) = (await WriteAsync("0"), $"before-{Guid.NewGuid():N}", $"after-{Guid.NewGuid():N}");
        using var redis = await servers.ConnectRedisAsync();
        await redis.GetDatabase().StringSetAsync([new(before, 0), new(after, 0)]);
        await CopyAsync(cluster[0], [key]);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Patience);
        var reading = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(ReadAsync, Patience)));
        for (var number = 1; number <= Writes; number++)
        {
            await redis.GetDatabase().StringSetAsync(before, number);
            var text = number.ToString(CultureInfo.InvariantCulture);
            var write = await servers.WriteAsync(key, text);
            await cluster[1].Cache.UpdateAsync(key, new Item(key, text), write, Patience);
            await redis.GetDatabase().StringSetAsync(after, number);
        }

        await ended.CancelAsync();
        Assert.All(await reading, reads => Assert.True(reads > 0));

        async Task<int> ReadAsync()
        {
            var reads = 0;
            while (!ended.IsCancellationRequested)
            {
                Task<RedisValue[]>? sent = null;
                var index = await IndexAsync(cluster[0], batch => sent = batch.StringGetAsync([before, after]));
                var hasFirst = cluster[0].Cache.TryGetAt(index, key, out var first);
                var asOfNext = cluster[0].Cache.TryGetAt(await IndexAsync(cluster[0]), key, out var next);
                if (index.IsNone)
                    continue;

                var behind = await sent!.WaitAsync(Patience);
                if (hasFirst)
                {
                    reads++;
                    Assert.True(NumberOf(first) <= (int)behind[0], $"{NumberOf(first)} is known, and {behind[0]} is there.");
                }

                if (asOfNext)
                    Assert.True(NumberOf(next) >= (int)behind[1], $"{behind[1]} was there, and {NumberOf(next)} is known.");
                await cluster[0].GetAsync(key);
            }

            return reads;
        }
    }

    [Fact]
    public async Task Where_Redis_has_forgotten_its_scripts_the_next_question_gives_an_index()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 1);
        var key = await WriteAsync("text");
        await CopyAsync(cluster[0], [key]);
        using var redis = await servers.ConnectRedisAsync();
        await redis.GetDatabase().ExecuteAsync("SCRIPT", "FLUSH");

        // Any other question of the process may have told Redis the script, too.
        Task<RedisValue>? sent = null;
        var first = await IndexAsync(cluster[0], batch => sent = batch.StringGetAsync("none"));
        Assert.True((await sent!.WaitAsync(Patience)).IsNull);

        Assert.True(first.IsNone || cluster[0].Cache.TryGetAt(first, key, out _));
        await ReadAsOfNextAsync(cluster[0], key);
    }

    [Fact]
    public async Task Without_an_answer_there_is_no_index_and_then_nothing_is_sent_any_more()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 1);
        var key = await WriteAsync("text");
        await CopyAsync(cluster[0], [key]);
        await using (await servers.HangRedisAsync())
        {
            var wasSent = true;
            await Until.Async(async () =>
            {
                wasSent = false;
                Assert.True((await IndexAsync(cluster[0], batch =>
                {
                    wasSent = true;
                    return batch.StringGetAsync("none");
                })).IsNone);
                return !wasSent;
            });
        }

        await ReadAsOfNextAsync(cluster[0], key);
    }

    private static ValueTask<ReadIndex> IndexAsync(CacheNode node, Func<IDatabaseAsync, Task>? behind = null) =>
        node.Services.GetRequiredService<LeaseCaches>().AskReadIndexAsync(behind, Patience);

    // The client tells late that it is connected, and nothing is known of before then: what is not read as of an index is read once more.
    private static async Task<Cached<Item>> ReadAsOfNextAsync(CacheNode node, long key)
    {
        Cached<Item> found = default;
        await Until.Async(async () => node.Cache.TryGetAt(await IndexAsync(node), key, out found) || (await node.TextAsync(key)) is null);
        return found;
    }

    private static int NumberOf(Cached<Item> read) => int.Parse(read.Value!.Text, CultureInfo.InvariantCulture);

    private async Task<long> WriteAsync(string text)
    {
        var key = servers.NewKey();
        _written = (await servers.WriteAsync(key, text)).Position;
        return key;
    }

    // Loaded, read out of Redis, and read by the copy.
    private async Task CopyAsync(CacheNode node, long[] keys, WalPosition? atLeast = null)
    {
        for (var round = 0; round < 3; round++)
            await node.GetManyAsync(keys, atLeast ?? _written);
    }
}
