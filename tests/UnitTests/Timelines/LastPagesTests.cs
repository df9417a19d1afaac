using Floodgate.TimelineService.HomeTimelines;

namespace Floodgate.UnitTests.Timelines;

public sealed class LastPagesTests
{
    private readonly LastPages _pages = new();

    [Fact]
    public void Who_was_shown_the_same_posts_twice_is_expected_to_be_shown_them_again()
    {
        _pages.Note(1, [3, 2, 1]);
        Assert.Null(_pages.Find(1));

        _pages.Note(1, [3, 2, 1]);
        Assert.Equal([3, 2, 1], _pages.Find(1)!);
        Assert.Null(_pages.Find(2));

        _pages.Note(1, [3, 2, 1]);
        Assert.Equal([3, 2, 1], _pages.Find(1)!);

        _pages.Note(1, [4, 3, 2]);
        Assert.Null(_pages.Find(1));
    }

    [Fact]
    public void Who_has_not_read_for_long_is_forgotten_and_who_reads_on_is_not()
    {
        foreach (var reader in new long[] { 1, 2 })
        {
            _pages.Note(reader, [reader]);
            _pages.Note(reader, [reader]);
        }

        for (var other = 0; other < 4 * LastPages.MostOfAge; other++)
        {
            _pages.Note(1000 + other, [5]);
            if (other % 100 == 0)
            {
                _pages.Note(1, [1]);
            }
        }

        Assert.Equal([1], _pages.Find(1)!);
        Assert.Null(_pages.Find(2));
    }
}
