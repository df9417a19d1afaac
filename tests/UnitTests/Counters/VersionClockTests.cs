using Floodgate.CounterService.Likes;

namespace Floodgate.UnitTests.Counters;

public sealed class VersionClockTests
{
    [Fact]
    public void Versions_rise_even_when_the_clock_stands_still_or_goes_back()
    {
        var time = new SettableTime { Now = DateTimeOffset.UnixEpoch.AddDays(20_000) };
        var clock = new VersionClock(time);
        var first = clock.Next();
        var second = clock.Next();
        time.Now -= TimeSpan.FromHours(1);
        var third = clock.Next();

        Assert.Equal(20_000L * 86_400 * 1_000_000, first);
        Assert.Equal((first + 1, first + 2), (second, third));
    }

    [Fact]
    public void A_version_exceeds_the_one_that_is_known()
    {
        var clock = new VersionClock(TimeProvider.System);

        Assert.Equal((1L << 52) + 1, clock.Next(known: 1L << 52));
        Assert.Equal((1L << 52) + 2, clock.Next());
    }

    [Fact]
    public async Task No_version_is_issued_twice()
    {
        var clock = new VersionClock(new SettableTime());
        var issued = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Enumerable.Range(0, 20_000).Select(_ => clock.Next()).ToList())));

        Assert.Equal(80_000, issued.SelectMany(versions => versions).Distinct().Count());
        Assert.All(issued, versions => Assert.Equal(versions.Order(), versions));
    }

    private sealed class SettableTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
