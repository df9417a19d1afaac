using Floodgate.CounterService.Ranking;

namespace Floodgate.UnitTests.Counters;

public sealed class TimeWindowTests
{
    [Theory]
    [InlineData(null, 60, 60)]
    [InlineData("1m", 1, 60)]
    [InlineData("180m", 180, 60)]
    [InlineData("3h", 180, 60)]
    [InlineData("181m", 181, 3600)]
    [InlineData("7d", 10080, 3600)]
    public void A_window_is_counted_by_the_minute_as_long_as_minutes_are_kept(string? text, int minutes, int bucketSeconds)
    {
        Assert.True(TimeWindow.TryParse(text, out var window));
        Assert.Equal(TimeSpan.FromMinutes(minutes), window.Length);
        Assert.Equal(TimeSpan.FromSeconds(bucketSeconds), window.Bucket);
    }

    [Theory]
    [InlineData("")]
    [InlineData("h")]
    [InlineData("0m")]
    [InlineData("-1h")]
    [InlineData("1s")]
    [InlineData("1.5h")]
    [InlineData("8d")]
    [InlineData("99999d")]
    [InlineData("1h ")]
    public void Anything_else_is_no_window(string text) => Assert.False(TimeWindow.TryParse(text, out _));

    [Fact]
    public void A_window_begins_with_a_whole_bucket()
    {
        var now = new DateTimeOffset(2026, 3, 1, 12, 34, 56, TimeSpan.Zero);
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 11, 34, 0, TimeSpan.Zero), new TimeWindow(TimeSpan.FromHours(1)).Since(now));
        Assert.Equal(new DateTimeOffset(2026, 2, 28, 12, 0, 0, TimeSpan.Zero), new TimeWindow(TimeSpan.FromDays(1)).Since(now));
    }
}
