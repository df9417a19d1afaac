using Floodgate.Bench.Gateway;

namespace Floodgate.Bench.Replay;

/// <summary>Waits until nothing is on its way any more.</summary>
internal sealed class Drain(Oracle oracle, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Asks until the queues and the outbox are empty twice in a row: once may fall between the outbox and the queue.
    /// </summary>
    /// <param name="limit">When to give up.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>How long it took, or null where it was given up.</returns>
    public async Task<TimeSpan?> WaitAsync(TimeSpan limit, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        for (var empty = 0; time.GetElapsedTime(started) < limit;)
        {
            var backlog = await oracle.BacklogAsync(cancellation);
            empty = backlog is { Messages: 0, Outbox: 0 } ? empty + 1 : 0;
            if (empty == 2) return time.GetElapsedTime(started);
            await Task.Delay(Interval, time, cancellation);
        }

        return null;
    }
}
