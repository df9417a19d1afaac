namespace Floodgate.ReadRouter.Forwarding;

/// <summary>One process of a service.</summary>
/// <param name="address">Scheme, host and port, without a slash at the end.</param>
/// <param name="time">The clock.</param>
internal sealed class ServiceInstance(string address, TimeProvider time)
{
    // Long enough to spare a dead process most requests, short enough to notice that it is back.
    private static readonly TimeSpan Shunned = TimeSpan.FromSeconds(1);

    private int _inFlight;
    private int _streams;
    private long _failedAt;

    public string Address { get; } = address;

    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Streams that are open. They are no measure of how busy it is with requests, nor those of how many streams it has.</summary>
    public int Streams => Volatile.Read(ref _streams);

    /// <summary>Whether it refused a connection within the last second.</summary>
    public bool FailedLately => Volatile.Read(ref _failedAt) is not 0 and var at && time.GetElapsedTime(at) < Shunned;

    public void Enter() => Interlocked.Increment(ref _inFlight);

    public void Leave() => Interlocked.Decrement(ref _inFlight);

    public void EnterStream() => Interlocked.Increment(ref _streams);

    public void LeaveStream() => Interlocked.Decrement(ref _streams);

    public void Fail() => Volatile.Write(ref _failedAt, time.GetTimestamp());

    public void Succeed() => Volatile.Write(ref _failedAt, 0);
}
