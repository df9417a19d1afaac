using Floodgate.Bench.Consistency.Checking;
using Floodgate.Bench.Consistency.Histories;

namespace Floodgate.BenchTests.Consistency;

public sealed class PageTests
{
    private const int Ann = 0;
    private const int Bob = 1;
    private static readonly PageScope Timeline = new(Author: null, Above: 0, Below: long.MaxValue);
    private static readonly PageScope OfAnn = new(Ann, Above: 0, Below: long.MaxValue);

    private readonly HandMadeHistory _history = new();
    private readonly Register _first;
    private readonly Register _second;

    public PageTests()
    {
        _first = _history.Register(Ann);
        _second = _history.Register(Ann);
        _history.Write(Ann, _first, 1);
        _history.Write(Ann, _second, 1);
    }

    [Fact]
    public void A_page_with_everything_on_it_breaks_nothing()
    {
        _history.Page(Ann, OfAnn, (_second, 1), (_first, 1));
        _history.Page(Bob, OfAnn, (_first, 1));
        _history.Page(Bob, OfAnn, (_second, 1), (_first, 1));
        Assert.Empty(_history.Broken());
    }

    [Fact]
    public void A_page_of_ones_own_posts_without_one_of_them_breaks_read_your_writes()
    {
        _history.Page(Ann, OfAnn, (_first, 1));
        Assert.Equal([Guarantee.ReadYourWrites], _history.Broken());
    }

    [Fact]
    public void A_page_without_a_post_that_was_seen_before_breaks_monotonic_reads()
    {
        _history.Read(Bob, _first, 1);
        _history.Page(Bob, OfAnn);
        Assert.Equal([Guarantee.MonotonicReads], _history.Broken());
    }

    [Fact]
    public void A_page_with_a_later_post_and_without_an_earlier_one_is_no_snapshot()
    {
        _history.Page(Bob, OfAnn, (_second, 1));
        Assert.Equal([Guarantee.MonotonicWrites], _history.Broken());
    }

    [Fact]
    public void A_post_beyond_the_end_of_a_page_is_not_missed()
    {
        _history.Page(Ann, OfAnn with { Above = _second.Post }, (_second, 1));
        _history.Page(Ann, OfAnn with { Below = _second.Post }, (_first, 1));
        Assert.Empty(_history.Broken());
    }

    [Fact]
    public void A_hole_in_the_second_page_is_found()
    {
        _history.Page(Ann, OfAnn with { Below = _second.Post });
        Assert.Equal([Guarantee.ReadYourWrites], _history.Broken());
    }

    [Fact]
    public void A_home_timeline_without_ones_own_post_breaks_read_your_writes()
    {
        _history.Page(Ann, Timeline, (_first, 1));
        Assert.Equal([Guarantee.ReadYourWrites], _history.Broken());
    }

    [Fact]
    public void A_home_timeline_may_get_a_post_later_than_its_author_shows_it()
    {
        _history.Read(Bob, _second, 1);
        _history.Page(Bob, Timeline, (_first, 1));
        Assert.Empty(_history.Broken());
    }

    [Fact]
    public void A_home_timeline_that_loses_a_post_breaks_monotonic_reads()
    {
        _history.Page(Bob, Timeline, (_first, 1));
        _history.Page(Bob, Timeline);
        Assert.Equal([Guarantee.MonotonicReads], _history.Broken());
    }

    [Fact]
    public void An_old_version_on_a_page_breaks_what_the_read_of_one_post_would()
    {
        _history.Write(Ann, _first, 2);
        _history.Page(Ann, Timeline, (_second, 1), (_first, 1));
        Assert.Equal([Guarantee.ReadYourWrites], _history.Broken());
    }
}
