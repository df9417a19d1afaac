using Floodgate.Nodes;
using Floodgate.Sessions;
using Microsoft.Extensions.Options;

namespace Floodgate.ReadRouter.Nodes;

/// <summary>All nodes, who of them takes writes, and the news that one of them was polled.</summary>
internal sealed class NodeTable
{
    private readonly Lock _lock = new();
    private readonly ClusterTopology _topology;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Roles _roles;
    private ClusterView _judgedBy;

    public NodeTable(IEnumerable<string> names, ClusterTopology topology, RouterOptions options, TimeProvider time)
    {
        _topology = topology;
        History = new PrimaryHistory(time, reach: 2 * options.LagLimit);
        All = [.. names.Select(name => new Node(name, History, options, time))];
        _judgedBy = topology.View;
        _roles = RolesNow(_judgedBy);
    }

    public NodeTable(PostgresNodes nodes, ClusterTopology topology, IOptions<RouterOptions> options, TimeProvider time)
        : this(nodes.Names, topology, options.Value, time)
    {
    }

    public PrimaryHistory History { get; }

    /// <summary>The node that takes writes, as far as is known.</summary>
    public Node Primary => _roles.Primary;

    /// <summary>All the others.</summary>
    public Node[] Replicas => _roles.Replicas;

    public Node[] All { get; }

    /// <summary>Who takes writes, and the timelines that led there.</summary>
    public ClusterView View => _topology.View;

    /// <summary>The line of timelines that positions are judged by.</summary>
    public TimelineHistory Timelines => _topology.View.History;

    /// <summary>Whether the primary takes reads and writes, as far as is known.</summary>
    public bool PrimaryServes =>
        !_topology.View.IsFenced && Primary.Status is { Health: NodeHealth.Unknown } or { Health: NodeHealth.Healthy or NodeHealth.Lagging, InRecovery: false };

    /// <summary>The cluster's identifier; 0 while no node has answered yet.</summary>
    public ulong SystemId
    {
        get
        {
            if (_topology.SystemId is not 0 and var known)
                return known;
            foreach (var node in All)
            {
                if (node.Status.SystemId is not 0 and var id)
                    return id;
            }

            return 0;
        }
    }

    /// <summary>Ends when a node is polled next. Take it before looking at the nodes, so that no news is missed.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    /// <summary>Ends when somebody wants the nodes polled now.</summary>
    public Task Wanted => Volatile.Read(ref _wanted).Task;

    /// <summary>Takes in an answer to a poll. What it tells of the topology must have been taken in before.</summary>
    public (NodeStatus Before, NodeStatus After) Polled(Node node, in NodeSample sample)
    {
        lock (_lock)
        {
            var view = _topology.View;
            if (!ReferenceEquals(view, _judgedBy))
            {
                // Before their next poll: what was good on the old timeline need not be on the new one.
                _judgedBy = view;
                foreach (var other in All)
                    other.Judged(view);
                _roles = RolesNow(view);
            }

            return node.Polled(sample, view);
        }
    }

    /// <summary>Takes note that somebody knows of a newer timeline: a session that has read there.</summary>
    public void Heard(uint timeline)
    {
        _topology.Heard(timeline);
        Want();
    }

    /// <summary>Tells all who wait that a node was polled.</summary>
    public void Announce() => Renew(ref _changed);

    /// <summary>Asks the pollers not to wait for their next turn. Many asking at once are one poll.</summary>
    public void Want() => Renew(ref _wanted);

    private Roles RolesNow(ClusterView view)
    {
        var primary = view.Primary;
        return new Roles(Array.Find(All, node => node.Name == primary)!, Array.FindAll(All, node => node.Name != primary));
    }

    private static void Renew(ref TaskCompletionSource source) =>
        Interlocked.Exchange(ref source, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    private sealed record Roles(Node Primary, Node[] Replicas);
}
