using Floodgate.CounterService.Hosting;
using Microsoft.Extensions.Options;

namespace Floodgate.UnitTests.Counters;

public sealed class RedisPatienceTests
{
    private static readonly CounterOptions Limits = new() { RedisTimeout = TimeSpan.FromSeconds(1), SlowRedisTimeout = TimeSpan.FromSeconds(3) };

    private readonly ManualClock _clock = new();
    private readonly RedisPatience _patience;

    public RedisPatienceTests() => _patience = new RedisPatience(Options.Create(Limits), _clock);

    [Fact]
    public async Task Redis_that_answers_nobody_is_away_after_the_short_limit()
    {
        var wait = _patience.WaitAsync(new TaskCompletionSource<int>().Task);

        _clock.Advance(Limits.RedisTimeout);

        await Assert.ThrowsAsync<TimeoutException>(() => wait);
    }

    [Fact]
    public async Task While_it_answers_others_it_is_waited_for_longer_but_not_for_ever()
    {
        var wait = _patience.WaitAsync(new TaskCompletionSource<int>().Task);
        for (var waited = TimeSpan.Zero; waited < Limits.SlowRedisTimeout; waited += Limits.RedisTimeout)
        {
            Assert.False(wait.IsCompleted);
            await _patience.WaitAsync(Task.FromResult(1));
            _clock.Advance(Limits.RedisTimeout);
        }

        await Assert.ThrowsAsync<TimeoutException>(() => wait);
    }

    [Fact]
    public async Task A_late_answer_is_taken()
    {
        var answer = new TaskCompletionSource<int>();
        var wait = _patience.WaitAsync(answer.Task);
        await _patience.WaitAsync(Task.FromResult(1));
        _clock.Advance(Limits.RedisTimeout);

        answer.SetResult(7);

        Assert.Equal(7, await wait);
    }

    [Fact]
    public async Task A_failure_is_passed_on() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => _patience.WaitAsync(Task.FromException<int>(new InvalidOperationException())));
}
