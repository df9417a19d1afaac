using Floodgate.Sessions;

namespace Floodgate.UnitTests.Sessions;

public sealed class TimelineHistoryTests
{
    private static readonly TimelineHistory History = TimelineHistory.Parse(3, "1\t0/64\tno recovery target specified\n\n2\t0/C8\tbefore 2026-01-01 00:00:00+00\n");

    [Fact]
    public void A_history_file_tells_where_each_timeline_was_left()
    {
        Assert.Equal([new TimelineEnd(1, new Lsn(100)), new TimelineEnd(2, new Lsn(200))], History.Ends);
        Assert.Equal(new Lsn(200), History.EndOf(2));
        Assert.Null(History.EndOf(3));
    }

    [Theory]
    [InlineData(1, 100, Standing.OnLine)]
    [InlineData(1, 101, Standing.Lost)]
    [InlineData(2, 50, Standing.OnLine)]
    [InlineData(2, 201, Standing.Lost)]
    [InlineData(3, 5000, Standing.OnLine)]
    [InlineData(4, 1, Standing.Ahead)]
    public void A_position_is_on_the_line_up_to_where_its_timeline_was_left(uint timeline, ulong lsn, Standing expected) =>
        Assert.Equal(expected, History.Judge(At(lsn, timeline)));

    [Theory]
    [InlineData(150, 2, 90, 1, true)]
    [InlineData(80, 3, 90, 1, false)]
    [InlineData(90, 1, 80, 3, true)]
    [InlineData(500, 3, 101, 1, false)]
    [InlineData(150, 1, 90, 1, false)]
    [InlineData(90, 1, 95, 1, false)]
    [InlineData(300, 4, 250, 4, true)]
    [InlineData(300, 4, 90, 1, false)]
    public void A_node_covers_what_lies_before_it_on_the_line(ulong node, uint nodeTimeline, ulong wanted, uint wantedTimeline, bool covers) =>
        Assert.Equal(covers, History.Covers(At(node, nodeTimeline), At(wanted, wantedTimeline)));

    [Fact]
    public void A_node_past_the_switch_point_of_its_timeline_covers_nothing() =>
        Assert.False(History.Covers(At(150, 1), WalPosition.None));

    [Fact]
    public void Of_two_positions_on_the_line_the_further_counts_whatever_their_timelines()
    {
        Assert.Equal(At(95, 2), History.Furthest(At(95, 1), At(90, 2)));
        Assert.Equal(At(300, 3), History.Furthest(At(300, 3), At(90, 1)));
        Assert.Equal(At(90, 1), History.Furthest(At(90, 1), WalPosition.None));
    }

    [Fact]
    public void Of_a_lost_position_the_switch_point_is_left_where_there_is_another()
    {
        Assert.Equal(At(100, 1), History.Furthest(At(150, 1), At(90, 1)));
        Assert.Equal(At(170, 2), History.Furthest(At(170, 2), At(150, 1)));
        Assert.Equal(At(100, 2), History.Furthest(At(90, 2), At(150, 1)));
        Assert.Equal(At(150, 1), History.Furthest(At(150, 1), WalPosition.None));
        Assert.Equal(At(160, 1), History.Furthest(At(150, 1), At(160, 1)));
    }

    [Fact]
    public void Without_the_file_too_much_counts_as_lost_and_never_too_little()
    {
        var history = new TimelineHistory(1, []).PromotedTo(2, replayed: new Lsn(90));

        Assert.Equal(Standing.OnLine, history.Judge(At(90, 1)));
        Assert.Equal(Standing.Lost, history.Judge(At(91, 1)));
    }

    [Fact]
    public void While_nothing_is_known_only_positions_on_one_timeline_can_be_compared()
    {
        Assert.True(TimelineHistory.Unknown.Covers(At(100, 1), At(90, 1)));
        Assert.False(TimelineHistory.Unknown.Covers(At(100, 2), At(90, 1)));
        Assert.True(TimelineHistory.Unknown.Covers(At(100, 2), WalPosition.None));
    }

    private static WalPosition At(ulong lsn, uint timeline) => new(timeline, new Lsn(lsn));
}
