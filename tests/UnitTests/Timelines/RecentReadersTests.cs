using Floodgate.TimelineService.Oracle;
using Microsoft.Extensions.Options;

namespace Floodgate.UnitTests.Timelines;

public sealed class RecentReadersTests
{
    private readonly ManualClock _clock = new();
    private readonly RecentReaders _readers;
    private readonly Random _random = new(7);

    public RecentReadersTests() => _readers = new RecentReaders(Options.Create(new OracleOptions { ActiveFor = TimeSpan.FromMinutes(10) }), _clock);

    [Fact]
    public void Nobody_is_picked_before_somebody_reads() => Assert.Null(_readers.Pick(_random));

    [Fact]
    public void Who_has_not_read_for_long_is_not_picked_and_who_reads_again_is()
    {
        _readers.Note(42);
        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(42, _readers.Pick(_random));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(_readers.Pick(_random));
        _readers.Note(42);
        Assert.Equal(42, _readers.Pick(_random));
    }

    [Fact]
    public void Who_reads_often_is_picked_no_more_than_others()
    {
        for (var i = 0; i < 1000; i++)
        {
            _readers.Note(1);
        }

        for (var user = 2; user <= 100; user++)
        {
            _readers.Note(user);
        }

        var picked = Enumerable.Range(0, 2000).Select(_ => _readers.Pick(_random)!.Value).CountBy(user => user).ToList();
        Assert.True(picked.Count > 80, $"Only {picked.Count} of 100 users were picked.");
        Assert.All(picked, user => Assert.InRange(user.Value, 1, 60));
    }

    [Fact]
    public void It_keeps_no_more_readers_than_it_has_places()
    {
        for (var user = 1; user <= 3 * RecentReaders.Places; user++)
        {
            _readers.Note(user);
        }

        Assert.InRange(_readers.Pick(_random)!.Value, 1, 3 * RecentReaders.Places);
    }
}
