using Floodgate.Bench.CommandLine;
using Floodgate.Bench.Timelines;

namespace Floodgate.BenchTests.Timelines;

public sealed class TimelinesOptionsTests
{
    [Fact]
    public void Without_arguments_every_part_runs_up_to_a_million_followers()
    {
        var options = Read();

        Assert.Equal(PartName.All, options.Parts);
        Assert.Equal(1_000_000, options.Largest);
        Assert.Equal(1, options.Seed);
    }

    [Fact]
    public void Parts_come_in_the_order_in_which_they_run()
    {
        var options = Read("--only", "bytes,limit");

        Assert.Equal([PartName.Limit, PartName.Bytes], options.Parts);
        Assert.True(options.Has(PartName.Stage, PartName.Bytes));
        Assert.False(options.Has(PartName.Stage, PartName.Ids));
    }

    [Fact]
    public void All_wrong_arguments_are_named_at_once()
    {
        var wrong = Assert.Throws<UsageException>(() => Read("--only", "writes", "--largest", "9", "--markdown", "no-such-folder/x.md"));

        Assert.Contains("there is no part 'writes'", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("--largest: '9'", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("there is no folder", wrong.Message, StringComparison.Ordinal);
    }

    private static TimelinesOptions Read(params string[] words) => TimelinesOptions.Read(Arguments.Parse(words, TimelinesOptions.All));
}
