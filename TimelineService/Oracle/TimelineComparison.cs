namespace Floodgate.TimelineService.Oracle;

/// <summary>What a walk through the pages showed.</summary>
/// <param name="Ids">The ids in the order in which they were shown.</param>
/// <param name="Ended">Whether the walk came to the end of the timeline.</param>
internal sealed record WalkedTimeline(IReadOnlyList<long> Ids, bool Ended)
{
    /// <summary>The lowest id down to which the walk tells what there is; 0 where it came to the end.</summary>
    public long ReachesTo { get; } = Ended || Ids.Count == 0 ? 0 : Ids.Min();
}

/// <summary>What plain SQL says.</summary>
/// <param name="Ids">The ids, descending.</param>
/// <param name="Whole">Whether these are all that were asked for: not cut by the limit.</param>
internal sealed record TrueTimeline(IReadOnlyList<long> Ids, bool Whole)
{
    /// <summary>The lowest id down to which it tells what there is.</summary>
    public long ReachesTo { get; } = Whole || Ids.Count == 0 ? 0 : Ids[^1];
}

/// <summary>A walk through a home timeline against plain SQL.</summary>
/// <param name="From">The lowest id that was judged.</param>
/// <param name="Entries">How many posts were judged: in either of the two.</param>
/// <param name="Missing">In SQL and not in the walk; descending.</param>
/// <param name="Extra">In the walk and not in SQL.</param>
/// <param name="Duplicate">Shown more than once; each named once.</param>
/// <param name="Disordered">Shown for the first time, and after an older post.</param>
internal sealed record TimelineComparison(
    long From, int Entries, IReadOnlyList<long> Missing, IReadOnlyList<long> Extra, IReadOnlyList<long> Duplicate, IReadOnlyList<long> Disordered)
{
    /// <summary>
    /// Compares. Missing and extra are judged as far down as both reach, and below a cut: what was created since the sample began may be in
    /// one and not yet in the other. Repeats and order are judged over the whole walk, as nothing excuses them.
    /// </summary>
    /// <param name="walked">What the pages showed.</param>
    /// <param name="truth">What SQL says, read after the walk.</param>
    /// <param name="below">The cut: posts with this id or a larger one are not judged.</param>
    public static TimelineComparison Between(WalkedTimeline walked, TrueTimeline truth, long below)
    {
        var from = Math.Max(walked.ReachesTo, truth.ReachesTo);
        var shown = new HashSet<long>(walked.Ids.Count);
        var duplicate = new List<long>();
        var disordered = new List<long>();
        var last = long.MaxValue;
        foreach (var id in walked.Ids)
        {
            if (!shown.Add(id))
            {
                if (!duplicate.Contains(id))
                {
                    duplicate.Add(id);
                }

                continue;
            }

            if (id > last)
            {
                disordered.Add(id);
            }

            last = id;
        }

        var right = new HashSet<long>(truth.Ids);
        var missing = right.Where(id => IsJudged(id) && !shown.Contains(id)).OrderDescending().ToList();
        var extra = shown.Where(id => IsJudged(id) && !right.Contains(id)).ToList();
        return new TimelineComparison(from, right.Count(IsJudged) + extra.Count, missing, extra, duplicate, disordered);

        bool IsJudged(long id) => id >= from && id < below;
    }
}
