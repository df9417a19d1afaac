using System.Text;
using Floodgate.Bench.Measuring;

namespace Floodgate.BenchTests.Measuring;

public sealed class ReportTableTests
{
    [Fact]
    public void Markdown_has_a_heading_aligned_columns_and_no_broken_cells()
    {
        var table = new ReportTable("Calls", "call", "sent", "p50");
        table.Add("a|b", 12_345, TimeSpan.FromMilliseconds(2.5));
        var text = new StringBuilder();
        table.WriteMarkdown(text);

        Assert.Equal("## Calls\n\n| call | sent | p50 |\n|---|---:|---:|\n| a\\|b | 12,345 | 2.5 ms |\n\n", text.ToString());
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.25, "250 µs")]
    [InlineData(45.4, "45 ms")]
    [InlineData(1_500, "1.5 s")]
    [InlineData(150_000, "2.5 min")]
    [InlineData(259_200_000, "72.0 h")]
    public void A_duration_has_the_unit_that_reads_best(double milliseconds, string text)
    {
        Assert.Equal(text, ReportTable.Text(TimeSpan.FromMilliseconds(milliseconds)));
    }
}
