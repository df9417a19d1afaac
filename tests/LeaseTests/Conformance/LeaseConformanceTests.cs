using System.Collections.Concurrent;
using Floodgate.LeaseTests.Running;
using Floodgate.Model;
using Floodgate.Sessions;
using StackExchange.Redis;

namespace Floodgate.LeaseTests.Conformance;

/// <summary>That the simulation's model of the lease cache in Redis does what the scripts do.</summary>
public sealed class LeaseConformanceTests(Servers servers)
{
    private const int Operations = 400;
    private const long Start = 1_800_000_000_000;

    // What runs out in the test runs out by the clock of the test, and never by that of Redis.
    private const long Long = 600_000;

    private static readonly string[] Histories =
    [
        "00000001", "00000002 00000001=0000000000000060", "00000003 00000001=0000000000000060 00000002=0000000000000080",
        "00000003 00000001=0000000000000040",
    ];

    private static readonly string[] Generations = ["1:a", "2:a", "12:a", "2:b"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task The_model_answers_what_the_scripts_answer_and_holds_and_pushes_what_they_do(int seed)
    {
        using var connection = await servers.ConnectRedisAsync();
        var redis = connection.GetDatabase();
        var random = new Random(seed);
        var key = $"lc:conformance:{Guid.NewGuid():N}";
        var scripts = new ScriptedLeases(redis, key + ":clock");
        var now = Start;
        var (pushed, expected) = (new ConcurrentQueue<string>(), new List<string>());
        var model = new ModelRedis(() => DateTimeOffset.UtcNow);
        var leases = new ModelLeases(model, () => DateTimeOffset.FromUnixTimeMilliseconds(now), (channel, name) => expected.Add($"{channel} {name}"));
        await ListenAsync(connection, key, pushed);
        for (var i = 0; i < Operations; i++)
        {
            now += random.Next(6) == 0 ? random.Next(40_000) : random.Next(300);
            await scripts.SetClockAsync(now);
            var what = await OperateAsync(random, scripts, leases, model, key, $"seed {seed}, operation {i}");
            await CompareAsync(redis, model, key, what);
        }

        Assert.NotEmpty(expected);
        await Until.Async(() => pushed.Count >= expected.Count);
        Assert.Equal(expected, pushed, StringComparer.Ordinal);
    }

    private static async Task<string> OperateAsync(Random random, ScriptedLeases scripts, ModelLeases leases, ModelRedis model, string key, string number)
    {
        var generation = Any(random, random.Next(3) == 0 ? Generations : Generations[..2]);
        var (token, process) = ($"t{random.Next(4)}", $"p{random.Next(3)}");
        var history = Any(random, random.Next(2) == 0 ? Histories : Histories[..1]);
        var version = random.Next(4) == 0 ? "other version" : $"{model.Get(key, "m")} {model.Get(key, "n")}";
        Same($"{number}: check {version}", leases.Check(key, version) ? "1" : "0", await scripts.CheckAsync(key, version));
        switch (random.Next(20))
        {
            case < 5:
                var seen = random.Next(3) == 0 ? model.Get(key, "m") ?? "" : "";
                var lease = random.Next(30_000, 60_000);
                var acquired = leases.Acquire(key, token, lease, process, generation, seen);
                return Same(
                    $"{number}: acquire {token} {process} {generation} '{seen}'",
                    ScriptedLeases.Join([acquired.How, acquired.Time, .. acquired.Fields, acquired.Detail, acquired.Held]),
                    await scripts.AcquireAsync(key, token, lease, process, generation, seen));
            case < 6:
                return Same($"{number}: extend {token}", $"{leases.Extend(key, token, 40_000)}", await scripts.ExtendAsync(key, token, 40_000));
            case < 7:
                return Same($"{number}: fail {token}", $"{leases.Fail(key, token, 35_000, "away: for now")}", await scripts.FailAsync(key, token, 35_000, "away: for now"));
            case < 9:
                var (held, fields) = leases.Hold(key, 20_000, generation);
                return Same($"{number}: hold {generation}", ScriptedLeases.Join([held ? 1 : 0, .. fields, leases.Token(key)]), await scripts.HoldAsync(key, 20_000, generation));
            case < 14:
                var fill = Fill(random, key, history, generation);
                return Same($"{number}: fill {token} {fill}", leases.Fill(fill, token), await scripts.FillAsync(fill, token));
            case < 17:
                var write = Write(random, history);
                return Same($"{number}: invalidate {write}", $"{leases.Invalidate(key, write)}", await scripts.InvalidateAsync(key, write));
            default:
                var (value, told) = (Fill(random, key, history, generation), Write(random, history));
                var (kept, left) = leases.Update(value, told);
                return Same($"{number}: update {value} {told}", ScriptedLeases.Join(kept ? 1 : 0, left), await scripts.UpdateAsync(value, told));
        }
    }

    private static string Same(string what, string model, string redis)
    {
        Assert.True(model == redis, $"{what}\nRedis: {redis}\nModel: {model}");
        return what;
    }

    private static ModelFill Fill(Random random, string key, string history, string generation)
    {
        var holds = Position(random);
        var shown = holds with { Lsn = new Lsn(holds.Lsn.Value + (ulong)random.Next(8)) };
        return new ModelFill(
            key, random.Next(4) == 0 ? null : $"v{random.Next(100)}", history, holds.ToString(), shown.ToString(), 30_000, Long + random.Next(60_000), random.Next(50), generation);
    }

    private static ModelWrite Write(Random random, string history)
    {
        var position = Position(random);
        var locked = random.Next(4) == 0 ? WalPosition.None : position with { Lsn = new Lsn(position.Lsn.Value - Math.Min(position.Lsn.Value, (ulong)random.Next(8))) };
        return new ModelWrite(position.ToString(), locked.ToString(), random.Next(3) == 0 ? 0 : random.Next(1, 8), history, Long);
    }

    private static WalPosition Position(Random random) => new(random.Next(2) == 0 ? 1 : (uint)random.Next(1, 5), new Lsn((ulong)random.Next(0x20, 0xA0)));

    private static string Any(Random random, string[] of) => of[random.Next(of.Length)];

    private static async Task ListenAsync(ConnectionMultiplexer connection, string key, ConcurrentQueue<string> pushed)
    {
        var subscriber = connection.GetSubscriber();
        await subscriber.SubscribeAsync(new RedisChannel("lc:*", RedisChannel.PatternMode.Pattern), (channel, message) =>
        {
            if (message == key)
            {
                pushed.Enqueue($"{channel} {message}");
            }
        });
    }

    private static async Task CompareAsync(IDatabase redis, ModelRedis model, string key, string after)
    {
        var real = (await redis.HashGetAllAsync(key)).ToDictionary(of => of.Name.ToString(), of => of.Value.ToString(), StringComparer.Ordinal);
        var modelled = model.Find(key)?.Fields ?? [];
        Assert.True(
            real.Count == modelled.Count && real.All(of => modelled.GetValueOrDefault(of.Key) == of.Value),
            $"After {after}\nRedis: {Text(real)}\nModel: {Text(modelled)}");
        if (model.TimeToLive(key) is { } left)
        {
            Assert.InRange((left - (await redis.KeyTimeToLiveAsync(key))!.Value).TotalSeconds, -3, 3);
        }
    }

    private static string Text(Dictionary<string, string> hash) => string.Join(", ", hash.OrderBy(of => of.Key, StringComparer.Ordinal).Select(of => $"{of.Key}={of.Value}"));
}
