using Floodgate.ReadRouter;
using Floodgate.ReadRouter.Alerts;
using Floodgate.ReadRouter.Choice;
using Floodgate.ReadRouter.Sessions;
using Floodgate.Sessions;

namespace Floodgate.UnitTests.ReadRouter;

public sealed class ReadPolicyTests
{
    [Fact]
    public async Task With_a_window_the_primary_serves_who_has_written_lately_and_a_replica_everybody_else()
    {
        using var cluster = new Cluster(new RouterOptions { Policy = ReadPolicy.Window });
        cluster.Poll(primary: 100, first: 50, second: 50);
        var session = Session(cluster);

        Assert.Equal(("primary", Reasons.WrittenLately), Of(await cluster.ChooseAsync(Consistency.Session, session)));
        cluster.Clock.Advance(cluster.Options.Window);
        Assert.Equal(Reasons.OutsideWindow, (await cluster.ChooseAsync(Consistency.Session, session)).Reason);
        Assert.Equal(Reasons.OutsideWindow, (await cluster.ChooseAsync(Consistency.Session, SeenState.Nothing)).Reason);
    }

    [Fact]
    public async Task With_a_window_no_replica_serves_that_lags_by_more()
    {
        using var cluster = new Cluster(new RouterOptions { Policy = ReadPolicy.Window, Window = TimeSpan.FromSeconds(2) });
        cluster.Poll(primary: 100, first: 100, second: 100);
        cluster.PollFor(TimeSpan.FromSeconds(3), primary: 200, first: 100, second: 200);

        for (var read = 0; read < 20; read++)
            Assert.Equal("replica-2", (await cluster.ChooseAsync(Consistency.Session, SeenState.Nothing)).Node);
    }

    [Fact]
    public async Task By_lag_a_replica_serves_once_the_write_is_longer_ago_than_it_lags()
    {
        using var cluster = new Cluster(new RouterOptions { Policy = ReadPolicy.Lag });
        cluster.Poll(primary: 100, first: 100, second: 100);
        cluster.PollFor(TimeSpan.FromSeconds(1), primary: 200, first: 100, second: 100);
        var session = Session(cluster);
        cluster.PollFor(TimeSpan.FromSeconds(1), primary: 300, first: 150, second: 150);

        Assert.Equal(("primary", Reasons.ReplicasBehind), Of(await cluster.ChooseAsync(Consistency.Session, session)));
        cluster.Poll(primary: 300, first: 300, second: 150);
        Assert.Equal(("replica-1", Reasons.LagIsShort), Of(await cluster.ChooseAsync(Consistency.Session, session)));
    }

    [Theory]
    [InlineData(ReadPolicy.Primary, "primary", Reasons.Policy)]
    [InlineData(ReadPolicy.Eventual, "replica-1", Reasons.Eventual)]
    public async Task A_policy_can_be_to_read_from_the_primary_or_from_anywhere(ReadPolicy policy, string node, string reason)
    {
        using var cluster = new Cluster(new RouterOptions { Policy = policy });
        cluster.Poll(primary: 100, first: 50, second: 50);
        cluster.Second.Enter();

        Assert.Equal((node, reason), Of(await cluster.ChooseAsync(Consistency.Session, Session(cluster))));
    }

    [Fact]
    public async Task A_route_of_its_own_goes_before_the_policy_for_all_and_the_caller_before_both()
    {
        using var cluster = new Cluster(new RouterOptions
        {
            Policy = ReadPolicy.Primary,
            Routes = { new RouteReadOptions { Route = "GET /timeline", Policy = ReadPolicy.Eventual } },
        });
        cluster.Poll(primary: 100, first: 50, second: 50);

        Assert.Equal(Reasons.Eventual, (await cluster.ChooseAsync(Consistency.Session, SeenState.Nothing)).Reason);
        Assert.Equal(Reasons.Strong, (await cluster.ChooseAsync(Consistency.Strong, SeenState.Nothing)).Reason);
        Assert.Equal(ReadPolicy.Primary, RouteReads.Of(cluster.Options, "GET /posts/{id}").Policy);
    }

    [Fact]
    public async Task Past_the_cap_the_primary_takes_over_no_more_and_the_alert_is_raised()
    {
        using var cluster = new Cluster(new RouterOptions { SpillOverRate = 3, SpillOverShare = 0, WaitBudget = TimeSpan.Zero });
        cluster.Poll(primary: 100, first: 50, second: 50);
        var session = new SeenState(Cluster.At(100), false, cluster.Clock.GetUtcNow());

        for (var read = 0; read < 3; read++)
            Assert.Equal("primary", (await cluster.ChooseAsync(Consistency.Session, session)).Node);
        var refused = await cluster.ChooseAsync(Consistency.Session, session);
        Assert.Equal((null, Reasons.SpillOverCap), (refused.Target, refused.Reason));
        cluster.Alerts.Evaluate();
        Assert.True(cluster.Alerts.Raised.ContainsKey(Alert.SpillOverCap));

        // Who asks for the primary, or is content with less, is not refused; and a second later there is room again.
        Assert.Equal("primary", (await cluster.ChooseAsync(Consistency.Strong, session)).Node);
        Assert.Equal(Reasons.Eventual, (await cluster.ChooseAsync(Consistency.Eventual, session)).Reason);
        cluster.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("primary", (await cluster.ChooseAsync(Consistency.Session, session)).Node);
    }

    [Fact]
    public async Task An_eventual_read_past_the_cap_stays_on_a_replica_that_lags()
    {
        using var cluster = new Cluster(new RouterOptions { SpillOverRate = 0, SpillOverShare = 0 });
        cluster.Poll(primary: 100, first: 100, second: 100);
        cluster.PollFor(cluster.Options.LagLimit * 2, primary: 500, first: 100, second: 100);

        var choice = await cluster.ChooseAsync(Consistency.Eventual, SeenState.Nothing);

        Assert.StartsWith("replica-", choice.Node, StringComparison.Ordinal);
        Assert.Equal(Reasons.Stale, choice.Reason);
    }

    [Fact]
    public async Task By_lag_what_the_primary_wrote_since_its_own_last_poll_counts_as_lacking()
    {
        using var cluster = new Cluster(new RouterOptions { Policy = ReadPolicy.Lag });
        cluster.Poll(cluster.Primary, 100);
        cluster.Clock.Advance(TimeSpan.FromMilliseconds(20));
        var session = Session(cluster);
        cluster.Clock.Advance(TimeSpan.FromMilliseconds(75));
        cluster.Poll(cluster.First, 100);
        cluster.Poll(cluster.Second, 100);

        Assert.Equal("primary", (await cluster.ChooseAsync(Consistency.Session, session)).Node);
    }

    [Fact]
    public async Task Past_the_cap_a_route_that_allows_it_is_served_stale_with_the_label()
    {
        using var cluster = new Cluster(new RouterOptions
        {
            SpillOverRate = 0,
            SpillOverShare = 0,
            WaitBudget = TimeSpan.Zero,
            Routes = { new RouteReadOptions { Route = "GET /timeline", AllowStale = true } },
        });
        cluster.Poll(primary: 100, first: 50, second: 50);

        var choice = await cluster.ChooseAsync(Consistency.Session, new SeenState(Cluster.At(100), false, null));

        Assert.StartsWith("replica-", choice.Node, StringComparison.Ordinal);
        Assert.Equal((Reasons.Stale, WalPosition.None), (choice.Reason, choice.AtLeast));
    }

    [Fact]
    public async Task The_share_of_the_cap_is_of_all_reads_of_the_last_second()
    {
        using var cluster = new Cluster(new RouterOptions { SpillOverRate = 0, SpillOverShare = 0.1, WaitBudget = TimeSpan.Zero });
        cluster.Poll(primary: 100, first: 50, second: 50);
        var session = new SeenState(Cluster.At(100), false, null);
        for (var read = 0; read < 97; read++)
            await cluster.ChooseAsync(Consistency.Session, SeenState.Nothing);

        var taken = 0;
        for (var read = 0; read < 20; read++)
            taken += (await cluster.ChooseAsync(Consistency.Session, session)).Target is null ? 0 : 1;

        Assert.InRange(taken, 10, 12);
    }

    [Fact]
    public async Task Without_the_primary_a_replica_that_has_what_was_seen_serves_with_the_label()
    {
        using var cluster = new Cluster();
        cluster.Poll(primary: 100, first: 90, second: 90);
        cluster.Fail(cluster.Primary);

        Assert.Equal(Reasons.PrimaryAway, (await cluster.ChooseAsync(Consistency.Session, Cluster.At(80))).Reason);
    }

    [Fact]
    public async Task A_replica_whose_replay_is_paused_is_not_waited_for()
    {
        using var cluster = new Cluster();
        cluster.Poll(primary: 100, first: 100, second: 100);
        cluster.Fail(cluster.Second);
        cluster.Table.Polled(cluster.First, new(cluster.Clock.GetTimestamp(), new(true, Cluster.At(100), Cluster.SystemId) { ReplayPaused = true, Streams = true }));

        Assert.Equal(("primary", Reasons.ReplicasBehind), Of(await cluster.ChooseAsync(Consistency.Session, Cluster.At(110))));
    }

    private static SeenState Session(Cluster cluster) => new(Cluster.At(100), IsLost: false, cluster.Clock.GetUtcNow());

    private static (string, string) Of(NodeChoice choice) => (choice.Node, choice.Reason);
}
