using Floodgate.Bench.Consistency.Disturbing;

namespace Floodgate.BenchTests.Consistency;

public sealed class DisturbanceTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void Each_kind_comes_several_times_a_minute()
    {
        var schedule = Disturbance.Schedule(new Random(1), Minute, replicas: 2);
        Assert.All(Enum.GetValues<DisturbanceKind>(), kind => Assert.True(schedule.Count(disturbance => disturbance.Kind == kind) >= 2));
        Assert.All(schedule, disturbance => Assert.InRange(disturbance.Replica, 0, 1));
    }

    [Fact]
    public void The_schedule_takes_about_the_time_that_it_is_made_for()
    {
        var took = Disturbance.Schedule(new Random(1), Minute, replicas: 2).Aggregate(TimeSpan.Zero, (sum, disturbance) => sum + disturbance.After + disturbance.Hold);
        Assert.InRange(took, Minute * 0.7, Minute * 1.5);
    }

    [Fact]
    public void The_same_seed_gives_the_same_schedule() =>
        Assert.True(Disturbance.Schedule(new Random(7), Minute, 2).SequenceEqual(Disturbance.Schedule(new Random(7), Minute, 2)));

    [Fact]
    public void A_short_run_has_every_kind_too() =>
        Assert.Equal(Enum.GetValues<DisturbanceKind>().Length, Disturbance.Schedule(new Random(1), TimeSpan.FromSeconds(5), 2).DistinctBy(disturbance => disturbance.Kind).Count());
}
