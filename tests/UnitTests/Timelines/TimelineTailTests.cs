using Floodgate.TimelineService.HomeTimelines;
using Floodgate.TimelineService.Input;
using StackExchange.Redis;

namespace Floodgate.UnitTests.Timelines;

public sealed class TimelineTailTests
{
    private const string Mark = "m:run";

    [Theory]
    [InlineData("z0 3 5 m:run", 0, true, "5 3")]
    [InlineData("z3 3 5 m:run 9 7", 3, true, "9 7 5 3")]
    [InlineData("z3 3 5 m:run 7 7 2 5", 3, true, "7 5 3")]
    [InlineData("z0 m:run", 0, true, "")]
    [InlineData("z0 m:run 4", 0, true, "4")]
    public void All_of_a_list_is_complete_from_its_floor_on(string list, long floor, bool isAll, string ids)
    {
        var slice = Read(list, asked: 100);

        Assert.Equal((TimelineState.Complete, floor, isAll), (slice.State, slice.Floor, slice.IsAll));
        Assert.Equal(ids, string.Join(' ', slice.Ids));
    }

    [Fact]
    public void The_tail_of_a_list_is_complete_from_the_oldest_on_that_is_in_order()
    {
        // 4 came late, and what lies between it and 6 was not read.
        var slice = Read("6 8 m:run 12 4 10", asked: 6);

        Assert.Equal((TimelineState.Complete, 6L, false), (slice.State, slice.Floor, slice.IsAll));
        Assert.Equal([12, 10, 8, 6], slice.Ids);
    }

    [Theory]
    [InlineData("9 7 8")]
    [InlineData("m:run 9 8")]
    public void A_tail_with_nothing_in_order_tells_nothing(string list) => Assert.Equal(TimelineState.Unsettled, Read(list, asked: 3).State);

    [Theory]
    [InlineData("b:rebuild")]
    [InlineData("b:rebuild 5 6")]
    public void A_list_that_is_being_built_is_not_read(string list) => Assert.Equal(TimelineState.Building, Read(list, asked: 100).State);

    [Theory]
    [InlineData("")]
    [InlineData("z0 3 5 m:other 7")]
    public void Nothing_and_a_copy_of_another_run_are_no_timeline(string list) => Assert.Equal(TimelineState.Missing, Read(list, asked: 100).State);

    [Fact]
    public void Only_ids_below_the_one_asked_for_are_given_and_the_largest_is_exact()
    {
        var largest = IdInput.End - 1;

        Assert.Equal([largest - 1, 3], Read($"z0 3 {largest - 1} m:run {largest}", asked: 100, before: largest).Ids);
    }

    private static TimelineSlice Read(string list, int asked, long before = IdInput.End) => TimelineTail.Read(
        Array.ConvertAll(list.Split(' ', StringSplitOptions.RemoveEmptyEntries), element => (RedisValue)element), asked, Mark, before);
}
