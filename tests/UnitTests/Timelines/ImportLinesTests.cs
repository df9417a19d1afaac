using System.IO.Pipelines;
using System.Text;
using Floodgate.Problems;
using Floodgate.TimelineService.Import;

namespace Floodgate.UnitTests.Timelines;

public sealed class ImportLinesTests
{
    [Fact]
    public async Task Lines_are_read_with_any_line_end_and_without_a_last_one()
    {
        var lines = await ReadAsync("1 ann\n2 bob b.\r\n\n3\tzoë"u8.ToArray());

        Assert.Equal([new ImportLine(1, 1, "ann"), new ImportLine(2, 2, "bob b."), new ImportLine(4, 3, "zoë")], lines);
    }

    [Theory]
    [InlineData("1 ann\nx bob", "Line 2 does not begin with an id")]
    [InlineData("1", "Line 1 does not begin with an id")]
    [InlineData("0 ann", "Line 1 does not begin with an id")]
    [InlineData("-1 ann", "Line 1 does not begin with an id")]
    [InlineData("9007199254740992 ann", "Line 1 does not begin with an id")]
    public async Task A_bad_line_is_named(string body, string says)
    {
        var error = await Assert.ThrowsAsync<InvalidInputException>(() => ReadAsync(Encoding.UTF8.GetBytes(body)));

        Assert.StartsWith(says, error.Message, StringComparison.Ordinal);
        Assert.Equal("body", error.Field);
    }

    [Fact]
    public async Task Bytes_that_are_not_UTF_8_are_refused() =>
        Assert.StartsWith(
            "Line 1 is not valid UTF-8",
            (await Assert.ThrowsAsync<InvalidInputException>(() => ReadAsync([(byte)'1', (byte)' ', 0xff]))).Message,
            StringComparison.Ordinal);

    [Fact]
    public async Task A_line_without_end_is_refused_before_it_fills_the_memory() =>
        Assert.StartsWith(
            "Line 2 is too long",
            (await Assert.ThrowsAsync<InvalidInputException>(() => ReadAsync(Encoding.UTF8.GetBytes("1 a\n2 " + new string('a', 5000))))).Message,
            StringComparison.Ordinal);

    private static async Task<List<ImportLine>> ReadAsync(byte[] body)
    {
        var lines = new List<ImportLine>();
        await foreach (var line in ImportLines.ReadAsync(PipeReader.Create(new MemoryStream(body)), TestContext.Current.CancellationToken))
        {
            lines.Add(line);
        }

        return lines;
    }
}
