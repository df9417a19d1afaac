using Floodgate.Messaging.Counters;
using Microsoft.Extensions.Options;

namespace Floodgate.CounterService.Hosting;

/// <summary>
/// How long an answer of Redis is waited for: <see cref="CounterQueueOptions.RedisTimeout"/>, and as long again, up to <see cref="CounterOptions.SlowRedisTimeout"/>,
/// while Redis answers others. So a Redis that is away is noticed at once, and one that is slow, or a process that is, is not taken for one that is away.
/// </summary>
internal sealed class RedisPatience(IOptions<CounterOptions> options, TimeProvider time)
{
    private long _answers;

    /// <summary>Waits for an answer.</summary>
    /// <exception cref="TimeoutException">There was none in time.</exception>
    public async Task<T> WaitAsync<T>(Task<T> answer)
    {
        await WaitAsync((Task)answer);
        return await answer;
    }

    /// <inheritdoc cref="WaitAsync{T}(Task{T})"/>
    public async Task WaitAsync(Task answer)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var before = Interlocked.Read(ref _answers);
            try
            {
                await answer.WaitAsync(options.Value.RedisTimeout, time);
                Interlocked.Increment(ref _answers);
                return;
            }
            catch (TimeoutException) when (MayStillCome(answer, before, began))
            {
                // Others got theirs.
            }
        }
    }

    private bool MayStillCome(Task answer, long before, long began) =>
        !answer.IsFaulted && Interlocked.Read(ref _answers) != before && time.GetElapsedTime(began) < options.Value.SlowRedisTimeout;
}
