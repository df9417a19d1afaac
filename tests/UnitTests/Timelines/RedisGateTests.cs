using System.Reflection;
using Floodgate.TimelineService;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Floodgate.UnitTests.Timelines;

public sealed class RedisGateTests
{
    private readonly ManualClock _clock = new();
    private readonly TimelineOptions _options = new();
    private readonly RedisGate _redis;

    public RedisGateTests() => _redis = new RedisGate(
        DispatchProxy.Create<IConnectionMultiplexer, ShownLikesTests.Unanswered>(), Options.Create(_options), _clock, NullLogger<RedisGate>.Instance);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_ends_a_row_of_failures_unless_it_may_be_a_copy(bool mayBeCopied)
    {
        for (var i = 0; i < Breaker.Threshold - 1; i++)
        {
            await FailAsync();
        }

        Assert.Equal((true, 5), await _redis.TryAsync(_ => Task.FromResult(5), mayBeCopied: mayBeCopied));
        await FailAsync();

        Assert.Equal(mayBeCopied, _redis.IsResting);
        _clock.Advance(_options.Rest);
        Assert.False(_redis.IsResting);
    }

    private async Task FailAsync() => Assert.Equal((false, 0), await _redis.TryAsync<int>(_ => throw new TimeoutException("late")));
}
