using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Spreading;
using Floodgate.CounterService.Telemetry;
using Floodgate.Messaging.Counters;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Floodgate.UnitTests.Counters;

public sealed class HotCountersTests : IDisposable
{
    private static readonly CounterId Counter = new("test", "hot");
    private static readonly int Home = CounterPartition.Of(Counter, 8);

    private readonly ManualClock _clock = new();
    private readonly CounterTelemetry _telemetry = new();
    private readonly HotCounters _hot;

    public HotCountersTests() => _hot = new HotCounters(
        _telemetry, Options.Create(new CounterOptions { SpreadAbove = 100, SpreadHold = TimeSpan.FromSeconds(10) }), _clock, NullLogger<HotCounters>.Instance);

    private int Width => _hot.Hottest(1).FirstOrDefault()?.Width ?? 1;

    [Fact]
    public void A_counter_that_is_not_hot_stays_in_its_partition()
    {
        for (var second = 0; second < 20; second++)
            Assert.Equal([Home], Second(100));
    }

    [Fact]
    public void A_hot_counter_is_spread_over_twice_as_many_until_each_has_its_share_and_over_all_at_most()
    {
        var widths = new List<int>();
        for (var second = 0; second < 6; second++)
        {
            Second(390);
            widths.Add(Width);
        }

        Assert.Equal([2, 4, 4, 4, 4, 4], widths);
        Assert.Equal(Enumerable.Range(Home, 4).Select(partition => partition % 8).Order(), Second(390).Order());
        for (var second = 0; second < 6; second++)
            Second(10_000);
        Assert.Equal(8, Second(10_000).Count);
    }

    [Fact]
    public void It_narrows_only_after_it_was_cool_for_long_and_one_step_at_a_time()
    {
        Second(390);
        Second(390);
        Assert.Equal(4, Width);

        // Between half and all of the limit nothing changes.
        for (var second = 0; second < 30; second++)
            Second(240);
        Assert.Equal(4, Width);

        var widths = new List<int>();
        for (var second = 0; second < 24; second++)
        {
            Second(20);
            widths.Add(Width);
        }

        Assert.Equal(4, widths[8]);
        Assert.Equal([4, 2, 1], widths.Distinct());
        Assert.InRange(widths.Count(width => width == 2), 10, 10);
    }

    [Fact]
    public void A_write_with_an_idempotency_key_stays_at_home()
    {
        Second(10_000);
        Second(10_000);

        Assert.True(Width > 1);
        Assert.All(Enumerable.Range(0, 50), _ => Assert.Equal(Home, _hot.Place(Counter, spreads: false)));
    }

    [Fact]
    public void A_hot_counter_is_found_among_very_many_and_those_are_forgotten()
    {
        for (var second = 0; second < 5; second++)
        {
            for (var i = 0; i < 20_000; i++)
            {
                _hot.Place(new CounterId("test", $"cold{second}-{i}"), spreads: true);
                if (i % 20 == 0)
                    _hot.Place(Counter, spreads: true);
            }

            Second(0);
        }

        Assert.Equal(Counter, Assert.Single(_hot.Hottest(HotCounters.Most)).Counter);
        Assert.Equal(8, Width);
    }

    private HashSet<int> Second(int writes)
    {
        var partitions = new HashSet<int>();
        for (var i = 0; i < writes; i++)
            partitions.Add(_hot.Place(Counter, spreads: true));
        _clock.Advance(TimeSpan.FromSeconds(1));
        _hot.Settle();
        return partitions;
    }

    public void Dispose() => _telemetry.Dispose();
}
