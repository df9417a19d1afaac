using Floodgate.ReadRouter.Canaries;
using Floodgate.Sessions;

namespace Floodgate.UnitTests.ReadRouter;

public sealed class CanarySessionTests
{
    private static readonly TimelineHistory Line = new(1, []);

    private readonly CanarySession _session = new();

    [Fact]
    public void What_was_written_and_more_is_good()
    {
        Write(1, at: 10);

        Assert.Equal(CanaryOutcome.Good, Read(1, at: 10));
        Assert.Equal(CanaryOutcome.Good, Read(5, at: 30));
        Assert.Equal(Cluster.At(30), _session.Position);
    }

    [Fact]
    public void Less_than_was_written_is_a_violation_and_so_is_no_row_at_all()
    {
        Write(1, at: 10);
        Write(2, at: 20);

        Assert.Equal(CanaryOutcome.Violation, Read(1, at: 20));
        Write(3, at: 30);
        Assert.Equal(CanaryOutcome.Violation, Read(null, at: 30));
    }

    [Fact]
    public void Less_than_was_read_is_a_violation_also_of_a_write_whose_outcome_was_unknown()
    {
        Write(1, at: 10);
        _session.Writes();

        Assert.Equal(CanaryOutcome.Good, Read(2, at: 20));
        Assert.Equal(CanaryOutcome.Violation, Read(1, at: 20));
    }

    [Fact]
    public void What_a_failover_lost_is_none_and_the_session_goes_on_from_what_is_there()
    {
        Write(1, at: 10);
        Write(2, at: 20);

        Assert.Equal(CanaryOutcome.Lost, _session.Read(1, Cluster.At(15, timeline: 2), mayBeLost: true, Line));
        Assert.Equal(Cluster.At(15, timeline: 2), _session.Position);
        Assert.Equal(CanaryOutcome.Good, Read(1, at: 15));
        Assert.Equal(3, _session.Next);
    }

    private void Write(long value, ulong at)
    {
        Assert.Equal(value, _session.Next);
        _session.Writes();
        _session.Wrote(value, Cluster.At(at), Line);
    }

    private string Read(long? value, ulong at) => _session.Read(value, Cluster.At(at), mayBeLost: false, Line);
}
