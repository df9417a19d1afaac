using System.Net.Http.Headers;
using Floodgate.Bench.Gateway;

namespace Floodgate.BenchTests.Gateway;

public sealed class RetryPolicyTests
{
    private readonly RetryPolicy _policy = new(1, TimeProvider.System);

    [Fact]
    public void The_wait_doubles_up_to_five_seconds_and_a_quarter()
    {
        Assert.InRange(_policy.DelayAfter(1, null, 9).TotalMilliseconds, 100, 125);
        Assert.InRange(_policy.DelayAfter(3, null, 9).TotalMilliseconds, 400, 500);
        Assert.InRange(_policy.DelayAfter(9, null, 9).TotalMilliseconds, 5_000, 6_250);
    }

    [Fact]
    public void What_the_answer_asks_for_is_waited_up_to_a_limit()
    {
        Assert.InRange(_policy.DelayAfter(1, new RetryConditionHeaderValue(TimeSpan.FromSeconds(7)), 9).TotalSeconds, 7, 8.75);
        Assert.InRange(_policy.DelayAfter(1, new RetryConditionHeaderValue(TimeSpan.FromHours(1)), 9).TotalSeconds, 30, 37.5);
        var date = TimeProvider.System.GetUtcNow().AddSeconds(10);
        Assert.InRange(_policy.DelayAfter(1, new RetryConditionHeaderValue(date), 9).TotalSeconds, 5, 12.5);
    }

    [Fact]
    public void Callers_do_not_come_back_at_the_same_moment()
    {
        Assert.InRange(Enumerable.Range(0, 100).Select(c => _policy.DelayAfter(1, null, c)).Distinct().Count(), 95, 100);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(429, true)]
    [InlineData(503, true)]
    [InlineData(404, false)]
    [InlineData(500, false)]
    public void Only_what_passes_is_repeated(int status, bool passing) => Assert.Equal(passing, RetryPolicy.IsPassing(status));
}
