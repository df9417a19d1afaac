using Floodgate.ReadRouter.Choice;
using Floodgate.ReadRouter.Nodes;
using Floodgate.ReadRouter.Sessions;
using Floodgate.Sessions;

namespace Floodgate.UnitTests.ReadRouter;

public sealed class FailoverTests : IDisposable
{
    // Left at 0/64, which is 100.
    private const string History = "1\t0/64\tno recovery target specified\n";

    private readonly Cluster _cluster = new();

    public FailoverTests() => _cluster.Poll(primary: 120, first: 100, second: 80);

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public async Task A_promoted_replica_is_the_primary()
    {
        Promote(History);

        Assert.Equal("replica-1", _cluster.Table.Primary.Name);
        Assert.True(_cluster.Table.PrimaryServes);
        Assert.Equal("replica-1", (await _cluster.ChooseAsync(Consistency.Strong, WalPosition.None)).Node);
    }

    [Fact]
    public async Task A_token_up_to_the_switch_point_is_good_on_the_new_timeline()
    {
        Promote(History);
        _cluster.Poll(_cluster.Second, takesWrites: false, Cluster.At(130, timeline: 2), "");

        var choice = await _cluster.ChooseAsync(Consistency.Session, Cluster.At(100));

        Assert.Equal(("replica-2", Reasons.CaughtUp), (choice.Node, choice.Reason));
    }

    [Fact]
    public async Task A_session_that_saw_what_is_lost_is_told_and_goes_on_from_the_switch_point()
    {
        Promote(History);
        _cluster.Poll(_cluster.Second, takesWrites: false, Cluster.At(130, timeline: 2), "");

        var choice = await _cluster.ChooseAsync(Consistency.Session, new SeenState(Cluster.At(100), IsLost: true, _cluster.Clock.GetUtcNow()));

        Assert.Equal(("replica-2", Reasons.WriteMayBeLost, Cluster.At(100)), (choice.Node, choice.Reason, choice.AtLeast));
    }

    [Fact]
    public async Task An_old_primary_that_comes_back_gets_no_reads_until_it_follows()
    {
        Promote(History);
        _cluster.Fail(_cluster.Primary);
        _cluster.Fail(_cluster.Second);
        _cluster.Poll(_cluster.Primary, takesWrites: true, Cluster.At(200, timeline: 1), "");

        Assert.Equal(NodeHealth.Diverged, _cluster.Primary.Status.Health);
        Assert.Equal("replica-1", (await _cluster.ChooseAsync(Consistency.Eventual, WalPosition.None)).Node);
        Assert.Equal("replica-1", (await _cluster.ChooseAsync(Consistency.Session, Cluster.At(90))).Node);

        for (var good = 0; good <= _cluster.Options.GoodPollsToReadmit; good++)
            _cluster.Poll(_cluster.Primary, takesWrites: false, Cluster.At(140, timeline: 2), "");
        Assert.Equal(NodeHealth.Healthy, _cluster.Primary.Status.Health);
        Assert.Equal("primary", (await _cluster.ChooseAsync(Consistency.Session, Cluster.At(90))).Node);
    }

    [Fact]
    public async Task A_replica_of_the_old_primary_past_the_switch_point_gets_no_reads_and_one_before_it_lags()
    {
        _cluster.Poll(_cluster.Second, 115);
        Promote(History);
        _cluster.Poll(_cluster.Second, 115);
        Assert.Equal(NodeHealth.Diverged, _cluster.Second.Status.Health);
        Assert.Equal("replica-1", (await _cluster.ChooseAsync(Consistency.Eventual, WalPosition.None)).Node);
    }

    [Fact]
    public void A_replica_that_still_follows_the_old_primary_lags()
    {
        Promote(History);
        _cluster.Clock.Advance(TimeSpan.FromSeconds(1));
        _cluster.Poll(_cluster.First, takesWrites: true, Cluster.At(500, timeline: 2), "");
        _cluster.Clock.Advance(_cluster.Options.LagLimit);
        _cluster.Poll(_cluster.First, takesWrites: true, Cluster.At(600, timeline: 2), "");
        _cluster.Poll(_cluster.Second, 80);

        Assert.Equal(520UL, _cluster.Second.Status.LagBytes);
        Assert.Equal(NodeHealth.Lagging, _cluster.Second.Status.Health);
    }

    [Fact]
    public async Task While_a_promotion_is_known_and_the_promoted_node_is_not_nobody_takes_writes()
    {
        _cluster.Poll(_cluster.Second, takesWrites: false, Cluster.At(100, timeline: 2), "");

        Assert.True(_cluster.Topology.View.IsFenced);
        Assert.Null((await _cluster.ChooseAsync(Consistency.Strong, WalPosition.None)).Target);

        Promote(History);
        Assert.False(_cluster.Topology.View.IsFenced);
        Assert.Equal("replica-1", (await _cluster.ChooseAsync(Consistency.Strong, WalPosition.None)).Node);
    }

    [Fact]
    public void Of_two_promoted_replicas_the_first_stays_the_primary()
    {
        Promote(History);
        _cluster.Poll(_cluster.Second, takesWrites: true, Cluster.At(90, timeline: 2), "1\t0/50\tno recovery target specified\n");

        Assert.Equal("replica-1", _cluster.Table.Primary.Name);
        Assert.Equal(NodeHealth.Diverged, _cluster.Second.Status.Health);
    }

    [Fact]
    public void Without_the_right_to_read_the_history_what_the_promoted_node_had_replayed_counts()
    {
        Promote(history: null);

        Assert.Equal(Standing.OnLine, _cluster.Table.Timelines.Judge(Cluster.At(100)));
        Assert.Equal(Standing.Lost, _cluster.Table.Timelines.Judge(Cluster.At(101)));
    }

    [Fact]
    public async Task A_token_of_a_timeline_that_is_not_known_yet_waits_for_the_news()
    {
        var choosing = _cluster.ChooseAsync(Consistency.Session, Cluster.At(110, timeline: 2));
        _cluster.Poll(_cluster.Second, takesWrites: false, Cluster.At(115, timeline: 2), "");
        Promote(History);

        Assert.StartsWith("replica-", (await choosing).Node, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_of_a_timeline_that_nobody_shows_is_not_called_lost_and_holds_back_the_writes()
    {
        _cluster.Table.Heard(2);
        var choosing = _cluster.ChooseAsync(Consistency.Session, Cluster.At(110, timeline: 2));
        _cluster.Clock.Advance(TimeSpan.FromMilliseconds(10));
        _cluster.Poll(primary: 125, first: 100, second: 80);
        _cluster.Clock.Advance(_cluster.Options.WaitBudget);

        Assert.Null((await choosing).Target);
        Assert.True(_cluster.Topology.View.IsFenced);
    }

    [Fact]
    public void What_was_only_heard_of_is_forgotten_and_so_is_what_a_node_was_before_it_was_set_up_anew()
    {
        _cluster.Table.Heard(3);
        _cluster.Poll(_cluster.Second, takesWrites: false, Cluster.At(100, timeline: 2), "");
        _cluster.Clock.Advance(TimeSpan.FromMinutes(1));
        _cluster.Poll(_cluster.Primary, 130);
        Assert.True(_cluster.Topology.View.IsFenced);

        _cluster.Poll(_cluster.Second, takesWrites: false, Cluster.At(100, timeline: 1), "");
        Assert.False(_cluster.Topology.View.IsFenced);
    }

    [Fact]
    public void A_replica_that_lost_its_primary_is_where_it_was_last_seen_until_it_is_started_anew()
    {
        Promote(History);
        _cluster.Poll(_cluster.Second, takesWrites: false, Cluster.At(130, timeline: 2), "");

        Assert.Equal(Cluster.At(140, timeline: 2), _cluster.Topology.Place("replica-2", inRecovery: true, Cluster.At(140), startedAt: default));
        Assert.Equal(Cluster.At(120), _cluster.Topology.Place("replica-2", inRecovery: true, Cluster.At(120), startedAt: default));
        Assert.Equal(Cluster.At(140), _cluster.Topology.Place("replica-2", inRecovery: true, Cluster.At(140), startedAt: _cluster.Clock.GetUtcNow()));
    }

    private void Promote(string? history) => _cluster.Poll(_cluster.First, takesWrites: true, Cluster.At(105, timeline: 2), history);
}
