using Floodgate.TimelineService.Input;

namespace Floodgate.UnitTests.Timelines;

public sealed class TextInputTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("12345")]
    [InlineData("😀😀😀😀😀")]
    public void A_text_is_measured_in_code_points(string text) => Assert.Null(TextInput.FindFault(text, 5));

    [Theory]
    [InlineData(null, "required")]
    [InlineData("", "required")]
    [InlineData("123456", "at most 5")]
    [InlineData("😀😀😀😀😀😀", "at most 5")]
    [InlineData("a\0b", "U+0000")]
    public void A_text_that_PostgreSQL_could_not_store_is_refused(string? text, string says) =>
        Assert.Contains(says, TextInput.FindFault(text, 5), StringComparison.Ordinal);

    // Not as data of a theory: attributes are stored as UTF-8, which cannot hold these.
    [Fact]
    public void A_text_that_is_not_Unicode_is_refused()
    {
        foreach (var text in new[] { "a\ud800", "\udc00a", "\ud800\ud800", "\udc00\ud800" })
        {
            Assert.Contains("Unicode", TextInput.FindFault(text, 5), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_lone_surrogate_past_the_limit_is_too_long_first() =>
        Assert.Contains("at most", TextInput.FindFault(new string('a', 5) + "\ud800", 5), StringComparison.Ordinal);
}
