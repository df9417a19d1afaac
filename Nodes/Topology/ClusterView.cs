using Floodgate.Sessions;

namespace Floodgate.Nodes;

/// <summary>Who takes writes, and the timelines that led there. Never changed: news make a new one.</summary>
/// <param name="Primary">The name of the node that takes writes.</param>
/// <param name="History">The line of timelines; <see cref="TimelineHistory.Unknown"/> before any primary has answered.</param>
/// <param name="HighestTimeline">The highest timeline that any node is on, as far as is known.</param>
public sealed record ClusterView(string Primary, TimelineHistory History, uint HighestTimeline)
{
    /// <summary>The timeline that was left for the present one, as this process has seen it; 0 where it has seen no promotion.</summary>
    public uint Left { get; init; }

    /// <summary>
    /// Whether a promotion is known of whose primary is not: some node is on a newer timeline than <see cref="Primary"/>, which must not be
    /// written to, as what it takes would be lost.
    /// </summary>
    public bool IsFenced => History.Current != 0 && HighestTimeline > History.Current;
}

/// <summary>What a node said of itself.</summary>
/// <param name="InRecovery">Whether it replays WAL, and so takes no writes.</param>
/// <param name="Position">Where it is.</param>
/// <param name="SystemId">PostgreSQL's identifier of the cluster.</param>
public readonly record struct NodeObservation(bool InRecovery, WalPosition Position, ulong SystemId)
{
    /// <summary>When its server started.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>A replica's: up to where it has received, which it need not have replayed yet. A primary's: <see cref="Position"/>.</summary>
    public Lsn Received { get; init; } = Position.Lsn;

    /// <summary>Whether replay was paused by hand (<c>pg_wal_replay_pause()</c>).</summary>
    public bool ReplayPaused { get; init; }

    /// <summary>Whether WAL is streaming in: false for a primary, and for a replica that has lost its primary.</summary>
    public bool Streams { get; init; }
}
