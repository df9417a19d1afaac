using System.Collections.Concurrent;
using Floodgate.Sessions;

namespace Floodgate.ReadRouter.Nodes;

/// <summary>
/// Measures how long a write takes until every replica that answers shows it: of at most a hundred writes a second, from the answer to the
/// write until the poll that finds the last replica past it. So it is exact to a poll interval.
/// </summary>
internal sealed class VisibilityProbe(NodeTable table, Measures measures, TimeProvider time)
{
    private const int Most = 1024;
    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(10);

    private readonly ConcurrentQueue<(WalPosition Position, long At)> _writes = new();
    private long _lastAt;

    /// <summary>Notes the position of a write that was answered just now.</summary>
    public void Wrote(WalPosition position)
    {
        var (now, last) = (time.GetTimestamp(), Volatile.Read(ref _lastAt));
        if ((last == 0 || time.GetElapsedTime(last, now) >= Spacing) && _writes.Count < Most
            && Interlocked.CompareExchange(ref _lastAt, now, last) == last)
            _writes.Enqueue((position, now));
    }

    /// <summary>Looks, after a poll, which writes all replicas show. A write that a failover lost is left out.</summary>
    public void Polled()
    {
        while (_writes.TryPeek(out var write))
        {
            var timelines = table.Timelines;
            var isLost = timelines.Judge(write.Position) == Standing.Lost;
            if (!isLost && !IsOnAll(write.Position, timelines))
                return;

            // Several pollers look at once; the one that takes it out counts it.
            if (_writes.TryDequeue(out var seen) && !isLost)
                measures.VisibleOnAll(time.GetElapsedTime(seen.At));
        }
    }

    private bool IsOnAll(WalPosition position, TimelineHistory timelines)
    {
        foreach (var replica in table.Replicas)
        {
            var status = replica.Status;
            if (status.Health is NodeHealth.Healthy or NodeHealth.Lagging && !timelines.Covers(status.Position, position))
                return false;
        }

        return true;
    }
}
