using Floodgate.CounterService.Likes;
using Floodgate.VisibleValues.Reactions;

namespace Floodgate.UnitTests.Counters;

public sealed class PairStatesTests
{
    private static readonly long[] Posts = [1, 2, 3, 4];

    [Fact]
    public void Of_what_is_remembered_and_what_is_flushed_the_newer_holds()
    {
        var remembered = new RememberedReactions(
            [new(Reliance.Full, true, 0), new(Reliance.Past, true, 5), new(Reliance.Past, true, 5), default], IsComplete: false, Mark: null);
        var flushed = new Dictionary<long, FlushedReaction> { [2] = new(false, 4), [3] = new(false, 6), [4] = new(true, 1) };

        Assert.Equal([2, 3, 4], PairStates.Unknown(Posts, remembered));
        Assert.Equal([true, true, false, true], PairStates.Merge(Posts, remembered, flushed));
    }

    [Fact]
    public void What_neither_knows_is_not_liked() =>
        Assert.Equal([false, false, false, false], PairStates.Merge(Posts, RememberedReactions.Nothing(Posts.Length), new Dictionary<long, FlushedReaction>()));
}
