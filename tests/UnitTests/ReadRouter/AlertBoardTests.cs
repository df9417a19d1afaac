using Floodgate.ReadRouter.Alerts;

namespace Floodgate.UnitTests.ReadRouter;

public sealed class AlertBoardTests : IDisposable
{
    private readonly Cluster _cluster = new();

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void While_all_is_well_there_is_none()
    {
        _cluster.Poll(primary: 100, first: 100, second: 100);

        Assert.Empty(Evaluate());
    }

    [Fact]
    public void A_lag_past_the_alert_is_raised_and_cleared_at_half_of_it()
    {
        _cluster.Poll(primary: 100, first: 100, second: 100);
        _cluster.PollFor(TimeSpan.FromSeconds(6), primary: 200, first: 100, second: 200);
        Assert.Equal([Alert.Lag], Evaluate());
        Assert.Contains("replica-1", _cluster.Alerts.Raised[Alert.Lag].Detail, StringComparison.Ordinal);

        // It catches up to what the primary wrote three seconds ago.
        _cluster.PollFor(TimeSpan.FromSeconds(3), primary: 300, first: 100, second: 300);
        _cluster.Poll(_cluster.First, 200);
        Assert.Equal([Alert.Lag], Evaluate());
        _cluster.Poll(_cluster.First, 300);
        Assert.Empty(Evaluate());
    }

    [Fact]
    public void No_replica_and_no_primary_are_alerts_and_end_when_they_are_back()
    {
        _cluster.Poll(primary: 100, first: 100, second: 100);
        _cluster.Fail(_cluster.First);
        Assert.Empty(Evaluate());
        _cluster.Fail(_cluster.Second);
        _cluster.Fail(_cluster.Primary);
        Assert.Equal([Alert.AllReplicasOut, Alert.PrimaryAway], Evaluate());

        for (var good = 0; good < _cluster.Options.GoodPollsToReadmit; good++)
            _cluster.Poll(primary: 100, first: 100, second: 100);
        Assert.Empty(Evaluate());
    }

    [Fact]
    public void A_failover_is_told_for_five_minutes()
    {
        _cluster.Poll(primary: 100, first: 100, second: 100);
        Assert.Empty(Evaluate());
        _cluster.Poll(_cluster.First, takesWrites: true, Cluster.At(110, timeline: 2), "1\t0/64\tno recovery target specified");
        _cluster.Poll(_cluster.Second, takesWrites: false, Cluster.At(110, timeline: 2), "");
        Assert.Contains(Alert.TimelineChanged, Evaluate());

        _cluster.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.DoesNotContain(Alert.TimelineChanged, Evaluate());
    }

    [Fact]
    public void What_happened_holds_for_ten_seconds_after_the_last_time()
    {
        _cluster.Poll(primary: 100, first: 100, second: 100);
        _cluster.Alerts.Happened(Alert.TokenTimeouts, "a read waited");
        Assert.Equal([Alert.TokenTimeouts], Evaluate());
        var since = _cluster.Alerts.Raised[Alert.TokenTimeouts].Since;
        _cluster.Clock.Advance(TimeSpan.FromSeconds(9));
        _cluster.Alerts.Happened(Alert.TokenTimeouts, "a read waited");
        _cluster.Clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal([Alert.TokenTimeouts], Evaluate());
        Assert.Equal(since, _cluster.Alerts.Raised[Alert.TokenTimeouts].Since);
        _cluster.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Empty(Evaluate());
    }

    [Fact]
    public void A_state_that_was_set_holds_until_it_is_taken_back()
    {
        _cluster.Poll(primary: 100, first: 100, second: 100);
        _cluster.Alerts.Set(Alert.TimelineDifference, "one is missing");
        Assert.Equal([Alert.TimelineDifference], Evaluate());
        _cluster.Alerts.Set(Alert.TimelineDifference, "two are missing");
        _cluster.Clock.Advance(TimeSpan.FromMinutes(1));
        _cluster.Poll(primary: 100, first: 100, second: 100);
        Assert.Equal([Alert.TimelineDifference], Evaluate());
        Assert.Equal("two are missing", _cluster.Alerts.Raised[Alert.TimelineDifference].Detail);
        _cluster.Alerts.Set(Alert.TimelineDifference, null);
        Assert.Empty(Evaluate());
    }

    [Theory]
    [InlineData(Alert.TimelineDifference, "timeline-difference")]
    [InlineData(Alert.AllReplicasOut, "all-replicas-out")]
    [InlineData(Alert.Lag, "lag")]
    public void Names_are_those_of_the_metrics(object alert, string name) => Assert.Equal(name, AlertBoard.NameOf((Alert)alert));

    private Alert[] Evaluate()
    {
        _cluster.Alerts.Evaluate();
        return [.. _cluster.Alerts.Raised.Keys.Order()];
    }
}
