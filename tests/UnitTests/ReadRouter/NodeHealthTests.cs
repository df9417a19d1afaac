using Floodgate.ReadRouter.Nodes;
using Floodgate.Sessions;

namespace Floodgate.UnitTests.ReadRouter;

public sealed class NodeHealthTests : IDisposable
{
    private readonly Cluster _cluster = new();

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void Lag_is_the_time_since_the_primary_passed_the_replica()
    {
        _cluster.PollFor(TimeSpan.FromSeconds(1), primary: 100, first: 100, second: 100);
        _cluster.PollFor(TimeSpan.FromSeconds(3), primary: 400, first: 150, second: 400);

        Assert.Equal(250UL, _cluster.First.Status.LagBytes);
        Assert.Equal(TimeSpan.FromSeconds(2.9), _cluster.First.Status.Lag);
        Assert.Equal((0UL, TimeSpan.Zero), (_cluster.Second.Status.LagBytes, _cluster.Second.Status.Lag));
    }

    [Fact]
    public void An_idle_primary_raises_no_alarm()
    {
        _cluster.PollFor(TimeSpan.FromMinutes(10), primary: 100, first: 100, second: 100);

        Assert.Equal(TimeSpan.Zero, _cluster.First.Status.Lag);
        Assert.Equal(NodeHealth.Healthy, _cluster.First.Status.Health);
    }

    [Fact]
    public void Lag_stands_still_while_the_primary_is_away()
    {
        _cluster.Poll(primary: 100, first: 100, second: 100);
        _cluster.PollFor(TimeSpan.FromSeconds(1), primary: 200, first: 100, second: 100);
        var before = _cluster.First.Status.Lag;

        _cluster.Fail(_cluster.Primary);
        for (var poll = 0; poll < 1000; poll++)
        {
            _cluster.Clock.Advance(TimeSpan.FromMilliseconds(100));
            _cluster.Poll(_cluster.First, 100);
        }

        Assert.Equal(before, _cluster.First.Status.Lag);
        Assert.Equal(NodeHealth.Healthy, _cluster.First.Status.Health);
    }

    [Fact]
    public void A_replica_past_the_limit_comes_back_below_half_of_it_after_some_good_polls()
    {
        _cluster.Poll(primary: 100, first: 100, second: 100);
        _cluster.PollFor(_cluster.Options.LagLimit + TimeSpan.FromSeconds(1), primary: 1000, first: 100, second: 1000);
        Assert.Equal(NodeHealth.Lagging, _cluster.First.Status.Health);

        // The primary moves on for four seconds: a replica that has what it wrote before lags by those four.
        _cluster.PollFor(TimeSpan.FromSeconds(4), primary: 2000, first: 100, second: 2000);
        _cluster.PollFor(TimeSpan.FromSeconds(4), primary: 3000, first: 100, second: 3000);
        _cluster.Poll(_cluster.First, 1000);
        Assert.True(_cluster.First.Status.Lag > _cluster.Options.LagLimit / 2);
        Assert.Equal(NodeHealth.Lagging, _cluster.First.Status.Health);

        _cluster.Poll(_cluster.First, 3000);
        Assert.Equal(NodeHealth.Healthy, _cluster.First.Status.Health);
    }

    [Fact]
    public void A_dead_node_is_ejected_after_three_failures_and_comes_back_after_five_good_polls()
    {
        _cluster.Poll(primary: 100, first: 100, second: 100);

        _cluster.First.Failed();
        _cluster.First.Failed();
        Assert.Equal(NodeHealth.Healthy, _cluster.First.Status.Health);
        _cluster.First.Failed();
        Assert.Equal(NodeHealth.Failed, _cluster.First.Status.Health);

        for (var good = 1; good < _cluster.Options.GoodPollsToReadmit; good++)
        {
            _cluster.Poll(_cluster.First, 100);
            Assert.Equal(NodeHealth.Failed, _cluster.First.Status.Health);
        }

        _cluster.Poll(_cluster.First, 100);
        Assert.Equal(NodeHealth.Healthy, _cluster.First.Status.Health);
    }

    [Fact]
    public void A_node_that_came_back_gets_its_share_little_by_little()
    {
        _cluster.Poll(primary: 100, first: 100, second: 100);
        Assert.Equal(1, _cluster.First.Share());
        _cluster.Fail(_cluster.First);
        for (var good = 0; good < _cluster.Options.GoodPollsToReadmit; good++)
            _cluster.Poll(_cluster.First, 100);

        Assert.Equal(0.1, _cluster.First.Share(), 3);
        _cluster.Clock.Advance(_cluster.Options.SlowStart / 2);
        Assert.Equal(0.5, _cluster.First.Share(), 3);
        _cluster.Clock.Advance(_cluster.Options.SlowStart);
        Assert.Equal(1, _cluster.First.Share());
    }

    [Fact]
    public void The_rate_of_replay_follows_what_is_replayed_and_fades_when_it_stops()
    {
        for (var poll = 1UL; poll <= 50; poll++)
        {
            _cluster.Clock.Advance(TimeSpan.FromMilliseconds(100));
            _cluster.Poll(_cluster.First, poll * 1000);
        }

        Assert.Equal(10_000, _cluster.First.Status.ReplayRate, tolerance: 1d);
        _cluster.PollFor(TimeSpan.FromSeconds(3), primary: 100_000, first: 50_000, second: 50_000);
        Assert.True(_cluster.First.Status.ReplayRate < 1);
    }

    [Fact]
    public void A_new_timeline_goes_on_in_the_history_without_what_the_old_primary_wrote_past_it()
    {
        var history = new PrimaryHistory(_cluster.Clock);
        history.Add(Cluster.At(400, timeline: 1));
        _cluster.Clock.Advance(TimeSpan.FromSeconds(1));
        history.Add(Cluster.At(1000, timeline: 1));
        _cluster.Clock.Advance(TimeSpan.FromSeconds(1));
        history.Add(Cluster.At(500, timeline: 2));

        Assert.Equal(Cluster.At(500, timeline: 2), history.Latest);
        Assert.Equal((0UL, TimeSpan.Zero), history.LagOf(new Lsn(500)));
        Assert.Equal((200UL, TimeSpan.FromSeconds(2)), history.LagOf(new Lsn(300)));
    }

    [Fact]
    public void A_replica_that_answers_polls_but_fails_reads_is_left_alone_and_longer_each_time()
    {
        _cluster.Poll(primary: 100, first: 100, second: 100);

        for (var time = 1; time <= 4; time *= 2)
        {
            for (var read = 1; read < _cluster.Options.FailedReadsToEject; read++)
                _cluster.First.Ended(failed: true);
            Assert.Equal(NodeHealth.Healthy, _cluster.First.Status.Health);
            _cluster.First.Ended(failed: true);
            Assert.Equal(NodeHealth.Failed, _cluster.First.Status.Health);

            _cluster.PollFor((time * _cluster.Options.EjectionTime) - _cluster.Options.PollInterval, primary: 100, first: 100, second: 100);
            Assert.Equal(NodeHealth.Failed, _cluster.First.Status.Health);
            _cluster.PollFor(_cluster.Options.PollInterval, primary: 100, first: 100, second: 100);
            Assert.Equal(NodeHealth.Healthy, _cluster.First.Status.Health);
        }
    }

    [Fact]
    public void Single_failures_between_good_reads_eject_nobody()
    {
        _cluster.Poll(primary: 100, first: 100, second: 100);

        for (var read = 0; read < 100; read++)
            _cluster.First.Ended(failed: read % 2 == 0);

        Assert.Equal(NodeHealth.Healthy, _cluster.First.Status.Health);
    }

    [Fact]
    public void A_replica_that_is_stuck_lags_also_when_the_last_writes_came_close_together()
    {
        var history = new PrimaryHistory(_cluster.Clock);
        history.Add(Cluster.At(100));
        _cluster.Clock.Advance(TimeSpan.FromMilliseconds(5));
        history.Add(Cluster.At(110));
        for (var poll = 0; poll < 20; poll++)
        {
            _cluster.Clock.Advance(TimeSpan.FromMilliseconds(100));
            history.Add(Cluster.At(110));
        }

        Assert.InRange(history.LagOf(new Lsn(100)).Time, TimeSpan.FromSeconds(1.8), TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void A_full_ring_gives_a_lower_bound()
    {
        var history = new PrimaryHistory(_cluster.Clock, capacity: 4);
        for (var lsn = 1UL; lsn <= 100; lsn++)
        {
            _cluster.Clock.Advance(TimeSpan.FromSeconds(1));
            history.Add(Cluster.At(lsn));
        }

        Assert.Equal((99UL, TimeSpan.FromSeconds(3)), history.LagOf(new Lsn(1)));
        Assert.Equal((2UL, TimeSpan.FromSeconds(1)), history.LagOf(new Lsn(98)));
    }

    [Fact]
    public void The_cluster_is_the_one_the_nodes_name()
    {
        Assert.Equal(0UL, _cluster.Table.SystemId);
        _cluster.Poll(_cluster.Second, 1);
        Assert.Equal(Cluster.SystemId, _cluster.Table.SystemId);
        Assert.Equal(new WalPosition(1, new Lsn(1)), _cluster.Second.Status.Position);
    }
}
