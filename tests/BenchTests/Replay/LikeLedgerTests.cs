using Floodgate.Bench.Gateway;
using Floodgate.Bench.Replay;

namespace Floodgate.BenchTests.Replay;

public sealed class LikeLedgerTests
{
    // Three users like one post.
    private static readonly ReplayPlan Plan = new([], [0, 0, 0]);

    [Fact]
    public void An_acknowledged_like_must_be_there_and_an_unknown_one_may_be()
    {
        var ledger = new LikeLedger(Plan);
        ledger.Record(0, Outcome.Acknowledged);
        ledger.Record(1, Outcome.Unknown);
        ledger.Record(2, Outcome.Refused);

        Assert.Equal(new LikeRange(1, 2), Assert.Single(ledger.Expected([77])).Value);
    }

    [Fact]
    public void A_repeat_makes_a_pair_surer_and_never_less_sure()
    {
        var ledger = new LikeLedger(Plan);
        ledger.Record(0, Outcome.Acknowledged);
        ledger.Record(0, Outcome.Refused);
        ledger.Record(1, Outcome.Refused);
        ledger.Record(1, Outcome.Unknown);
        ledger.Record(1, Outcome.Acknowledged);

        Assert.Equal(new LikeRange(2, 2), ledger.Expected([77])[77]);
    }

    [Fact]
    public void A_post_that_was_never_acknowledged_is_not_compared()
    {
        Assert.Empty(new LikeLedger(Plan).Expected([0]));
    }

    [Fact]
    public void A_number_that_is_not_there_is_in_no_range()
    {
        Assert.False(new LikeRange(0, 5).Contains(null));
        Assert.True(new LikeRange(0, 5).Contains(5));
        Assert.False(new LikeRange(0, 5).Contains(6));
    }
}
