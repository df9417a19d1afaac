using System.Text;
using Floodgate.VisibleValues;

namespace Floodgate.UnitTests.Counters;

public sealed class ShownValueTests
{
    private const string Known = "7:run";

    [Theory]
    [InlineData("7:run|12", 12L)]
    [InlineData("7:run|0", 0L)]
    [InlineData("7:run|-3", -3L)]
    [InlineData("8:run|12", 12L)]
    [InlineData("10:run|9223372036854775807", long.MaxValue)]
    public void What_was_written_under_this_generation_or_a_newer_one_of_the_same_run_is_shown(string text, long sum) => Assert.Equal(sum, Read(text));

    [Theory]
    [InlineData("6:run|12")]
    [InlineData("7:nur|12")]
    [InlineData("8:nur|12")]
    [InlineData("7:runs|12")]
    [InlineData("7:ru|12")]
    public void What_was_written_under_an_older_one_or_in_another_run_is_not(string text) => Assert.Null(Read(text));

    [Theory]
    [InlineData("")]
    [InlineData("|")]
    [InlineData("|12")]
    [InlineData("12")]
    [InlineData("7:run")]
    [InlineData("7:run|")]
    [InlineData("7:run|x")]
    [InlineData("7:run|12x")]
    [InlineData("7:run|9223372036854775808")]
    public void What_is_no_sum_is_not(string text) => Assert.Null(Read(text));

    private static long? Read(string text) => new ShownValue(Known).Read(Encoding.ASCII.GetBytes(text));
}
