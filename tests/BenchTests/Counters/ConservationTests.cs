using Floodgate.Bench.Counters;
using Floodgate.Bench.Counters.Load;

namespace Floodgate.BenchTests.Counters;

public sealed class ConservationTests
{
    [Theory]
    [InlineData(3, 0, 3, null)]
    [InlineData(3, 0, 2, "1 acknowledged writes are LOST")]
    [InlineData(3, 0, 4, "1 writes are counted TWICE")]
    [InlineData(3, 2, 3, null)]
    [InlineData(3, 2, 5, null)]
    [InlineData(3, 2, 2, "LOST")]
    [InlineData(3, 2, 6, "TWICE")]
    public void What_is_there_must_be_what_was_acknowledged(int acknowledged, int unknown, int total, string? fault)
    {
        var load = new LoadResult();
        for (var i = 0; i < acknowledged; i++) load.Answered(new HttpAnswer(202, 100, HasNumber: true), TimeSpan.FromMilliseconds(1), inTime: true);
        for (var i = 0; i < unknown; i++) load.Failed(503);
        load.Failed(429);

        var faults = Conservation.Faults("likes", load, new Dictionary<string, long>(StringComparer.Ordinal) { ["slots"] = total, ["visible"] = acknowledged }).ToList();

        if (fault is null) Assert.Empty(faults);
        else Assert.Contains(fault, Assert.Single(faults), StringComparison.Ordinal);
    }
}
