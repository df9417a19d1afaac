using Floodgate.Redis;

namespace Floodgate.UnitTests.Redis;

public class RedisGenerationTests
{
    private const string Run = "7ca31e9e1a5c9d8e4f0b2d6a8c1e3f5079bdf024";
    private const string AnotherRun = "0123456789abcdef0123456789abcdef01234567";

    private readonly ManualClock _clock = new();
    private readonly RedisGeneration _generation;

    public RedisGenerationTests() => _generation = new RedisGeneration(_clock);

    [Fact]
    public void It_is_known_once_Redis_and_the_primary_have_answered()
    {
        Assert.Null(_generation.Current);
        _generation.SetRun(Run, losses: 0);
        Assert.Null(_generation.Current);
        _generation.SetEpoch(3, losses: 0);

        Assert.Equal($"3:{Run}", _generation.Current);
    }

    [Fact]
    public void Without_any_epoch_no_patience_makes_it_known()
    {
        _generation.LoseRun();
        _generation.SetRun(Run, losses: 1);
        _clock.Advance(TimeSpan.FromHours(1));

        Assert.Null(_generation.Current);
        Assert.True(_generation.IsEpochAwaited);
    }

    [Fact]
    public void The_epoch_is_fresh_for_as_long_as_one_waits_who_raises_it_from_when_it_was_asked_for()
    {
        Assert.False(_generation.IsEpochFresh);
        var askedAt = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromSeconds(0.5));
        _generation.SetEpoch(3, losses: 0, askedAt);
        _clock.Advance(GenerationWatch.BelievedFor - TimeSpan.FromSeconds(0.5));
        Assert.True(_generation.IsEpochFresh);

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(_generation.IsEpochFresh);

        // An answer that was overtaken by a later one does not make it older.
        _generation.SetEpoch(4, losses: 0, _clock.GetTimestamp());
        _generation.SetEpoch(3, losses: 0, askedAt);
        Assert.True(_generation.IsEpochFresh);
    }

    [Fact]
    public void After_a_loss_it_is_not_known_before_the_epoch_was_asked_for_again()
    {
        Know();
        _generation.LoseRun();
        _generation.SetRun(Run, losses: 1);
        Assert.Null(_generation.Current);
        Assert.True(_generation.IsEpochAwaited);

        _generation.SetEpoch(4, losses: 1);

        Assert.Equal($"4:{Run}", _generation.Current);
        Assert.False(_generation.IsEpochAwaited);
    }

    [Fact]
    public void An_epoch_that_was_asked_for_before_the_loss_does_not_make_it_known()
    {
        Know();
        var losses = _generation.Losses;
        _generation.LoseRun();
        _generation.SetRun(Run, losses: 1);

        _generation.SetEpoch(4, losses);

        Assert.Null(_generation.Current);
        Assert.Equal(4, _generation.Epoch);
    }

    [Fact]
    public void Each_loss_has_the_epoch_asked_for_anew()
    {
        Know();
        _generation.LoseRun();
        _generation.SetEpoch(3, losses: 1);
        _generation.LoseRun();
        _generation.SetRun(Run, losses: 2);

        Assert.Null(_generation.Current);
    }

    [Fact]
    public void Where_the_primary_does_not_answer_for_two_seconds_the_last_epoch_is_used()
    {
        Know();
        _generation.LoseRun();
        _generation.SetRun(Run, losses: 1);
        _clock.Advance(RedisGeneration.Patience - TimeSpan.FromTicks(1));
        Assert.Null(_generation.Current);
        Assert.True(_generation.IsEpochAwaited);

        _clock.Advance(TimeSpan.FromTicks(1));

        Assert.Equal($"3:{Run}", _generation.Current);
        Assert.False(_generation.IsEpochAwaited);
    }

    [Fact]
    public void The_two_seconds_count_from_the_last_loss()
    {
        Know();
        _generation.LoseRun();
        _clock.Advance(RedisGeneration.Patience);
        _generation.LoseRun();
        _generation.SetRun(Run, losses: 2);

        Assert.Null(_generation.Current);
        _clock.Advance(RedisGeneration.Patience);
        Assert.Equal($"3:{Run}", _generation.Current);
    }

    [Fact]
    public void A_run_that_answers_after_the_two_seconds_is_believed_at_once()
    {
        Know();
        _generation.LoseRun();
        _clock.Advance(RedisGeneration.Patience);
        Assert.Null(_generation.Current);

        _generation.SetRun(AnotherRun, losses: 1);

        Assert.Equal($"3:{AnotherRun}", _generation.Current);
    }

    [Fact]
    public void The_epoch_never_falls()
    {
        Know();
        _generation.SetEpoch(2, losses: 0);

        Assert.Equal($"3:{Run}", _generation.Current);
    }

    [Fact]
    public void A_run_that_was_asked_for_before_the_loss_says_nothing()
    {
        Know();
        _generation.LoseRun();
        _generation.SetEpoch(3, losses: 1);

        _generation.SetRun(AnotherRun, losses: 0, evicted: 9);

        Assert.Null(_generation.Run);
        Assert.Null(_generation.Current);
        Assert.Equal(0, _generation.Changes);
        Assert.Equal(0, _generation.Evicted);
    }

    [Fact]
    public void Another_run_is_a_change()
    {
        Know();
        Assert.Equal(0, _generation.Changes);
        _generation.LoseRun();
        _generation.SetRun(AnotherRun, losses: 1);
        Assert.Equal(1, _generation.Changes);

        _generation.SetRun(Run, losses: 1);

        Assert.Equal(2, _generation.Changes);
    }

    [Fact]
    public void The_same_run_and_a_raised_epoch_are_no_change()
    {
        Know();
        _generation.LoseRun();
        _generation.SetRun(Run, losses: 1);
        _generation.SetEpoch(9, losses: 1);

        Assert.Equal($"9:{Run}", _generation.Current);
        Assert.Equal(0, _generation.Changes);
    }

    [Fact]
    public void It_tells_what_Redis_has_evicted_in_this_run()
    {
        _generation.SetRun(Run, losses: 0, evicted: 5);
        Assert.Equal(5, _generation.Evicted);
        _generation.SetRun(Run, losses: 0, evicted: 7);
        Assert.Equal(7, _generation.Evicted);

        _generation.SetRun(AnotherRun, losses: 0, evicted: 0);

        Assert.Equal(0, _generation.Evicted);
    }

    [Theory]
    [InlineData("3:a", "3:a", true)]
    [InlineData("4:a", "3:a", true)]
    [InlineData("10:a", "9:a", true)]
    [InlineData("2:a", "3:a", false)]
    [InlineData("3:b", "3:a", false)]
    [InlineData("4:b", "3:a", false)]
    [InlineData("a", "3:a", false)]
    [InlineData("", "3:a", false)]
    [InlineData(null, "3:a", false)]
    public void What_is_of_the_same_run_and_of_no_older_epoch_is_believed(string? theirs, string mine, bool believed) =>
        Assert.Equal(believed, RedisGeneration.Believes(theirs, mine));

    private void Know()
    {
        _generation.SetRun(Run, losses: 0);
        _generation.SetEpoch(3, losses: 0);
    }
}
