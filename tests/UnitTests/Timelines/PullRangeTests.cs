using Floodgate.TimelineService;
using Floodgate.TimelineService.Caches;
using Floodgate.TimelineService.HomeTimelines;
using Floodgate.TimelineService.Input;
using Floodgate.TimelineService.PullRanges;
using Microsoft.Extensions.Options;

namespace Floodgate.UnitTests.Timelines;

public sealed class PullRangeTests
{
    private static readonly PullRangeSet Set = new([new(1, 10, 20), new(1, 30, IdInput.End), new(7, 50, IdInput.End)]);

    [Theory]
    [InlineData("1,2,3", "1")]
    [InlineData("1,2,3,4,5,7", "1,7")]
    [InlineData("2", "")]
    [InlineData("", "")]
    public void Of_whom_a_reader_follows_those_with_a_range_are_merged(string follows, string merged) =>
        Assert.Equal(merged, string.Join(',', Set.AuthorsFor(reader: 99, ListOf(follows), IdInput.End)));

    [Fact]
    public void An_author_with_a_range_reads_the_own_posts_by_merging_too() => Assert.Equal([7], Set.AuthorsFor(reader: 7, follows: null, IdInput.End));

    [Fact]
    public void A_range_that_begins_above_the_page_is_not_merged() => Assert.Equal([1], Set.AuthorsFor(reader: 99, ListOf("1,2,7"), before: 40));

    [Theory]
    [InlineData("35 31 25 15 5", true, "35 31 15", 0)]
    [InlineData("35 31 25 15", false, "35 31 15", 15)]
    [InlineData("35 31 25", false, "35 31", 21)]
    [InlineData("35 33", false, "35 33", 33)]
    [InlineData("35 31 9", false, "35 31", 0)]
    public void A_page_tells_of_the_ranges_down_to_its_oldest_post(string page, bool whole, string merged, long floor)
    {
        var ids = new List<long>();

        Assert.Equal(floor, PulledPosts.Merge(Set.Of(1), new AuthorPage([.. page.Split(' ').Select(long.Parse)], whole), IdInput.End, ids));
        Assert.Equal(merged, string.Join(' ', ids.Order().Reverse()));
    }

    [Fact]
    public void What_is_pushed_and_merged_as_well_is_there_once_and_only_what_is_complete()
    {
        var input = new MergeInput(Follows: null, new Pulled([35, 31, 15], Floor: 20));

        var (ids, floor) = input.Merge(new TimelineSlice(TimelineState.Complete, 12, [40, 31, 22, 14], IsAll: true), before: 40);

        Assert.Equal([35, 31, 22], ids);
        Assert.Equal(20, floor);
    }

    [Fact]
    public void While_fan_out_is_behind_the_threshold_falls_step_by_step_to_one_chunk_and_rises_again()
    {
        var clock = new ManualClock();
        var shedding = new Shedding(Options.Create(new TimelineOptions { Threshold = 10_000, ChunkSize = 3000 }), clock);
        var (behind, soon) = (TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(0.5));

        shedding.Observe(behind);
        Assert.Equal(5000, shedding.Threshold);
        shedding.Observe(behind);
        Assert.Equal(5000, shedding.Threshold);
        foreach (var (lag, threshold) in new[] { (behind, 3000), (behind, 3000), (TimeSpan.FromSeconds(3), 3000), (soon, 5000), (soon, 10_000), (soon, 10_000) })
        {
            clock.Advance(TimeSpan.FromSeconds(5));
            shedding.Observe(lag);
            Assert.Equal(threshold, shedding.Threshold);
        }

        Assert.False(shedding.IsShedding);
    }

    [Fact]
    public void A_threshold_below_one_chunk_does_not_rise_while_fan_out_is_behind()
    {
        var shedding = new Shedding(Options.Create(new TimelineOptions { Threshold = 500, ChunkSize = 1000 }), new ManualClock());

        shedding.Observe(TimeSpan.FromMinutes(1));

        Assert.Equal(500, shedding.Threshold);
        Assert.False(shedding.IsShedding);
    }

    private static FollowList ListOf(string ids) => new([.. ids.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)]);
}
