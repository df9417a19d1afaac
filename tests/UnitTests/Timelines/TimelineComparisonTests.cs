using Floodgate.TimelineService.Oracle;

namespace Floodgate.UnitTests.Timelines;

public sealed class TimelineComparisonTests
{
    private const long Cut = 1000;

    [Fact]
    public void Equal_timelines_do_not_differ_and_their_posts_are_counted_once()
    {
        var comparison = Compare([9, 7, 5], [9, 7, 5]);

        Assert.Equal(3, comparison.Entries);
        AssertDifferences(comparison);
    }

    [Fact]
    public void A_post_that_only_SQL_has_is_missing_and_one_that_only_the_pages_have_is_extra()
    {
        var comparison = Compare([9, 6, 5], [9, 7, 5]);

        AssertDifferences(comparison, missing: [7], extra: [6]);
        Assert.Equal(4, comparison.Entries);
    }

    [Fact]
    public void A_post_shown_twice_is_a_duplicate_and_nothing_else()
    {
        AssertDifferences(Compare([9, 9, 7, 5], [9, 7, 5]), duplicate: [9]);
        AssertDifferences(Compare([9, 7, 9, 5, 9], [9, 7, 5]), duplicate: [9]);
    }

    [Fact]
    public void A_post_shown_after_an_older_one_is_disordered() => AssertDifferences(Compare([7, 9, 5], [9, 7, 5]), disordered: [9]);

    [Fact]
    public void What_was_created_after_the_sample_began_is_not_judged()
    {
        AssertDifferences(Compare([Cut + 1, 9], [Cut, 9]));
        AssertDifferences(Compare([9], [Cut - 1, 9]), missing: [Cut - 1]);
    }

    [Fact]
    public void Each_is_judged_only_as_far_down_as_the_other_reaches()
    {
        var shortWalk = TimelineComparison.Between(new WalkedTimeline([9, 7], Ended: false), new TrueTimeline([9, 7, 5, 3], Whole: true), Cut);
        AssertDifferences(shortWalk);
        Assert.Equal((7, 2), (shortWalk.From, shortWalk.Entries));

        var shortTruth = TimelineComparison.Between(new WalkedTimeline([9, 7, 5, 3], Ended: true), new TrueTimeline([9, 7], Whole: false), Cut);
        AssertDifferences(shortTruth);
        Assert.Equal((7, 2), (shortTruth.From, shortTruth.Entries));
    }

    [Fact]
    public void A_walk_that_ends_early_misses_all_that_comes_after() => AssertDifferences(Compare([9], [9, 7, 5]), missing: [7, 5]);

    [Fact]
    public void A_walk_that_shows_nothing_misses_everything() => AssertDifferences(Compare([], [9, 7]), missing: [9, 7]);

    [Fact]
    public void Repeats_and_order_are_judged_above_the_cut_too() =>
        AssertDifferences(Compare([Cut + 1, Cut + 2, Cut + 1, 9], [9]), duplicate: [Cut + 1], disordered: [Cut + 2]);

    private static TimelineComparison Compare(long[] walked, long[] truth) =>
        TimelineComparison.Between(new WalkedTimeline(walked, Ended: true), new TrueTimeline(truth, Whole: true), Cut);

    private static void AssertDifferences(
        TimelineComparison comparison, long[]? missing = null, long[]? extra = null, long[]? duplicate = null, long[]? disordered = null)
    {
        Assert.Equal(missing ?? [], comparison.Missing);
        Assert.Equal(extra ?? [], comparison.Extra);
        Assert.Equal(duplicate ?? [], comparison.Duplicate);
        Assert.Equal(disordered ?? [], comparison.Disordered);
    }
}
