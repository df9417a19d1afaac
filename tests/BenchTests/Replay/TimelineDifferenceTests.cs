using Floodgate.Bench.Replay;

namespace Floodgate.BenchTests.Replay;

public sealed class TimelineDifferenceTests
{
    private static readonly long[] Right = [9, 8, 7, 6, 5];

    [Fact]
    public void The_same_entries_are_no_difference()
    {
        Assert.True(TimelineDifference.Between([9, 8, 7, 6, 5], true, Right, 10).IsNone);
    }

    [Fact]
    public void A_missing_entry_is_found()
    {
        Assert.Equal(new TimelineDifference(1, 0, 0, 0), TimelineDifference.Between([9, 8, 6, 5], true, Right, 10));
        Assert.Equal(new TimelineDifference(1, 0, 0, 0), TimelineDifference.Between([9, 8, 7, 6], true, Right, 10));
        Assert.Equal(new TimelineDifference(5, 0, 0, 0), TimelineDifference.Between([], true, Right, 10));
    }

    [Fact]
    public void An_extra_entry_is_found()
    {
        Assert.Equal(new TimelineDifference(0, 1, 0, 0), TimelineDifference.Between([10, 9, 8, 7, 6, 5], true, Right, 10));
        Assert.Equal(new TimelineDifference(0, 1, 0, 0), TimelineDifference.Between([9, 8, 7, 6, 5, 1], true, Right, 10));
    }

    [Fact]
    public void A_duplicate_entry_is_found()
    {
        Assert.Equal(new TimelineDifference(0, 0, 1, 0), TimelineDifference.Between([9, 8, 8, 7, 6, 5], true, Right, 10));
    }

    [Fact]
    public void An_entry_out_of_order_is_found()
    {
        Assert.Equal(new TimelineDifference(0, 0, 0, 1), TimelineDifference.Between([9, 7, 8, 6, 5], true, Right, 10));
    }

    [Fact]
    public void Neither_is_judged_beyond_where_the_other_ends()
    {
        // Five asked of the oracle and five got: it knows nothing of 4 and 3. The pages were not read past 7.
        Assert.True(TimelineDifference.Between([9, 8, 7, 6, 5, 4, 3], true, Right, 5).IsNone);
        Assert.True(TimelineDifference.Between([9, 8, 7], false, Right, 5).IsNone);
    }
}
