using Floodgate.Bench.Consistency.Histories;
using Floodgate.Bench.Consistency.Load;

namespace Floodgate.BenchTests.Consistency;

public sealed class RegisterTextTests
{
    private readonly RegisterText _text = new("run-1");

    [Fact]
    public void What_is_written_is_read() => Assert.Equal(new RegisterVersion(12, 3), _text.Read(_text.Write(new RegisterVersion(12, 3))));

    [Theory]
    [InlineData("hello")]
    [InlineData("run-2 12 3")]
    [InlineData("run-1 12")]
    [InlineData("run-1 12 x")]
    [InlineData("run-1 12 3 4")]
    public void A_post_of_others_is_no_register(string text) => Assert.Null(_text.Read(text));
}
