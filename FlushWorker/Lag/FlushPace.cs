namespace Floodgate.FlushWorker.Lag;

/// <summary>
/// Whether a partition is behind: from when its oldest message is older than two intervals until it is younger than one.
/// Then nobody waits for the interval to end, and the next batch is gathered while the last one is being flushed.
/// </summary>
internal sealed class FlushPace(TimeSpan interval)
{
    /// <summary>Whether it is behind.</summary>
    public bool IsBehind { get; private set; }

    /// <summary>Takes note of how old the message is that begins a batch.</summary>
    /// <param name="age">Its age; null where it cannot be read.</param>
    public void Observe(TimeSpan? age)
    {
        if (age is { } known)
        {
            IsBehind = known > (IsBehind ? interval : 2 * interval);
        }
    }
}
