using Floodgate.ReadRouter.Nodes;
using Floodgate.Sessions;

namespace Floodgate.ReadRouter.Choice;

/// <summary>Predicts when a replica will have replayed up to a position.</summary>
internal static class CatchUp
{
    /// <summary>How long from now; <see cref="TimeSpan.MaxValue"/> where it cannot be told.</summary>
    /// <param name="replica">What is known of the replica.</param>
    /// <param name="position">The position that is needed.</param>
    /// <param name="timelines">The line that positions are judged by.</param>
    /// <param name="budget">How long a read may wait.</param>
    public static TimeSpan Predict(NodeStatus replica, WalPosition position, TimelineHistory timelines, TimeSpan budget)
    {
        if (timelines.Covers(replica.Position, position))
            return TimeSpan.Zero;
        var isOnSameLine = replica.Position.Timeline == position.Timeline
            || (timelines.Judge(replica.Position) == Standing.OnLine && timelines.Judge(position) == Standing.OnLine);
        if (!isOnSameLine || replica.ReplayPaused || (!replica.Streams && replica.Received < position.Lsn))
            return TimeSpan.MaxValue;

        // Level at the last poll, or behind by less than the budget: it streams, and what it lacks is on its way.
        if (replica.Lag < budget)
            return replica.Lag;
        if (replica.ReplayRate <= 0)
            return TimeSpan.MaxValue;
        var seconds = position.Lsn.BytesPast(replica.Position.Lsn) / replica.ReplayRate;
        return seconds < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
    }
}
