using Floodgate.FlushWorker.Consuming;
using Floodgate.FlushWorker.Lag;

namespace Floodgate.UnitTests.Counters;

public sealed class FlushLagTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_pace_quickens_past_two_intervals_and_calms_below_one()
    {
        var pace = new FlushPace(Second);
        var states = new List<bool>();
        foreach (var age in new double?[] { 0.1, 1.9, 2.1, 1.5, null, 0.9, 1.9 })
        {
            pace.Observe(age * Second);
            states.Add(pace.IsBehind);
        }

        Assert.Equal([false, false, true, true, true, false, false], states);
    }

    [Fact]
    public void Time_to_drain_is_the_depth_over_the_rate_of_busy_time()
    {
        var clock = new ManualClock();
        var rate = new DrainRate(clock);
        for (var i = 1; i <= 3; i++)
        {
            clock.Advance(Second);
            rate.Measure(acknowledged: 50 * i, isBusy: true);
        }

        clock.Advance(10 * Second);
        rate.Measure(acknowledged: 150, isBusy: false);

        var lag = PartitionLag.Of(ready: 90, held: 10, clock.GetUtcNow() - (4 * Second), rate.PerSecond, clock.GetUtcNow());
        Assert.Equal((100, 4 * Second), (lag.Depth, lag.Age));
        Assert.Equal(2, lag.TimeToDrain!.Value.TotalSeconds, 3);
        Assert.Equal(TimeSpan.Zero, PartitionLag.Of(0, 0, clock.GetUtcNow() - Second, 0, clock.GetUtcNow()).Age);
        Assert.Null(PartitionLag.Of(5, 0, null, 0, clock.GetUtcNow()).TimeToDrain);
    }

    [Fact]
    public void A_message_that_fails_is_found_in_steps_that_grow_with_the_logarithm_and_the_order_stays()
    {
        for (var bad = 0; bad < 500; bad++)
        {
            var progress = new BatchProgress(500, int.MaxValue);
            var (tries, done) = (0, new List<int>());
            while (!progress.IsDone)
            {
                var (first, count) = (progress.Position, progress.Next);
                tries++;
                if (bad < first || bad >= first + count || count == 1)
                {
                    done.AddRange(Enumerable.Range(first, count));
                    progress.Done(count);
                }
                else
                {
                    progress.Failed(count);
                }
            }

            Assert.Equal(Enumerable.Range(0, 500), done);
            Assert.InRange(tries, 1, 22);
        }
    }

    [Fact]
    public void After_a_timeout_less_is_tried_and_more_again_with_each_success()
    {
        var progress = new BatchProgress(100, 400);
        progress.TimedOut(progress.Next);
        Assert.Equal(50, progress.Next);
        progress.TimedOut(progress.Next);
        Assert.Equal(25, progress.Next);
        progress.Done(25);
        Assert.Equal(50, progress.Next);
    }
}
