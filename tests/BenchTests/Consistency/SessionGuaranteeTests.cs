using Floodgate.Bench.Consistency.Checking;
using Floodgate.Bench.Consistency.Histories;
using Floodgate.Bench.Gateway;

namespace Floodgate.BenchTests.Consistency;

public sealed class SessionGuaranteeTests
{
    private const int Ann = 0;
    private const int Bob = 1;
    private const int Cid = 2;

    private readonly HandMadeHistory _history = new();

    [Fact]
    public void A_session_that_sees_all_it_wrote_and_read_breaks_nothing()
    {
        var post = _history.Register(Ann);
        _history.Write(Ann, post, 1);
        _history.Read(Ann, post, 1);
        _history.Write(Ann, post, 2);
        _history.Read(Ann, post, 2);
        _history.Read(Bob, post, 1);
        _history.Read(Bob, post, 2);
        Assert.Empty(_history.Broken());
    }

    [Fact]
    public void What_another_session_wrote_may_be_seen_late()
    {
        var post = _history.Register(Ann);
        _history.Write(Ann, post, 1);
        _history.Write(Ann, post, 2);
        _history.Read(Bob, post, 0);
        _history.Read(Bob, post, 1);
        Assert.Empty(_history.Broken());
    }

    [Fact]
    public void A_read_that_misses_the_own_write_breaks_read_your_writes()
    {
        var post = _history.Register(Ann);
        _history.Write(Ann, post, 1);
        _history.Write(Ann, post, 2);
        _history.Read(Ann, post, 1);
        var violation = Assert.Single(_history.Violations());
        Assert.Equal(Guarantee.ReadYourWrites, violation.Guarantee);
        Assert.Equal((Ann, 1, 2), (violation.Session, violation.Seen.Version, violation.Required));
        Assert.Equal(2, Assert.Single(violation.Because).Written.Version);
    }

    [Fact]
    public void A_post_of_ones_own_that_is_not_found_breaks_read_your_writes()
    {
        var post = _history.Register(Ann);
        _history.Write(Ann, post, 1);
        _history.Read(Ann, post, 0);
        Assert.Equal([Guarantee.ReadYourWrites], _history.Broken());
    }

    [Fact]
    public void A_read_that_goes_back_in_time_breaks_monotonic_reads()
    {
        var post = _history.Register(Ann);
        _history.Write(Ann, post, 1);
        _history.Write(Ann, post, 2);
        _history.Read(Bob, post, 2);
        _history.Read(Bob, post, 1);
        var violation = Assert.Single(_history.Violations());
        Assert.Equal(Guarantee.MonotonicReads, violation.Guarantee);
        Assert.Equal(2, Assert.Single(Assert.Single(violation.Because).Seen).Version);
    }

    [Fact]
    public void A_later_write_without_an_earlier_one_of_its_session_breaks_monotonic_writes()
    {
        var first = _history.Register(Ann);
        var second = _history.Register(Ann);
        _history.Write(Ann, first, 1);
        _history.Write(Ann, second, 1);
        _history.Read(Bob, second, 1);
        _history.Read(Bob, first, 0);
        var violation = Assert.Single(_history.Violations());
        Assert.Equal(Guarantee.MonotonicWrites, violation.Guarantee);
        Assert.Equal(3, violation.Because.Count);
    }

    [Fact]
    public void A_write_without_what_its_session_had_read_breaks_writes_follow_reads()
    {
        var question = _history.Register(Ann);
        var answer = _history.Register(Bob);
        _history.Write(Ann, question, 1);
        _history.Read(Bob, question, 1);
        _history.Write(Bob, answer, 1);
        _history.Read(Cid, answer, 1);
        _history.Read(Cid, question, 0);
        Assert.Equal([Guarantee.WritesFollowReads], _history.Broken());
    }

    [Fact]
    public void What_a_write_depends_on_by_way_of_other_writes_counts_too()
    {
        var question = _history.Register(Ann);
        var answer = _history.Register(Bob);
        var comment = _history.Register(Cid);
        _history.Write(Ann, question, 1);
        _history.Read(Bob, question, 1);
        _history.Write(Bob, answer, 1);
        _history.Read(Cid, answer, 1);
        _history.Write(Cid, comment, 1);
        _history.Read(3, comment, 1);
        _history.Read(3, question, 0);
        Assert.Equal([Guarantee.WritesFollowReads], _history.Broken());
    }

    [Fact]
    public void What_a_session_read_after_a_write_is_nothing_that_the_write_depends_on()
    {
        var question = _history.Register(Ann);
        var answer = _history.Register(Bob);
        _history.Write(Bob, answer, 1);
        _history.Write(Ann, question, 1);
        _history.Read(Bob, question, 1);
        _history.Read(Cid, answer, 1);
        _history.Read(Cid, question, 0);
        Assert.Empty(_history.Broken());
    }

    [Fact]
    public void A_write_may_be_seen_before_its_answer_came()
    {
        var first = _history.Register(Ann);
        var second = _history.Register(Ann);
        _history.Write(Ann, first, 1);
        _history.Add(new() { Session = Ann, Kind = OperationKind.Write, Start = 10, End = 40, Written = new(second.Index, 1) });
        _history.Add(new() { Session = Bob, Kind = OperationKind.Read, Start = 20, End = 30, Seen = [new(second.Index, 1)] });
        _history.Read(Bob, first, 0);
        Assert.Equal([Guarantee.MonotonicWrites], _history.Broken());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_write_of_unknown_outcome_may_be_there_or_not(int version)
    {
        var post = _history.Register(Ann);
        _history.Write(Ann, post, 1, Outcome.Unknown);
        _history.Read(Ann, post, version);
        _history.Read(Bob, post, version);
        Assert.Empty(_history.Broken());
    }

    [Fact]
    public void A_write_of_unknown_outcome_that_was_seen_stays()
    {
        var post = _history.Register(Ann);
        _history.Write(Ann, post, 1, Outcome.Unknown);
        _history.Read(Ann, post, 1);
        _history.Read(Ann, post, 0);
        Assert.Equal([Guarantee.MonotonicReads], _history.Broken());
    }

    [Fact]
    public void A_write_of_unknown_outcome_is_nothing_that_a_later_one_depends_on()
    {
        var first = _history.Register(Ann);
        var second = _history.Register(Ann);
        _history.Write(Ann, first, 1, Outcome.Unknown);
        _history.Write(Ann, second, 1);
        _history.Read(Bob, second, 1);
        _history.Read(Bob, first, 0);
        Assert.Empty(_history.Broken());
    }

    [Fact]
    public void A_refused_read_says_nothing()
    {
        var post = _history.Register(Ann);
        _history.Write(Ann, post, 1);
        _history.Read(Ann, post, 0, Outcome.Refused);
        Assert.Empty(_history.Broken());
    }

    [Fact]
    public void A_version_that_nobody_wrote_is_reported()
    {
        var post = _history.Register(Ann);
        _history.Write(Ann, post, 1);
        _history.Read(Bob, post, 2);
        Assert.Equal([Guarantee.OnlyWhatWasWritten], _history.Broken());
    }

    [Fact]
    public void A_write_that_was_turned_away_and_is_there_is_reported()
    {
        var post = _history.Register(Ann);
        _history.Write(Ann, post, 1, Outcome.Refused);
        _history.Read(Bob, post, 1);
        Assert.Equal([Guarantee.OnlyWhatWasWritten], _history.Broken());
    }

    [Fact]
    public void A_session_that_took_over_the_token_of_another_sees_what_that_one_wrote_and_read()
    {
        var mine = _history.Register(Ann);
        var other = _history.Register(Cid);
        _history.Write(Ann, mine, 1);
        _history.Write(Cid, other, 1);
        _history.Read(Ann, other, 1);
        _history.Adopt(Bob, from: Ann);
        _history.Read(Bob, mine, 0);
        _history.Read(Bob, other, 0);
        Assert.Equal([Guarantee.ReadYourWrites, Guarantee.MonotonicReads], _history.Broken());
    }

    [Fact]
    public void What_a_session_did_after_its_token_was_taken_over_does_not_count_for_the_other()
    {
        var post = _history.Register(Ann);
        _history.Adopt(Bob, from: Ann);
        _history.Write(Ann, post, 1);
        _history.Read(Bob, post, 0);
        Assert.Empty(_history.Broken());
    }

    [Fact]
    public void The_explanation_names_every_operation_of_the_proof()
    {
        var question = _history.Register(Ann);
        var answer = _history.Register(Bob);
        _history.Write(Ann, question, 1);
        _history.Read(Bob, question, 1);
        _history.Write(Bob, answer, 1);
        _history.Read(Cid, answer, 1);
        _history.Read(Cid, question, 0);
        var lines = Assert.Single(_history.Violations()).Explain(0, 1).Split('\n');
        Assert.Equal("WritesFollowReads: session 2 read r0v0, where version 1 was due", lines[0]);
        Assert.Equal(
            "session 1 read r0v1, session 1 wrote r1v1, session 2 read r1v1, session 2 read r0v0",
            string.Join(", ", lines[1..].Select(line => line[line.IndexOf("session", StringComparison.Ordinal)..])));
    }
}
