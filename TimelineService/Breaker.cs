namespace Floodgate.TimelineService;

/// <summary>Remembers for a moment that a server did not answer. Safe for concurrent use.</summary>
internal sealed class Breaker(TimeProvider time, TimeSpan rest)
{
    private long _failedAt = long.MinValue;

    /// <summary>Whether the server failed a moment ago and is not to be asked.</summary>
    public bool IsResting
    {
        get
        {
            var failedAt = Volatile.Read(ref _failedAt);
            return failedAt != long.MinValue && time.GetElapsedTime(failedAt) < rest;
        }
    }

    public void Failed() => Volatile.Write(ref _failedAt, time.GetTimestamp());
}
