using Floodgate.ReadRouter.Choice;
using Floodgate.ReadRouter.Sessions;
using Floodgate.Sessions;

namespace Floodgate.UnitTests.ReadRouter;

public sealed class NodeChooserTests : IDisposable
{
    private readonly Cluster _cluster = new();

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public async Task A_session_reads_from_a_replica_that_has_what_it_has_seen()
    {
        _cluster.Poll(primary: 100, first: 50, second: 90);

        for (var read = 0; read < 20; read++)
        {
            var choice = await _cluster.ChooseAsync(Consistency.Session, Cluster.At(80));
            Assert.Equal(("replica-2", Reasons.CaughtUp, Cluster.At(80)), (choice.Node, choice.Reason, choice.AtLeast));
        }
    }

    [Fact]
    public async Task A_new_session_reads_from_all_replicas()
    {
        _cluster.Poll(primary: 100, first: 50, second: 90);

        var nodes = new HashSet<string>(StringComparer.Ordinal);
        for (var read = 0; read < 50; read++)
            nodes.Add((await _cluster.ChooseAsync(Consistency.Session, WalPosition.None)).Node);

        Assert.Equal(["replica-1", "replica-2"], nodes.Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Fact]
    public async Task The_less_busy_of_two_replicas_gets_the_read()
    {
        _cluster.Poll(primary: 100, first: 100, second: 100);
        _cluster.First.Enter();

        for (var read = 0; read < 20; read++)
            Assert.Equal("replica-2", (await _cluster.ChooseAsync(Consistency.Session, WalPosition.None)).Node);
    }

    [Fact]
    public async Task A_read_waits_for_a_replica_that_streams()
    {
        _cluster.Poll(primary: 100, first: 100, second: 100);

        var choosing = _cluster.ChooseAsync(Consistency.Session, Cluster.At(150));
        Assert.False(choosing.IsCompleted);
        _cluster.Clock.Advance(TimeSpan.FromMilliseconds(10));
        _cluster.Poll(_cluster.Primary, 150);
        Assert.False(choosing.IsCompleted);
        _cluster.Poll(_cluster.Second, 150);

        var choice = await choosing;
        Assert.Equal(("replica-2", Reasons.Waited), (choice.Node, choice.Reason));
    }

    [Fact]
    public async Task A_waiting_read_asks_for_a_poll_at_once()
    {
        _cluster.Poll(primary: 100, first: 100, second: 100);
        var wanted = _cluster.Table.Wanted;

        var choosing = _cluster.ChooseAsync(Consistency.Session, Cluster.At(150));

        Assert.True(wanted.IsCompleted);
        _cluster.Poll(_cluster.First, 150);
        await choosing;
    }

    [Fact]
    public async Task When_the_budget_is_spent_the_primary_serves()
    {
        _cluster.Poll(primary: 100, first: 100, second: 100);

        var choosing = _cluster.ChooseAsync(Consistency.Session, Cluster.At(150));
        _cluster.Poll(_cluster.Primary, 160);
        _cluster.Clock.Advance(_cluster.Options.WaitBudget);

        var choice = await choosing;
        Assert.Equal(("primary", Reasons.ReplicasBehind, Cluster.At(150)), (choice.Node, choice.Reason, choice.AtLeast));
    }

    [Fact]
    public async Task Nobody_waits_for_replicas_that_stand_still()
    {
        _cluster.Poll(primary: 100, first: 100, second: 100);
        _cluster.PollFor(TimeSpan.FromSeconds(3), primary: 500, first: 100, second: 100);

        var choice = await _cluster.ChooseAsync(Consistency.Session, Cluster.At(150));

        Assert.Equal(("primary", Reasons.ReplicasBehind), (choice.Node, choice.Reason));
    }

    [Fact]
    public async Task A_token_beyond_the_primary_is_labelled_and_not_asked_of_the_node()
    {
        _cluster.Poll(primary: 100, first: 100, second: 100);

        var choosing = _cluster.ChooseAsync(Consistency.Session, Cluster.At(999));
        _cluster.Clock.Advance(TimeSpan.FromMilliseconds(20));
        _cluster.Poll(primary: 100, first: 100, second: 100);
        _cluster.Clock.Advance(_cluster.Options.WaitBudget);

        var choice = await choosing;
        Assert.Equal(("primary", Reasons.WriteMayBeLost, WalPosition.None), (choice.Node, choice.Reason, choice.AtLeast));
        Assert.True(choice.SessionIsLost);
    }

    [Fact]
    public async Task A_strong_read_goes_to_the_primary_and_fails_without_it()
    {
        _cluster.Poll(primary: 100, first: 100, second: 100);
        var strong = await _cluster.ChooseAsync(Consistency.Strong, WalPosition.None);
        _cluster.Fail(_cluster.Primary);
        var without = await _cluster.ChooseAsync(Consistency.Strong, WalPosition.None);

        Assert.Equal(("primary", Reasons.Strong), (strong.Node, strong.Reason));
        Assert.Null(without.Target);
    }

    [Fact]
    public async Task An_eventual_read_takes_any_replica_whatever_the_session_has_seen()
    {
        _cluster.Poll(primary: 100, first: 10, second: 10);

        var choice = await _cluster.ChooseAsync(Consistency.Eventual, Cluster.At(100));

        Assert.StartsWith("replica-", choice.Node, StringComparison.Ordinal);
        Assert.Equal((Reasons.Eventual, WalPosition.None), (choice.Reason, choice.AtLeast));
    }

    [Fact]
    public async Task Without_the_primary_replicas_serve_what_they_have()
    {
        _cluster.Poll(primary: 100, first: 100, second: 60);
        _cluster.Fail(_cluster.Primary);

        var has = await _cluster.ChooseAsync(Consistency.Session, Cluster.At(90));
        var lacks = _cluster.ChooseAsync(Consistency.Session, Cluster.At(150));
        _cluster.Clock.Advance(_cluster.Options.WaitBudget);

        Assert.Equal("replica-1", has.Node);
        Assert.Null((await lacks).Target);
    }

    [Fact]
    public async Task With_nothing_better_an_eventual_read_gets_a_replica_past_the_limit_and_is_told()
    {
        _cluster.Poll(primary: 100, first: 100, second: 100);
        _cluster.PollFor(_cluster.Options.LagLimit * 2, primary: 500, first: 100, second: 100);
        var spilled = await _cluster.ChooseAsync(Consistency.Eventual, WalPosition.None);
        _cluster.Fail(_cluster.Primary);
        var stale = await _cluster.ChooseAsync(Consistency.Eventual, WalPosition.None);

        Assert.Equal(("primary", Reasons.NoReplica), (spilled.Node, spilled.Reason));
        Assert.StartsWith("replica-", stale.Node, StringComparison.Ordinal);
        Assert.Equal(Reasons.Stale, stale.Reason);
    }

    [Fact]
    public async Task A_node_that_failed_this_read_is_not_tried_again()
    {
        _cluster.Poll(primary: 100, first: 100, second: 100);

        for (var read = 0; read < 20; read++)
            Assert.Equal("replica-2", (await _cluster.ChooseAsync(Consistency.Session, WalPosition.None, except: _cluster.First)).Node);
    }

    [Fact]
    public async Task Before_the_first_poll_the_primary_serves()
    {
        var choice = await _cluster.ChooseAsync(Consistency.Session, WalPosition.None);

        Assert.Equal(("primary", Reasons.NoReplica), (choice.Node, choice.Reason));
    }

    [Fact]
    public async Task A_primary_that_became_a_replica_is_no_primary()
    {
        _cluster.Poll(_cluster.Primary, takesWrites: false, Cluster.At(100), history: "");

        Assert.Null((await _cluster.ChooseAsync(Consistency.Strong, WalPosition.None)).Target);
    }

    [Fact]
    public async Task A_caller_who_is_gone_ends_the_wait()
    {
        _cluster.Poll(primary: 100, first: 100, second: 100);
        using var gone = new CancellationTokenSource();

        var choosing = _cluster.Chooser.ChooseAsync(
            new ReadRequest(Consistency.Session, RouteReads.Of(_cluster.Options, "GET /timeline"), new SeenState(Cluster.At(150), false, null), null), gone.Token).AsTask();
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => choosing);
    }
}
