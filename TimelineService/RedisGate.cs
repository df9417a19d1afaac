using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Floodgate.TimelineService;

/// <summary>
/// Redis for readers, who can do without: an answer that does not come in time is given up, and Redis is then left alone
/// for a moment, so that a page never waits for it twice.
/// </summary>
internal sealed class RedisGate(IConnectionMultiplexer redis, IOptions<TimelineOptions> options, TimeProvider time, ILogger<RedisGate> logger)
{
    private readonly Breaker _breaker = new(time, options.Value.Rest);

    /// <summary>Whether Redis failed a moment ago and is left alone.</summary>
    public bool IsResting => _breaker.IsResting;

    /// <summary>Redis itself, for those who must have it and try again.</summary>
    public IDatabase Database => redis.GetDatabase();

    /// <summary>Runs a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="insist">Whether to ask even where Redis failed a moment ago, and longer: for what a caller has just written.</param>
    /// <param name="mayBeCopied">Whether it may be answered on another connection: then an answer is no sign that Redis answers on this one.</param>
    /// <returns>Whether Redis answered, and what.</returns>
    public async Task<(bool Answered, T? Value)> TryAsync<T>(Func<IDatabase, Task<T>> call, bool insist = false, bool mayBeCopied = false)
    {
        if (!insist && _breaker.IsResting)
        {
            return (false, default);
        }

        try
        {
            var called = call(Database);
            var isThere = called.IsCompleted;
            var value = await called.WaitAsync(insist ? options.Value.RedisWriteTimeout : options.Value.RedisTimeout, time);
            if (!mayBeCopied)
            {
                _breaker.Succeeded();
            }

            if (!isThere)
            {
                // The client ends its calls one after the other on one thread, and what waits for them would go on there: all pages of the process on one processor.
                await Task.Yield();
            }

            return (true, value);
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            _breaker.Failed();
            Log.RedisAway(logger, exception.Message);
            return (false, default);
        }
    }

    /// <summary>Whether this means that Redis is away or cannot serve now.</summary>
    public static bool IsFailure(Exception exception) => exception is RedisException or TimeoutException;
}
