using Floodgate.ReadRouter.Alerts;
using Floodgate.ReadRouter.Nodes;
using Floodgate.Sessions;

namespace Floodgate.ReadRouter.Choice;

/// <summary>Decides which node serves a read. It looks only at what the polls found, and waits for a poll but never for a node.</summary>
internal sealed class NodeChooser(
    NodeTable table, LeastLoaded leastLoaded, SpillOver spillOver, Measures measures, AlertBoard alerts, TimeProvider time)
{
    /// <summary>Chooses.</summary>
    /// <param name="read">The read.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    public async ValueTask<NodeChoice> ChooseAsync(ReadRequest read, CancellationToken cancellationToken)
    {
        spillOver.Count();
        var choice = read.Policy switch
        {
            ReadPolicy.Primary => OnPrimaryOrStale(read.Consistency == Consistency.Strong ? Reasons.Strong : Reasons.Policy, read),
            ReadPolicy.Eventual => ChooseAny(read),
            ReadPolicy.Window => ChooseByWindow(read),
            ReadPolicy.Lag => ChooseByLag(read),
            _ => ChooseAtOrPast(read) ?? await ChooseLaterAsync(read, cancellationToken),
        };
        if (read.Session.IsLost && choice.Target is not null)
            choice = choice with { Reason = Reasons.WriteMayBeLost };
        measures.Chosen(choice);
        return choice;
    }

    private NodeChoice ChooseAny(in ReadRequest read)
    {
        if (Pick(read.Except, static status => status.Health == NodeHealth.Healthy) is { } healthy)
            return new NodeChoice(healthy, Reasons.Eventual, WalPosition.None);
        return SpillOverOrStale(Reasons.NoReplica, read with { Reads = read.Reads with { AllowStale = true } });
    }

    private NodeChoice ChooseByWindow(in ReadRequest read)
    {
        var window = read.Reads.Window;
        return Since(read) < window
            ? OnPrimaryOrStale(Reasons.WrittenLately, read)
            : ChooseByClock(read, status => status.Lag < window, Reasons.OutsideWindow);
    }

    private NodeChoice ChooseByLag(in ReadRequest read)
    {
        // What a node had when it was polled, it has had for as long as the poll is ago, and lacks what came since then.
        // The lag was taken against where the primary was at its own last poll.
        var (since, primaryAt) = (Since(read), table.Primary.Status.PolledAt);
        return ChooseByClock(read, status => status.Lag + time.GetElapsedTime(Math.Min(status.PolledAt, primaryAt)) < since, Reasons.LagIsShort);
    }

    private NodeChoice ChooseByClock(in ReadRequest read, Func<NodeStatus, bool> isFresh, string reason) =>
        Pick(read.Except, status => status.Health == NodeHealth.Healthy && isFresh(status)) is { } node
            ? new NodeChoice(node, reason, WalPosition.None)
            : SpillOverOrStale(HasHealthy(read.Except) ? Reasons.ReplicasBehind : Reasons.NoReplica, read);

    private NodeChoice? ChooseAtOrPast(in ReadRequest read)
    {
        var (seen, timelines) = (read.Session.Position, table.Timelines);
        return Pick(read.Except, status => status.Health == NodeHealth.Healthy && timelines.Covers(status.Position, seen)) is { } node
            ? new NodeChoice(node, table.PrimaryServes ? Reasons.CaughtUp : Reasons.PrimaryAway, seen)
            : null;
    }

    private async ValueTask<NodeChoice> ChooseLaterAsync(ReadRequest read, CancellationToken cancellationToken)
    {
        var (reason, began, hasWaited) = (Reasons.NoReplica, time.GetTimestamp(), false);
        while (HasHealthy(read.Except))
        {
            reason = Reasons.ReplicasBehind;
            var changed = table.Changed;
            if (ChooseAtOrPast(read) is { } caughtUp)
            {
                measures.Waited(time.GetElapsedTime(began), inVain: false);
                return caughtUp.Reason == Reasons.CaughtUp ? caughtUp with { Reason = Reasons.Waited } : caughtUp;
            }

            var left = read.Reads.WaitBudget - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero || Soonest(read) > left)
                break;

            hasWaited = true;
            table.Want();
            await Task.WhenAny(changed, Task.Delay(left, time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }

        if (hasWaited)
            NoteWait(time.GetElapsedTime(began), read.Reads.WaitBudget);
        var choice = SpillOverOrStale(reason, read);
        return choice.Target == table.Primary && IsBeyondPrimary(read.Session.Position, began)
            ? choice with { Reason = Reasons.WriteMayBeLost, AtLeast = WalPosition.None }
            : choice;
    }

    private void NoteWait(TimeSpan waited, TimeSpan budget)
    {
        var inVain = waited >= budget;
        measures.Waited(waited, inVain);
        if (inVain)
            alerts.Happened(Alert.TokenTimeouts, FormattableString.Invariant($"a read waited {waited.TotalMilliseconds:F0} ms for a replica, in vain"));
    }

    // The primary within its cap; past it, or without it, what is stale where the route takes that.
    private NodeChoice SpillOverOrStale(string reason, in ReadRequest read)
    {
        var primary = OnPrimary(reason, read);
        var isCapped = primary.Target is not null && table.All.Length > 1 && !spillOver.TryTake();
        if (primary.Target is not null && !isCapped)
            return primary;
        var stale = read.Reads.AllowStale ? ChooseStale(read.Except) : NodeChoice.Nobody;
        if (!isCapped)
            return stale;
        measures.SpillOverCapped();
        alerts.Happened(Alert.SpillOverCap, "the primary has taken over as many reads as it may");
        return stale.Target is not null ? stale : NodeChoice.Nobody with { Reason = Reasons.SpillOverCap };
    }

    // By request: whoever asks for the primary is not counted against the cap.
    private NodeChoice OnPrimaryOrStale(string reason, in ReadRequest read)
    {
        var primary = OnPrimary(reason, read);
        return primary.Target is null && read.Reads.AllowStale && read.Consistency != Consistency.Strong ? ChooseStale(read.Except) : primary;
    }

    private NodeChoice ChooseStale(Node? except) =>
        Pick(except, static status => status.Health is NodeHealth.Healthy or NodeHealth.Lagging) is { } node
            ? new NodeChoice(node, Reasons.Stale, WalPosition.None)
            : NodeChoice.Nobody;

    private NodeChoice OnPrimary(string reason, in ReadRequest read) =>
        table.PrimaryServes && table.Primary is var primary && primary != read.Except
            ? new NodeChoice(primary, reason, read.Policy is ReadPolicy.Lsn or ReadPolicy.Primary ? read.Session.Position : WalPosition.None)
            : NodeChoice.Nobody;

    private TimeSpan Soonest(in ReadRequest read)
    {
        var (soonest, timelines) = (TimeSpan.MaxValue, table.Timelines);

        // A promotion that the next poll will tell of.
        if (timelines.Judge(read.Session.Position) == Standing.Ahead)
            return TimeSpan.Zero;
        foreach (var replica in table.Replicas)
        {
            var status = replica.Status;
            if (replica != read.Except && status.Health == NodeHealth.Healthy
                && CatchUp.Predict(status, read.Session.Position, timelines, read.Reads.WaitBudget) is var wait && wait < soonest)
                soonest = wait;
        }

        return soonest;
    }

    // Only a poll that was sent after the read came can tell: the token may be of a write that was committed just now.
    private bool IsBeyondPrimary(WalPosition seen, long began)
    {
        var primary = table.Primary.Status;
        var timelines = table.Timelines;
        return primary is { InRecovery: false, PolledAt: not 0 } && primary.PolledAt > began
            && timelines.Judge(seen) != Standing.Ahead && !timelines.Covers(primary.Position, seen);
    }

    private TimeSpan Since(in ReadRequest read) => read.Session.IssuedAt is { } at ? time.GetUtcNow() - at : TimeSpan.MaxValue;

    private bool HasHealthy(Node? except) => Candidates(except, static status => status.Health == NodeHealth.Healthy).Length > 0;

    private Node? Pick(Node? except, Func<NodeStatus, bool> serves) => leastLoaded.Pick(Candidates(except, serves));

    private Node[] Candidates(Node? except, Func<NodeStatus, bool> serves)
    {
        var replicas = table.Replicas;
        var all = true;
        foreach (var replica in replicas)
            all &= replica != except && serves(replica.Status);
        return all ? replicas : Array.FindAll(replicas, replica => replica != except && serves(replica.Status));
    }
}
