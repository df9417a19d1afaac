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

    /// <summary>It does not answer, or belongs to another cluster.</summary>
    Failed,
}

/// <summary>What is known of a node after its last poll. Never changed: a poll makes a new one.</summary>
internal sealed record NodeStatus
{
    public NodeHealth Health { get; init; }

    /// <summary>Whether it replays WAL: true for a replica, false for a primary.</summary>
    public bool InRecovery { get; init; }

    /// <summary>Replayed (replica) or written (primary) up to here, at least.</summary>
    public WalPosition Position { get; init; }

    /// <summary>PostgreSQL's identifier of the cluster; 0 before the first answer.</summary>
    public ulong SystemId { get; init; }

    /// <summary>Behind the primary's newest known position.</summary>
    public ulong LagBytes { get; init; }

    /// <summary>Since the primary passed this position; a lower bound.</summary>
    public TimeSpan Lag { get; init; }

    /// <summary>Smoothed speed of replay, in bytes a second.</summary>
    public double ReplayRate { get; init; }

    /// <summary>Timestamp of the last good poll; 0 before it.</summary>
    public long PolledAt { get; init; }

    /// <summary>Timestamp of the last return from ejection; 0 when it was never ejected.</summary>
    public long ReadmittedAt { get; init; }

    /// <summary>Polls that failed since the last good one.</summary>
    public int FailedPolls { get; init; }

    /// <summary>Good polls in a row.</summary>
    public int GoodPolls { get; init; }
}

/// <summary>What one poll found.</summary>
internal readonly record struct NodeSample(bool InRecovery, WalPosition Position, ulong SystemId);
