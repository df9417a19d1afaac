using Floodgate.Bench.CommandLine;
using Floodgate.Bench.Consistency;

namespace Floodgate.BenchTests.Consistency;

public sealed class ConsistencyOptionsTests
{
    [Fact]
    public void Without_arguments_everything_is_run_under_every_policy()
    {
        var options = Read();
        Assert.Equal(PolicyName.All.Count, options.Policies.Count);
        Assert.Equal(PartName.All.Count, options.Parts.Count);
    }

    [Fact]
    public void Names_come_in_the_order_of_the_tables() => Assert.Equal("lsn eventual", string.Join(' ', Read("--policies", "eventual,lsn").Policies));

    [Fact]
    public void All_that_is_wrong_is_named_at_once()
    {
        var wrong = Assert.Throws<UsageException>(() => Read("--policies", "best", "--only", "nothing", "--seconds", "1"));
        Assert.Contains("--policies", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("--only", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("--seconds", wrong.Message, StringComparison.Ordinal);
    }

    private static ConsistencyOptions Read(params string[] words) => ConsistencyOptions.Read(Arguments.Parse(words, ConsistencyOptions.All));
}
