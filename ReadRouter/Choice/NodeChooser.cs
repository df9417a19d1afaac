using Floodgate.ReadRouter.Nodes;
using Floodgate.Sessions;
using Microsoft.Extensions.Options;

namespace Floodgate.ReadRouter.Choice;

/// <summary>Decides which node serves a read. It looks only at what the polls found, and waits for a poll but never for a node.</summary>
internal sealed class NodeChooser(NodeTable table, LeastLoaded leastLoaded, IOptions<RouterOptions> options, Measures measures, TimeProvider time)
{
    private readonly TimeSpan _budget = options.Value.WaitBudget;

    /// <summary>Chooses.</summary>
    /// <param name="consistency">What the caller asks for.</param>
    /// <param name="seen">What the session has seen.</param>
    /// <param name="except">A node that just failed this read; null on the first attempt.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    public async ValueTask<NodeChoice> ChooseAsync(Consistency consistency, WalPosition seen, Node? except, CancellationToken cancellationToken)
    {
        var choice = consistency switch
        {
            Consistency.Strong => UsePrimary(Reasons.Strong, seen, except),
            Consistency.Eventual => ChooseAny(except),
            _ => ChooseAtOrPast(seen, except) ?? await ChooseLaterAsync(seen, except, cancellationToken),
        };
        measures.Chosen(choice);
        return choice;
    }

    private NodeChoice ChooseAny(Node? except)
    {
        var node = leastLoaded.Pick(Candidates(except, static status => status.Health == NodeHealth.Healthy));
        if (node is not null)
            return new NodeChoice(node, Reasons.Eventual, WalPosition.None);
        var primary = UsePrimary(Reasons.NoReplica, WalPosition.None, except);
        if (primary.Target is not null)
            return primary;
        node = leastLoaded.Pick(Candidates(except, static status => status.Health == NodeHealth.Lagging));
        return node is null ? NodeChoice.Nobody : new NodeChoice(node, Reasons.Stale, WalPosition.None);
    }

    private NodeChoice? ChooseAtOrPast(WalPosition seen, Node? except)
    {
        var node = leastLoaded.Pick(Candidates(except, status => status.Health == NodeHealth.Healthy && status.Position >= seen));
        return node is null ? null : new NodeChoice(node, Reasons.CaughtUp, seen);
    }

    private async ValueTask<NodeChoice> ChooseLaterAsync(WalPosition seen, Node? except, CancellationToken cancellationToken)
    {
        var reason = Reasons.NoReplica;
        var began = time.GetTimestamp();
        while (Candidates(except, static status => status.Health == NodeHealth.Healthy).Length > 0)
        {
            reason = Reasons.ReplicasBehind;
            var changed = table.Changed;
            if (ChooseAtOrPast(seen, except) is { } caughtUp)
            {
                measures.Waited(time.GetElapsedTime(began));
                return caughtUp with { Reason = Reasons.Waited };
            }

            var left = _budget - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero || Soonest(seen, except) > left)
                break;

            table.Want();
            await Task.WhenAny(changed, Task.Delay(left, time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }

        if (reason == Reasons.ReplicasBehind)
            measures.Waited(time.GetElapsedTime(began));
        return UsePrimary(reason, seen, except) is { Target: not null } primary && IsBeyondPrimary(seen, began)
            ? primary with { Reason = Reasons.WriteMayBeLost, AtLeast = WalPosition.None }
            : UsePrimary(reason, seen, except);
    }

    private TimeSpan Soonest(WalPosition seen, Node? except)
    {
        var soonest = TimeSpan.MaxValue;
        foreach (var replica in table.Replicas)
        {
            var status = replica.Status;
            if (replica != except && status.Health == NodeHealth.Healthy && CatchUp.Predict(status, seen, _budget) is var wait && wait < soonest)
                soonest = wait;
        }

        return soonest;
    }

    // Only a poll that was sent after the read came can tell: the token may be of a write that was committed just now.
    private bool IsBeyondPrimary(WalPosition seen, long began)
    {
        var primary = table.Primary.Status;
        return primary is { InRecovery: false, PolledAt: not 0 } && primary.PolledAt > began && seen > primary.Position;
    }

    private NodeChoice UsePrimary(string reason, WalPosition seen, Node? except) =>
        table.PrimaryServes && table.Primary != except ? new NodeChoice(table.Primary, reason, seen) : NodeChoice.Nobody;

    private Node[] Candidates(Node? except, Func<NodeStatus, bool> serves)
    {
        var replicas = table.Replicas;
        var all = true;
        foreach (var replica in replicas)
            all &= replica != except && serves(replica.Status);
        return all ? replicas : Array.FindAll(replicas, replica => replica != except && serves(replica.Status));
    }
}
