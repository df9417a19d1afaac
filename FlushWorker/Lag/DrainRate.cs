namespace Floodgate.FlushWorker.Lag;

/// <summary>
/// How many messages a second a partition drains while it has any: an exponentially weighted mean. What is not asked for
/// says nothing about what could be done, so idle time does not count.
/// </summary>
internal sealed class DrainRate(TimeProvider time)
{
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(10);

    private long _measuredAt = time.GetTimestamp();
    private long _acknowledged;
    private double _rate;

    /// <summary>Messages a second; 0 while none was drained yet.</summary>
    public double PerSecond => Volatile.Read(ref _rate);

    /// <summary>Measures.</summary>
    /// <param name="acknowledged">How many were acknowledged since the start.</param>
    /// <param name="isBusy">Whether any waits or is held.</param>
    public void Measure(long acknowledged, bool isBusy)
    {
        var (drained, elapsed) = (acknowledged - _acknowledged, time.GetElapsedTime(_measuredAt));
        (_acknowledged, _measuredAt) = (acknowledged, time.GetTimestamp());
        if (elapsed > TimeSpan.Zero && (isBusy || drained > 0))
        {
            var now = drained / elapsed.TotalSeconds;
            Volatile.Write(ref _rate, _rate == 0 ? now : _rate + ((now - _rate) * (1 - Math.Exp(-elapsed / Memory))));
        }
    }
}
