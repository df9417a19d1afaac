using System.Collections.Concurrent;

namespace Floodgate.TimelineService.HomeTimelines;

/// <summary>
/// Remembers what was on the newest page of readers: who looks again mostly finds the same posts, so that what is needed of them can be asked for before it is
/// known that they are on the page. Of readers beyond twice <see cref="MostOfAge"/> who have read longest ago are forgotten. Safe for concurrent use.
/// </summary>
internal sealed class LastPages
{
    /// <summary>How many readers are remembered before those of before are forgotten; each takes some 300 bytes.</summary>
    public const int MostOfAge = 10_000;

    private readonly Lock _lock = new();
    private volatile Age _now = new();
    private volatile Age _before = new();

    /// <summary>
    /// The posts that the reader's next newest page likely has; null where that is not known, or the last two were not the same: where posts come faster than the
    /// reader looks it would be asked in vain.
    /// </summary>
    public long[]? Find(long reader) => Last(reader) is { IsSame: true } last ? last.Posts : null;

    /// <summary>A reader was shown a newest page.</summary>
    public void Note(long reader, long[] posts)
    {
        var last = Last(reader);
        var isSame = last is not null && last.Posts.AsSpan().SequenceEqual(posts);
        var now = _now;
        if (isSame && last!.IsSame && last.Of == now)
        {
            return;
        }

        now.Pages[reader] = new Page(isSame ? last!.Posts : posts, isSame, now);
        if (last?.Of != now && Interlocked.Increment(ref now.Count) >= MostOfAge)
        {
            End(now);
        }
    }

    private Page? Last(long reader) => _now.Pages.TryGetValue(reader, out var page) || _before.Pages.TryGetValue(reader, out page) ? page : null;

    private void End(Age age)
    {
        lock (_lock)
        {
            if (_now == age)
            {
                (_before, _now) = (age, new Age());
            }
        }
    }

    private sealed record Page(long[] Posts, bool IsSame, Age Of);

    private sealed class Age
    {
        public readonly ConcurrentDictionary<long, Page> Pages = new();

        public int Count;
    }
}
