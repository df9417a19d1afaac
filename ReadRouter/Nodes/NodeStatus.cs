using Floodgate.Nodes;
using Floodgate.Sessions;

namespace Floodgate.ReadRouter.Nodes;

/// <summary>Whether a node gets reads.</summary>
internal enum NodeHealth
{
    /// <summary>Not polled yet.</summary>
    Unknown,

    /// <summary>It answers and is near enough.</summary>
    Healthy,

    /// <summary>It answers but is past the lag limit, or on its way back.</summary>
    Lagging,

    /// <summary>It does not answer, requests on it failed one after another, or it belongs to another cluster.</summary>
    Failed,

    /// <summary>
    /// It is past the point where its timeline was left, or takes writes that nobody knows: an old primary that has come back, or a replica
    /// of one. It is never read from until it follows.
    /// </summary>
    Diverged,
}

/// <summary>What is known of a node after its last poll. Never changed: a poll makes a new one.</summary>
internal sealed record NodeStatus
{
    public NodeHealth Health { get; init; }

    /// <summary>Whether it replays WAL: true for a replica, false for a primary.</summary>
    public bool InRecovery { get; init; }

    /// <summary>Replayed (replica) or written (primary) up to here, at least.</summary>
    public WalPosition Position { get; init; }

    /// <summary>A replica's: up to where it has received.</summary>
    public Lsn Received { get; init; }

    /// <summary>Whether replay was paused by hand: it will not catch up.</summary>
    public bool ReplayPaused { get; init; }

    /// <summary>Whether WAL is streaming in.</summary>
    public bool Streams { get; init; }

    /// <summary>PostgreSQL's identifier of the cluster; 0 before the first answer.</summary>
    public ulong SystemId { get; init; }

    /// <summary>Behind the primary's newest known position.</summary>
    public ulong LagBytes { get; init; }

    /// <summary>Since the primary passed this position; a lower bound.</summary>
    public TimeSpan Lag { get; init; }

    /// <summary>Smoothed speed of replay, in bytes a second.</summary>
    public double ReplayRate { get; init; }

    /// <summary>Timestamp of when the last good poll was sent; 0 before it. What was committed before then is in <see cref="Position"/>.</summary>
    public long PolledAt { get; init; }

    /// <summary>How long the last good poll took.</summary>
    public TimeSpan PollTime { get; init; }

    /// <summary>Timestamp of the last return from ejection; 0 when it was never ejected.</summary>
    public long ReadmittedAt { get; init; }

    /// <summary>Polls that failed since the last good one.</summary>
    public int FailedPolls { get; init; }

    /// <summary>Good polls in a row.</summary>
    public int GoodPolls { get; init; }

    /// <summary>Whether it gets no reads at present, and must earn its way back.</summary>
    public bool IsOut => Health is NodeHealth.Lagging or NodeHealth.Failed or NodeHealth.Diverged;
}

/// <summary>What one poll found.</summary>
/// <param name="AskedAt">Timestamp of when it was sent.</param>
/// <param name="Node">What the node said.</param>
internal readonly record struct NodeSample(long AskedAt, NodeObservation Node)
{
    public NodeSample(long askedAt, bool inRecovery, WalPosition position, ulong systemId)
        : this(askedAt, new NodeObservation(inRecovery, position, systemId))
    {
    }
}
