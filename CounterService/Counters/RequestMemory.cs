using System.Globalization;
using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Telemetry;
using Floodgate.Messaging.Counters;
using Floodgate.Redis;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Floodgate.CounterService.Counters;

/// <summary>What is known of an Idempotency-Key.</summary>
internal enum RequestState
{
    /// <summary>Nothing: it is reserved now.</summary>
    Reserved,

    /// <summary>Nothing: Redis is away.</summary>
    Unknown,

    /// <summary>The same request is on its way, or its outcome is not known.</summary>
    InFlight,

    /// <summary>The same request is durable.</summary>
    Settled,

    /// <summary>It was used for another request.</summary>
    Taken,
}

/// <summary>
/// Remembers in Redis, <c>rq:{user:key}</c>, what Idempotency-Keys were used for: <c>f</c> while a request is in flight,
/// <c>s</c> once it is durable, then <c>|</c> and what it was. It is for all instances, and a shortcut: that a key counts
/// once is for the flush to see to.
/// </summary>
internal sealed class RequestMemory(IConnectionMultiplexer redis, IOptions<CounterOptions> options, TimeProvider time, ILogger<RequestMemory> logger)
{
    private static readonly RedisScript ReserveScript = RedisScript.Embedded(typeof(RequestMemory), "reserve.lua");

    private readonly RedisValue _lifetime = (long)options.Value.RememberFor.TotalSeconds;

    /// <summary>A request in words: what two with the same key are compared by.</summary>
    public static string Describe(in CounterId counter, long by) => string.Create(CultureInfo.InvariantCulture, $"{counter.Name}/{counter.Key} {by}");

    /// <summary>Reserves a key.</summary>
    /// <param name="request">The key.</param>
    /// <param name="what">What it is used for.</param>
    public async Task<RequestState> ReserveAsync(RequestKey request, string what)
    {
        var seen = RedisValue.Null;
        var answered = await TryAsync(async database =>
            seen = (RedisValue)await ReserveScript.RunAsync(database, KeyOf(request), ["f|" + what, _lifetime]));
        return !answered ? RequestState.Unknown
            : (string?)seen is not { Length: > 2 } known ? RequestState.Reserved
            : !known.AsSpan(2).SequenceEqual(what) ? RequestState.Taken
            : known[0] == 's' ? RequestState.Settled
            : RequestState.InFlight;
    }

    /// <summary>Remembers a request that is durable.</summary>
    public Task SettleAsync(RequestKey request, string what) =>
        TryAsync(database => database.StringSetAsync(KeyOf(request), "s|" + what, options.Value.RememberFor));

    /// <summary>Gives back a key that was reserved for a request that was not taken.</summary>
    public Task ReleaseAsync(RequestKey request) => TryAsync(database => database.KeyDeleteAsync(KeyOf(request)));

    private static string KeyOf(RequestKey request) => string.Create(CultureInfo.InvariantCulture, $"rq:{{{request.User}:{request.Key}}}");

    private async Task<bool> TryAsync(Func<IDatabase, Task> what)
    {
        try
        {
            await what(redis.GetDatabase()).WaitAsync(options.Value.RedisTimeout, time);
            return true;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            CounterLog.RedisAway(logger, "requests", exception.Message);
            return false;
        }
    }
}
