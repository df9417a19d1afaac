namespace Floodgate.Bench.Measuring;

/// <summary>Counts and times one kind of call. Safe for concurrent use.</summary>
/// <param name="name">What the tables call it.</param>
/// <param name="time">The clock.</param>
internal sealed class CallMeter(string name, TimeProvider time)
{
    private long _sent;
    private long _acknowledged;
    private long _failed;
    private long _retried;
    private long _wrong;
    private long _first;
    private long _last;

    /// <summary>What the tables call it.</summary>
    public string Name => name;

    /// <summary>Requests that went out, repeats included.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Calls that ended with a 2xx answer.</summary>
    public long Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Calls given up.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <summary>Requests that were repeats.</summary>
    public long Retried => Volatile.Read(ref _retried);

    /// <summary>Answers which the interface does not promise here: a 500, a 4xx other than 429, a body that cannot be read.</summary>
    public long Wrong => Volatile.Read(ref _wrong);

    /// <summary>From the first request of a call to its acknowledgement, with all repeats and waits between.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>Acknowledged calls a second between the first request and the last acknowledgement.</summary>
    public double Rate
    {
        get
        {
            var seconds = time.GetElapsedTime(Volatile.Read(ref _first), Volatile.Read(ref _last)).TotalSeconds;
            return seconds > 0 ? Acknowledged / seconds : 0;
        }
    }

    /// <summary>A request goes out.</summary>
    public void Send(bool repeat)
    {
        if (Volatile.Read(ref _first) == 0) Interlocked.CompareExchange(ref _first, time.GetTimestamp(), 0);
        Interlocked.Increment(ref _sent);
        if (repeat) Interlocked.Increment(ref _retried);
    }

    /// <summary>The call that began at <paramref name="started"/> was acknowledged.</summary>
    public void Acknowledge(long started)
    {
        var now = time.GetTimestamp();
        Volatile.Write(ref _last, now);
        Interlocked.Increment(ref _acknowledged);
        Latency.Record(time.GetElapsedTime(started, now));
    }

    /// <summary>A call is given up.</summary>
    public void Fail() => Interlocked.Increment(ref _failed);

    /// <summary>An answer was not one the interface promises.</summary>
    public void MarkWrong() => Interlocked.Increment(ref _wrong);
}
