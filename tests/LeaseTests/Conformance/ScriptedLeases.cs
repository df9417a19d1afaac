using System.Globalization;
using Floodgate.Leases.Store;
using Floodgate.Model;
using Floodgate.Redis;
using StackExchange.Redis;

namespace Floodgate.LeaseTests.Conformance;

/// <summary>The scripts on a real Redis, called as the model is; their clock is what the test sets.</summary>
internal sealed class ScriptedLeases(IDatabase redis, string clock)
{
    private readonly LeaseScripts _scripts = new(text =>
    {
        var changed = text.Replace("redis.call('TIME')", $"redis.call('HMGET', '{clock}', 's', 'u')", StringComparison.Ordinal);
        Assert.DoesNotContain("TIME", changed, StringComparison.Ordinal);
        return changed;
    });

    /// <summary>Sets the clock, in milliseconds since 1970.</summary>
    public Task SetClockAsync(long now) =>
        redis.HashSetAsync(clock, [new HashEntry("s", now / 1000), new HashEntry("u", now % 1000 * 1000)]);

    public async Task<string> HoldAsync(string key, long milliseconds, string generation) =>
        Join(await RunAsync(_scripts.Hold, key, milliseconds, generation));

    public async Task<string> AcquireAsync(string key, string token, long lease, string process, string generation, string seen) =>
        Join(await RunAsync(_scripts.Acquire, key, token, lease, process, generation, seen));

    public async Task<string> CheckAsync(string key, string version) => (string)((RedisResult[])(await RunAsync(_scripts.Check, key, version))!)[0]!;

    public async Task<string> ExtendAsync(string key, string token, long lease) => (string)(await RunAsync(_scripts.Extend, key, token, lease))!;

    public async Task<string> FailAsync(string key, string token, long rest, string why) =>
        (string)(await RunAsync(_scripts.Fail, key, token, rest, why))!;

    public async Task<string> FillAsync(ModelFill fill, string token) => (string)(await RunAsync(
        _scripts.Fill, fill.Key, token, fill.History, fill.Holds, fill.Shown, fill.SoftExpiry, fill.HardExpiry, fill.Cost, fill.Value is null ? "-" : "+",
        fill.Generation, fill.Value ?? ""))!;

    public async Task<string> InvalidateAsync(string key, ModelWrite write) =>
        (string)(await RunAsync(_scripts.Invalidate, key, write.Position, write.Locked, write.Id, write.History, write.FloorLifetime))!;

    public async Task<string> UpdateAsync(ModelFill value, ModelWrite write) => Join(await RunAsync(
        _scripts.Update, value.Key, write.Position, write.Locked, write.Id, write.History, write.FloorLifetime, value.SoftExpiry, value.HardExpiry,
        value.Value is null ? "-" : "+", value.Generation, value.Value ?? ""));

    /// <summary>An answer of several fields as one text.</summary>
    public static string Join(params object?[] fields) => string.Join(" | ", fields.Select(field => Convert.ToString(field, CultureInfo.InvariantCulture)));

    private static string Join(RedisResult answer) => Join(Array.ConvertAll((RedisValue[])answer!, field => (object?)(string?)field));

    private Task<RedisResult> RunAsync(RedisScript script, string key, params RedisValue[] arguments) => script.RunAsync(redis, key, arguments);
}
