using System.Globalization;
using Floodgate.Bench.Gateway;
using Floodgate.Bench.Measuring;

namespace Floodgate.Bench.Replay;

/// <summary>Compares the likes of every post with what was acknowledged: in the reactions, in the flushed slots, in Redis.</summary>
internal sealed class LikeComparison(Oracle oracle)
{
    private long _posts;
    private long _acknowledged;
    private long _unknown;
    private long _unread;
    private readonly long[] _sums = new long[3];
    private readonly long[] _lost = new long[3];
    private readonly long[] _excess = new long[3];

    /// <summary>The first differences.</summary>
    public NotedFaults Faults { get; } = new(20);

    /// <summary>Posts compared.</summary>
    public long Posts => _posts;

    /// <summary>Likes acknowledged, over all posts.</summary>
    public long Acknowledged => _acknowledged;

    /// <summary>Acknowledged likes missing and likes too many, over all three places, and posts that could not be read.</summary>
    public long Wrong => _lost.Sum() + _excess.Sum() + _unread;

    /// <summary>Compares.</summary>
    /// <param name="expected">How many likes each post may have.</param>
    /// <param name="progress">Counts the posts.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task RunAsync(IReadOnlyDictionary<long, LikeRange> expected, Progress progress, CancellationToken cancellation)
    {
        foreach (var chunk in expected.Chunk(Oracle.PostsPerCall))
        {
            var found = await oracle.LikesAsync(chunk.Select(c => c.Key), cancellation);
            foreach (var (post, range) in chunk) Compare(post, range, found?.GetValueOrDefault(post));
            progress.Add(chunk.Length);
        }
    }

    /// <summary>The table of the comparison.</summary>
    public ReportTable ToTable()
    {
        var table = new ReportTable("Likes of every liked post", "where", "posts", "acknowledged", "outcome unknown", "found", "lost", "too many", "not read");
        string[] places = ["PostgreSQL: reactions", "PostgreSQL: flushed slots", "Redis: visible"];
        for (var i = 0; i < places.Length; i++) table.Add(places[i], _posts, _acknowledged, _unknown, _sums[i], _lost[i], _excess[i], _unread);
        return table;
    }

    private void Compare(long post, LikeRange range, OracleLikes? found)
    {
        _posts++;
        _acknowledged += range.Least;
        _unknown += range.Most - range.Least;
        if (found is not { Reactions: { } reactions, Slots: { } slots, Visible: { } visible })
        {
            _unread++;
            Faults.Note(string.Create(CultureInfo.InvariantCulture, $"post {post}: the oracle does not tell all its likes ({found})"));
            return;
        }

        Count(0, reactions, range);
        Count(1, slots, range);
        Count(2, visible, range);
        if (!range.Contains(reactions) || !range.Contains(slots) || !range.Contains(visible))
        {
            Faults.Note(string.Create(
                CultureInfo.InvariantCulture,
                $"post {post}: {range.Least} likes acknowledged, {range.Most - range.Least} unknown; reactions {reactions}, slots {slots}, visible {visible}"));
        }
    }

    private void Count(int place, long likes, LikeRange range)
    {
        _sums[place] += likes;
        _lost[place] += Math.Max(0, range.Least - likes);
        _excess[place] += Math.Max(0, likes - range.Most);
    }
}
