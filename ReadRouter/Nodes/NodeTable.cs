using Floodgate.Nodes;
using Microsoft.Extensions.Options;

namespace Floodgate.ReadRouter.Nodes;

/// <summary>All nodes, and the news that one of them was polled.</summary>
internal sealed class NodeTable
{
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public NodeTable(IEnumerable<string> replicas, RouterOptions options, TimeProvider time)
    {
        History = new PrimaryHistory(time);
        Primary = new Node(PostgresNodes.PrimaryName, isPrimary: true, History, options, time);
        Replicas = [.. replicas.Select(name => new Node(name, isPrimary: false, History, options, time))];
        All = [Primary, .. Replicas];
    }

    public NodeTable(PostgresNodes nodes, IOptions<RouterOptions> options, TimeProvider time)
        : this(nodes.Replicas, options.Value, time)
    {
    }

    public PrimaryHistory History { get; }

    public Node Primary { get; }

    public Node[] Replicas { get; }

    public Node[] All { get; }

    /// <summary>Whether the primary takes reads and writes, as far as is known.</summary>
    public bool PrimaryServes => Primary.Status is { Health: NodeHealth.Unknown } or { Health: not NodeHealth.Failed, InRecovery: false };

    /// <summary>The cluster's identifier; 0 while no node has answered yet.</summary>
    public ulong SystemId
    {
        get
        {
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

    /// <summary>Tells all who wait that a node was polled.</summary>
    public void Announce() => Renew(ref _changed);

    /// <summary>Asks the pollers not to wait for their next turn. Many asking at once are one poll.</summary>
    public void Want() => Renew(ref _wanted);

    private static void Renew(ref TaskCompletionSource source) =>
        Interlocked.Exchange(ref source, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
