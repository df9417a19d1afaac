namespace Floodgate.Bench.CacheNode.Load;

/// <summary>The items of this process that nobody has read. Safe for concurrent use.</summary>
internal sealed class FreshItems(long first, long step, long last)
{
    private long _next = first - step;

    /// <summary>Whether there were not enough.</summary>
    public bool RanOut => Interlocked.Read(ref _next) > last;

    /// <summary>The first one that still nobody has read.</summary>
    public long Unread => Interlocked.Read(ref _next) + step;

    /// <summary>The next one; past the last one the last one again.</summary>
    public long Take() => Math.Min(last, Interlocked.Add(ref _next, step));
}
