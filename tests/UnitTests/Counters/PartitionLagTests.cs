using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Lag;

namespace Floodgate.UnitTests.Counters;

public sealed class PartitionLagTests
{
    private static readonly Guid Producer = Guid.CreateVersion7();

    private readonly ManualClock _clock = new();
    private readonly CounterOptions _options = new() { WidenAbove = TimeSpan.FromSeconds(3), RefuseAbove = TimeSpan.FromSeconds(100) };
    private readonly PartitionLag _lag;
    private long _sequence;

    public PartitionLagTests() => _lag = new PartitionLag(_options, _clock);

    [Fact]
    public void A_flush_that_keeps_up_changes_nothing()
    {
        for (var second = 0; second < 60; second++)
        {
            Send(1000);
            Pass(1);
            _lag.Book.SetHighest(Producer, _sequence - 500);
            _lag.Update();
            Assert.False(_lag.IsWidened);
            Assert.False(_lag.Refuses());
        }
    }

    [Fact]
    public void A_flush_that_stands_still_widens_the_window_in_proportion_then_refuses_then_recovers_below_80_percent()
    {
        Send(10);
        Pass(4);
        Assert.False(_lag.IsWidened);
        Pass(4);
        Assert.Equal(TimeSpan.FromMilliseconds(4), _lag.Window);
        Pass(93);
        Assert.Equal((_options.LongestWindow, false), (_lag.Window, _lag.IsRefusing));
        Pass(1);
        Assert.True(_lag.IsRefusing);
        Assert.Equal(TimeSpan.FromSeconds(102 - 80.8), _lag.RetryAfter);

        // What comes later is younger.
        Send(10);
        _lag.Book.SetHighest(Producer, 10);
        _lag.Update();
        Assert.Equal((false, false, _options.CoalesceWindow), (_lag.IsRefusing, _lag.IsWidened, _lag.Window));
    }

    [Fact]
    public void Between_80_and_100_percent_it_stays_as_it_is()
    {
        Send(1);
        Pass(10);
        Send(1);
        Pass(92);
        Assert.True(_lag.IsRefusing);
        _lag.Book.SetHighest(Producer, 1);
        _lag.Update();

        Assert.Equal(TimeSpan.FromSeconds(92), _lag.Age);
        Assert.True(_lag.IsRefusing);
    }

    [Fact]
    public void A_flush_that_is_too_slow_is_told_by_what_it_has_left_to_do()
    {
        Send(10_000);
        for (var i = 1; i <= 10; i++)
        {
            Pass(1);
            _lag.Book.SetHighest(Producer, 10 * i);
            _lag.Update();
        }

        // 9,900 envelopes at 10 a second.
        Assert.InRange(_lag.TimeToDrain.TotalSeconds, 900, 1100);
        Assert.True(_lag.IsRefusing);
        Assert.Equal(TimeSpan.FromMinutes(1), _lag.RetryAfter);
    }

    [Fact]
    public void A_flush_that_begins_again_after_a_pause_is_not_judged_by_its_first_batch()
    {
        Send(2000);
        Pass(5);
        _lag.Book.SetHighest(Producer, 5);
        Pass(1);
        Assert.Equal((_lag.Age, false), (_lag.TimeToDrain, _lag.IsRefusing));

        for (var i = 1; i <= 8; i++)
        {
            Send(1000);
            _lag.Book.SetHighest(Producer, 5 + (1000 * i));
            Pass(1);
            Assert.False(_lag.IsRefusing);
        }
    }

    [Fact]
    public void One_write_a_second_passes_so_that_an_end_is_found()
    {
        Send(1);
        Pass(200);
        Assert.True(_lag.Refuses());
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.False(_lag.Refuses());
        Assert.True(_lag.Refuses());
    }

    [Fact]
    public void Settings_that_contradict_each_other_are_all_named()
    {
        var wrong = new CounterOptions
        {
            WidenAbove = TimeSpan.FromMinutes(5),
            RefuseAbove = TimeSpan.FromMinutes(5),
            ConfirmTimeout = TimeSpan.FromSeconds(1),
            RememberFor = TimeSpan.FromMinutes(5),
        };

        var failures = new CounterOptionsValidation().Validate(null, wrong).Failures!.ToList();

        Assert.Equal(3, failures.Count);
        Assert.Contains(failures, failure => failure.Contains("WidenAbove", StringComparison.Ordinal) && failure.Contains("RefuseAbove", StringComparison.Ordinal));
        Assert.Contains(failures, failure => failure.Contains("ConfirmTimeout", StringComparison.Ordinal) && failure.Contains("LongestWindow", StringComparison.Ordinal));
        Assert.Contains(failures, failure => failure.Contains("RememberFor", StringComparison.Ordinal) && failure.Contains("FlushInterval", StringComparison.Ordinal));
        Assert.True(new CounterOptionsValidation().Validate(null, new CounterOptions()).Succeeded);
    }

    private void Send(int envelopes)
    {
        for (var i = 0; i < envelopes; i++)
            _lag.Book.Confirm(Producer, ++_sequence, writes: 1, _clock.GetTimestamp());
    }

    private void Pass(int seconds)
    {
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        _lag.Update();
    }
}
