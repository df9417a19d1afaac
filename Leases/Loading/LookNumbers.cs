namespace Floodgate.Leases.Loading;

/// <summary>Numbers moments in the order in which they come: when looks begin and when values are there. Safe for concurrent use.</summary>
internal sealed class LookNumbers
{
    private long _last;

    /// <summary>The number of this moment, above all before.</summary>
    public long Next() => Interlocked.Increment(ref _last);
}
