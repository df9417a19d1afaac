namespace Floodgate.Bench.Timelines;

/// <summary>Ids of posts as the database makes them: milliseconds since 2025-01-01 UTC above 12 bits of a sequence.</summary>
internal sealed class PostIds(DateTimeOffset from)
{
    private const int SequenceBits = 12;

    private static readonly DateTimeOffset Start = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private long _last = (long)(from - Start).TotalMilliseconds << SequenceBits;

    /// <summary>The next id. Safe for concurrent use.</summary>
    public long Next() => Interlocked.Increment(ref _last);

    /// <summary>Some ids, newest first, with a time between them as posts have it.</summary>
    public IReadOnlyList<long> Spread(int count, TimeSpan between)
    {
        var step = (long)between.TotalMilliseconds << SequenceBits;
        var last = Interlocked.Add(ref _last, step * (count + 1)) - step;
        // The sequence goes on from post to post.
        return [.. Enumerable.Range(0, count).Select(i => last - (i * step) + ((count - i) & ((1 << SequenceBits) - 1)))];
    }
}
