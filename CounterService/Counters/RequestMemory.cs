using System.Globalization;
using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Telemetry;
using Floodgate.Messaging.Counters;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Floodgate.CounterService.Counters;

/// <summary>
/// Remembers in Redis, <c>rq:{user:key}</c>, which Idempotency-Keys are durable, so that a repeat is not published
/// again. It is a shortcut: that a key counts once is for the flush to see to.
/// </summary>
internal sealed class RequestMemory(IConnectionMultiplexer redis, IOptions<CounterOptions> options, TimeProvider time, ILogger<RequestMemory> logger)
{
    /// <summary>What was asked with this key before; null where it is not known.</summary>
    public async Task<string?> FindAsync(RequestKey request)
    {
        try
        {
            return await redis.GetDatabase().StringGetAsync(KeyOf(request)).WaitAsync(options.Value.RedisTimeout, time);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            CounterLog.RedisAway(logger, "requests", exception.Message);
            return null;
        }
    }

    /// <summary>Remembers a request that is durable now.</summary>
    public async Task RememberAsync(RequestKey request, string what)
    {
        try
        {
            await redis.GetDatabase().StringSetAsync(KeyOf(request), what, options.Value.RememberFor).WaitAsync(options.Value.RedisTimeout, time);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            CounterLog.RedisAway(logger, "requests", exception.Message);
        }
    }

    private static string KeyOf(RequestKey request) => string.Create(CultureInfo.InvariantCulture, $"rq:{{{request.User}:{request.Key}}}");
}
