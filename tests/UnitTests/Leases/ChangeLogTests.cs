using Floodgate.Leases.Store;

namespace Floodgate.UnitTests.Leases;

public sealed class ChangeLogTests
{
    private readonly ChangeLog _log = new();
    private readonly EntryVersion _a = new("a", "1");
    private readonly EntryVersion _b = new("b", "1");

    [Fact]
    public void Nothing_is_known_of_what_was_never_asked_for()
    {
        _log.Take(_log.State.Era, null, 10, null);

        Assert.Equal((false, false), Find());
    }

    [Fact]
    public void What_was_current_is_so_until_its_key_is_told()
    {
        Begin(10);
        _log.Take(_log.State.Era, 10, 12, ["c", "b"]);

        Assert.Equal((true, false), Find());
        Assert.Equal(12, _log.State.Last);
    }

    [Fact]
    public void What_was_asked_for_after_a_change_was_told_is_current()
    {
        Begin(10);
        _log.Take(_log.State.Era, 10, 12, ["b", "a"]);
        _log.Confirm(_log.State.Era, 12, _b);

        Assert.Equal((false, true), Find());
    }

    [Fact]
    public void A_change_between_two_that_are_told_has_its_own_number()
    {
        Begin(10);
        _log.Confirm(_log.State.Era, 11, _a);
        _log.Confirm(_log.State.Era, 12, _b);
        _log.Take(_log.State.Era, 10, 13, ["c", "b", "a"]);

        Assert.Equal((true, true), Find());
    }

    [Fact]
    public void Nothing_is_known_past_a_gap()
    {
        Begin(10);
        _log.Take(_log.State.Era, 10, 5000, null);

        Assert.Equal((false, false), Find());
    }

    [Fact]
    public void Numbers_that_go_back_and_come_again_are_not_taken_for_those_of_before()
    {
        Begin(10);
        _log.Take(_log.State.Era, 10, 5, null);
        _log.Take(_log.State.Era, 5, 10, ["c", "c", "c", "c", "c"]);

        Assert.Equal((false, false), Find());
    }

    [Fact]
    public void An_answer_from_before_the_connection_was_lost_is_not_taken()
    {
        Begin(10);
        var era = _log.State.Era;
        _log.Forget();
        _log.Take(era, 10, 11, ["c"]);
        _log.Confirm(era, 11, _a);

        Assert.Null(_log.State.Last);
        Assert.Equal((false, false), Find());
    }

    [Fact]
    public void What_is_in_use_stays_known_however_much_changes_and_what_is_not_is_not_believed()
    {
        Begin(0);
        for (var last = 500; last <= 100_000; last += 500)
        {
            _log.Take(_log.State.Era, last - 500, last, [.. Enumerable.Range(last, 500).Select(i => $"other {i}")]);
            var current = new bool[1];
            Assert.Equal(0, _log.Find([_a], current));
        }

        Assert.Equal((true, false), Find());
    }

    private void Begin(long last)
    {
        _log.Take(_log.State.Era, null, last, null);
        _log.Confirm(_log.State.Era, last, _a);
        _log.Confirm(_log.State.Era, last, _b);
        Assert.Equal((true, true), Find());
    }

    private (bool A, bool B) Find()
    {
        var current = new bool[2];
        Assert.Equal(current.Length, _log.Find([_a, _b], current) + current.Count(one => one));
        return (current[0], current[1]);
    }
}
