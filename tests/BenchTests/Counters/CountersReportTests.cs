using Floodgate.Bench.Counters;
using Floodgate.Bench.Counters.Load;
using Floodgate.Bench.Measuring;

namespace Floodgate.BenchTests.Counters;

public sealed class CountersReportTests
{
    [Fact]
    public void Ratios_are_of_the_medians_and_goals_say_whether_they_are_met()
    {
        var text = Report([]).ToMarkdown();

        // 950 over 10 and over 1,000.
        Assert.Contains("| e | 0.48 | 95.0 | – | 0.95 |", text, StringComparison.Ordinal);
        Assert.Contains("Goal e ≥ 50.0 × b: 95.0 × – met.", text, StringComparison.Ordinal);
        Assert.Contains("Goal e ≥ 0.9 × c: 0.95 × – met.", text, StringComparison.Ordinal);
        Assert.Contains("Goal cost on 1 key ≤ cost on 10,000 (within 10 %): 2.00 × – NOT MET.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_goal_that_is_not_met_is_no_fault_and_a_lost_write_is()
    {
        Assert.True(Report([]).IsGood);
        var faulty = Report(["likes: 1 acknowledged writes are LOST"]);
        Assert.False(faulty.IsGood);
        Assert.Contains("FAULT: likes: 1 acknowledged writes are LOST", faulty.ToMarkdown(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_client_is_no_part_of_the_cost()
    {
        var figures = Figures(PhaseName.Plain, serverSeconds: 2, 1000);

        Assert.Equal(2, figures.Cost, 6);
        Assert.Equal(2000, figures.CostOf("counter"), 6);
        Assert.Equal(5000, figures.CostOf(CountersSystem.Client), 6);
    }

    private static CountersReport Report(IReadOnlyList<string> faults) => new(
        new CountersOptions(),
        [
            Figures(PhaseName.Bare, 1, 2000), Figures(PhaseName.Update, 1, 10), Figures(PhaseName.Increment, 1, 1000),
            Figures(PhaseName.Plain, 2, 10, 950, 5000), Figures("e-10000", 1, 1000),
        ],
        faults);

    private static PhaseFigures Figures(string name, double serverSeconds, params int[] rates)
    {
        var figures = new PhaseFigures(name, name);
        foreach (var rate in rates)
        {
            var load = new LoadResult { Duration = TimeSpan.FromSeconds(1) };
            for (var i = 0; i < rate; i++) load.Answered(new HttpAnswer(202, 100, HasNumber: true), TimeSpan.FromMilliseconds(2), inTime: true);
            var used = new Dictionary<string, double>(StringComparer.Ordinal) { ["counter"] = serverSeconds * rate / 1000, [CountersSystem.Client] = 5.0 * rate / 1000 };
            figures.Add(load, new ProcessorSample(used, 100));
        }

        return figures;
    }
}
