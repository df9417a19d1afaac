using Floodgate.TimelineService.Oracle;

namespace Floodgate.UnitTests.Timelines;

public sealed class SuspectTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Suspect _suspect = new(user: 1, new OracleOptions { Confirmations = 3, Recheck = TimeSpan.FromSeconds(2), Settle = TimeSpan.FromSeconds(30) });

    [Fact]
    public void What_every_look_shows_counts_from_the_last_confirmation_on()
    {
        Assert.Empty(Look(0, missing: [5]));
        Assert.Empty(Look(2, missing: [5]));
        Assert.Equal([new Suspicion(DifferenceKind.Missing, 5)], Look(6, missing: [5]));
        Assert.Equal([new Suspicion(DifferenceKind.Missing, 5)], Look(14, missing: [5]));
    }

    [Fact]
    public void What_one_look_does_not_show_begins_anew()
    {
        Look(0, missing: [5]);
        Look(2, missing: [5]);
        Look(6);
        Assert.Equal(0, _suspect.Count);
        Assert.Empty(Look(14, missing: [5]));
        Assert.Empty(Look(30, missing: [5]));
        Assert.Single(Look(60, missing: [5]));
    }

    [Fact]
    public void A_post_that_is_missing_at_one_look_and_extra_at_the_next_is_two_suspicions()
    {
        Look(0, missing: [5]);
        Look(2, extra: [5]);
        Assert.Empty(Look(6, extra: [5]));
        Assert.Equal([new Suspicion(DifferenceKind.Extra, 5)], Look(14, extra: [5]));
    }

    [Fact]
    public void The_pauses_double_up_to_the_time_in_which_all_settles()
    {
        var pauses = new List<double>();
        for (var (look, at) = (0, 0.0); look < 6; look++, at = (_suspect.Due - Start).TotalSeconds)
        {
            Look(at, missing: [5]);
            pauses.Add((_suspect.Due - Start).TotalSeconds - at);
        }

        Assert.Equal([2, 4, 8, 16, 30, 30], pauses);
    }

    [Fact]
    public void It_is_settled_once_it_has_been_there_for_so_long()
    {
        Look(0, missing: [5]);
        Look(20, missing: [7, 5]);

        Assert.False(_suspect.IsSettled(new Suspicion(DifferenceKind.Missing, 5), Start.AddSeconds(29)));
        Assert.True(_suspect.IsSettled(new Suspicion(DifferenceKind.Missing, 5), Start.AddSeconds(30)));
        Assert.False(_suspect.IsSettled(new Suspicion(DifferenceKind.Missing, 7), Start.AddSeconds(30)));
        Assert.Equal(5, _suspect.Lowest);
    }

    private IReadOnlyList<Suspicion> Look(double seconds, long[]? missing = null, long[]? extra = null) =>
        _suspect.Look(new TimelineComparison(0, 10, missing ?? [], extra ?? [], [], []), Start.AddSeconds(seconds));
}
