namespace Floodgate.TimelineService;

/// <summary>
/// Remembers for a moment that a server does not answer, so that readers do not all wait for it. One slow answer is no
/// sign of that, several failures in a row are. Safe for concurrent use.
/// </summary>
internal sealed class Breaker(TimeProvider time, TimeSpan rest)
{
    /// <summary>How many failures in a row it takes.</summary>
    public const int Threshold = 3;

    private int _failures;
    private long _failedAt = long.MinValue;

    /// <summary>Whether the server failed several times in a row and has not answered since.</summary>
    public bool IsTripped => Volatile.Read(ref _failures) >= Threshold;

    /// <summary>Whether the server failed a moment ago and is not to be asked.</summary>
    public bool IsResting
    {
        get
        {
            var failedAt = Volatile.Read(ref _failedAt);
            return IsTripped && failedAt != long.MinValue && time.GetElapsedTime(failedAt) < rest;
        }
    }

    public void Failed()
    {
        Volatile.Write(ref _failedAt, time.GetTimestamp());
        Interlocked.Increment(ref _failures);
    }

    public void Succeeded() => Volatile.Write(ref _failures, 0);
}
