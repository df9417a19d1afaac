namespace Floodgate.ReadRouter.Nodes;

/// <summary>
/// Watches how reads on a node end: so many failures in a row eject it for a time, which doubles while it keeps failing after its return.
/// A node can answer polls and yet fail reads (a full disk, a conflict with replay, a saturated pool). Safe for concurrent use.
/// </summary>
internal sealed class RequestOutcomes(RouterOptions options, TimeProvider time)
{
    private const int LongestDoubling = 6;

    private readonly Lock _lock = new();
    private int _failures;
    private int _ejections;
    private long _ejectedAt;
    private TimeSpan _ejectedFor;

    /// <summary>Whether it is still to be left alone.</summary>
    public bool IsEjected
    {
        get
        {
            lock (_lock)
                return _ejectedFor > TimeSpan.Zero && time.GetElapsedTime(_ejectedAt) < _ejectedFor;
        }
    }

    /// <summary>Counts a read.</summary>
    /// <returns>Whether the node must get no more reads now.</returns>
    public bool Ended(bool failed)
    {
        // The common case takes no lock.
        if (!failed && Volatile.Read(ref _failures) == 0)
            return false;

        lock (_lock)
        {
            if (!failed)
            {
                _failures = 0;
                return false;
            }

            // It has worked for as long again as it was left alone: the next ejection is as short as the first.
            if (_failures == 0 && time.GetElapsedTime(_ejectedAt) > 2 * _ejectedFor)
                _ejections = 0;
            if (++_failures < options.FailedReadsToEject)
                return false;
            _failures = 0;
            _ejectedAt = time.GetTimestamp();
            _ejectedFor = options.EjectionTime * (1 << Math.Min(_ejections++, LongestDoubling));
            return true;
        }
    }
}
