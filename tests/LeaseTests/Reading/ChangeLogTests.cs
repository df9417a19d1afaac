using Floodgate.Leases;
using Floodgate.Leases.Store;
using Floodgate.LeaseTests.Running;
using Floodgate.Sessions;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Floodgate.LeaseTests.Reading;

/// <summary>What the log of changes lets a process believe is what the entries themselves would tell it.</summary>
public sealed class ChangeLogTests(Servers servers)
{
    private const int Keys = 12;
    private const int Steps = 600;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task By_the_log_a_version_is_current_just_when_its_entry_says_so(int seed)
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 2);
        RedisLeaseStore[] stores = [.. Enumerable.Range(0, 2).Select(node => cluster[node].Services.GetRequiredService<RedisLeaseStore>())];
        using var redis = await servers.ConnectRedisAsync();
        var random = new Random(seed);
        var names = Enumerable.Range(0, Keys).Select(_ => cluster[0].RedisKey(servers.NewKey())).ToArray();
        var versions = new List<EntryVersion>[] { [], [] };
        var asked = 0;
        for (var step = 1; step <= Steps; step++)
        {
            var (name, store) = (names[random.Next(Keys)], stores[random.Next(2)]);
            await ChangeAsync(random, store, name, step, redis.GetDatabase());
            var reader = random.Next(2);
            versions[reader].AddRange((await stores[reader].ReadAsync([names[random.Next(Keys)]])).Where(entry => entry.IsFresh).Select(entry => entry.Version!));
            if (random.Next(4) == 0)
            {
                continue;
            }

            var known = versions[reader];
            var said = await stores[reader].CheckAsync(known);
            for (var i = 0; i < known.Count; i++, asked++)
            {
                Assert.True(said[i] == await IsCurrentAsync(redis.GetDatabase(), known[i]), $"Step {step}: {known[i].Key} {known[i].Text}: {said[i]}");
            }

            versions[reader] = [.. known.Where((_, i) => said[i] || random.Next(3) == 0)];
        }

        Assert.True(asked > Steps, $"{asked}");
    }

    [Fact]
    public async Task A_write_is_in_the_log_although_its_entry_was_gone()
    {
        await using var cluster = await CacheCluster.StartAsync(servers, 2);
        var (store, key) = (cluster[0].Services.GetRequiredService<RedisLeaseStore>(), servers.NewKey());
        var write = await servers.WriteAsync(key, "old");
        await cluster[0].GetAsync(key);
        var version = (await store.ReadAsync([cluster[0].RedisKey(key)]))[0].Version!;
        Assert.True((await store.CheckAsync([version]))[0]);

        // As under a maximum of memory. It was current until now, and may be served.
        using var redis = await servers.ConnectRedisAsync();
        await redis.GetDatabase().KeyDeleteAsync(version.Key);
        Assert.True((await store.CheckAsync([version]))[0]);
        await cluster[1].Services.GetRequiredService<RedisLeaseStore>().InvalidateAsync(version.Key, write, Lifetime);

        Assert.False((await store.CheckAsync([version]))[0]);
    }

    [Fact]
    public async Task Without_the_log_a_write_of_another_process_is_not_seen()
    {
        await using var cluster = await CacheCluster.StartChangedAsync(servers, 2, text =>
        {
            Assert.Contains("local function changed()\n", text, StringComparison.Ordinal);
            return text.Replace("local function changed()\n", "local function changed()\n    if true then return end\n", StringComparison.Ordinal);
        });
        var key = servers.NewKey();
        await servers.WriteAsync(key, "old");
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal("old", await cluster[0].TextAsync(key));
        }

        await cluster[1].Cache.InvalidateAsync(key, await servers.WriteAsync(key, "new"), TestContext.Current.CancellationToken);

        Assert.Equal("old", await cluster[0].TextAsync(key));
    }

    private static async Task ChangeAsync(Random random, RedisLeaseStore store, string name, int step, IDatabase redis)
    {
        // Positions that nothing else comes near.
        var position = new WalPosition(1, new((ulong)(0x7000_0000_0000_0000 + step)));
        var value = new FillValue(name, "{}"u8.ToArray(), position, position, Lifetime, Lifetime, TimeSpan.FromMilliseconds(1));
        var write = new CommittedWrite(position, step) { Locked = position };
        switch (random.Next(20))
        {
            case < 8:
                var token = $"{random.Next():x8}{step:x24}";
                if ((await store.AcquireAsync([name], token, Lifetime, [""]))[0].Outcome == LeaseOutcome.Won)
                {
                    await store.FillAsync([value], token, store.Generation!);
                }

                break;
            case < 12:
                await store.InvalidateAsync(name, write, Lifetime);
                break;
            case < 16:
                await store.UpdateAsync(value, write, Lifetime, store.Generation!);
                break;
            case 16:
                await redis.KeyDeleteAsync(ChangeFeed.Keys[random.Next(2)]);
                break;
            case 17:
                await redis.ListTrimAsync(ChangeFeed.Keys[1], 0, random.Next(3));
                break;
            case 18:
                // A copy of Redis from long before.
                await redis.StringDecrementAsync(ChangeFeed.Keys[0], 1_000_000);
                break;
            default:
                // More than is told at once.
                for (var i = 0; i < 8; i++)
                {
                    await redis.ListLeftPushAsync(ChangeFeed.Keys[1], [.. Enumerable.Range(0, 200).Select(_ => (RedisValue)"another")]);
                    await redis.StringIncrementAsync(ChangeFeed.Keys[0], 200);
                }

                break;
        }
    }

    private static async Task<bool> IsCurrentAsync(IDatabase redis, EntryVersion version)
    {
        var fields = await redis.HashGetAsync(version.Key, ["m", "n", "s"]);
        return !fields[0].IsNull && fields[2].IsNull && $"{fields[0]} {fields[1]}" == version.Text;
    }
}
