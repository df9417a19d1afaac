using Floodgate.Bench.Measuring;
using Floodgate.Bench.Timelines;

namespace Floodgate.BenchTests.Timelines;

public sealed class TimelinesReportTests
{
    [Fact]
    public void The_longest_bar_is_that_of_the_largest_value()
    {
        var chart = TextChart.Draw([("10", 5), ("1,000", 10), ("100", 0)], "ms");

        Assert.Equal(["   10 |" + new string('#', 25) + " 5.0 ms", "1,000 |" + new string('#', 50) + " 10.0 ms", "  100 | 0.0 ms"], chart);
        Assert.Empty(TextChart.Draw([], "ms"));
    }

    [Fact]
    public void A_goal_that_is_not_met_is_said_and_is_no_fault()
    {
        var report = new TimelinesReport(new TimelinesOptions(), [Result(met: false)]);

        Assert.True(report.IsGood);
        Assert.Contains("| pages of ids | 100 pages/s |  | 30,000 pages/s | NOT MET |", report.ToMarkdown(), StringComparison.Ordinal);
        Assert.Contains("## A table\n", report.ToMarkdown(), StringComparison.Ordinal);
        Assert.Contains("```\n1 | 1.0 ms\n```\n", report.ToMarkdown(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_post_that_is_missing_is_a_fault()
    {
        var result = Result(met: true);
        result.Faults.Add("A post is missing.");
        var report = new TimelinesReport(new TimelinesOptions(), [result]);

        Assert.False(report.IsGood);
        Assert.Contains("- FAULT: A post is missing.\n", report.ToMarkdown(), StringComparison.Ordinal);
    }

    private static PartResult Result(bool met)
    {
        var result = new PartResult { Chart = ["1 | 1.0 ms"] };
        result.Summary.Add(new SummaryLine("pages of ids", "100 pages/s", "", "30,000 pages/s", met));
        result.Tables.Add(new ReportTable("A table", "a", "b"));
        return result;
    }
}
