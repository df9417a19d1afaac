using Floodgate.Bench.Replay;

namespace Floodgate.BenchTests.Replay;

public sealed class TimelineSampleTests
{
    [Fact]
    public void Those_who_follow_many_are_likelier_and_nobody_is_chosen_twice()
    {
        // 100 of 10,000 users follow 1,000 each, all others one.
        var followees = Enumerable.Range(0, 10_000).Select(i => i < 100 ? 1_000 : 1).ToArray();
        var chosen = TimelineSample.Choose(followees, 100, new Random(1));

        Assert.Equal(100, chosen.Distinct().Count());
        Assert.InRange(chosen.Count(u => u < 100), 35, 65);
        Assert.Equal(chosen, TimelineSample.Choose(followees, 100, new Random(1)));
    }

    [Fact]
    public void If_there_are_no_more_all_are_chosen()
    {
        Assert.Equal([0, 1, 2], TimelineSample.Choose([0, 5, 0], 500, new Random(1)));
    }

    [Fact]
    public void Where_few_follow_anybody_others_fill_the_sample()
    {
        Assert.Equal(4, TimelineSample.Choose([0, 0, 0, 0, 0, 3], 4, new Random(1)).Count);
    }
}
